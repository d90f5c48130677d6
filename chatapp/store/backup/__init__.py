"""Backup: a copy made while a database is used, and one that is put in its place.

copies   of a SQLite database
renewal  what must change in a database that was brought back
"""
