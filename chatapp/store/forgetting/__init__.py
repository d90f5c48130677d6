"""Forgetting: what the alarm does in the database, and the room on the disk that it needs for that.

expiry      the statements, each a small part of a transaction
silence     rooms in which nothing was ever said
forgetting  how what has expired leaves the files too
anew        on SQLite a table of names gives its place to a copy; copy_schema: what that is made by
replacing   on PostgreSQL a table of texts does
space       SQLite's free pages go back to the disk
reserve     what only the cleanup may use of it
"""
