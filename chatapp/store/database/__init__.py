"""The database underneath: SQLite or PostgreSQL, and a way into it for each thread.

engine       a thread's own way in: one connection, kept open, in short transactions
address      what DATABASE_URL says; sqlite, postgresql: what each connection is told; pool
databases    of threads: made on the hub, watched from there, closed at the end; deadline
failures     what a failed statement means
bulk, pages  many rows with one statement, and long lists of ids read a page at a time
database_id  which database this is
"""
