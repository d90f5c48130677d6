"""What survives: SQLAlchemy Core over SQLite or PostgreSQL. Each folder stands on those named behind it.

threaded    the store as the hub sees it; store: the whole of it, as one thread has it
backup      a copy of a database, and one put in its place
nodes       which processes live, and who of them runs what is due
log         what was said: written, read and searched
forgetting  what the alarm does
people      who they are, what they left in a room, and by which names
uploads     the files of rooms, as rows
leases      the room lock: who may act for a room
database    SQLite or PostgreSQL, and a way into it for each thread

``models`` has the tables, ``migrations`` make them; ``parts`` is what a part of the store answers and keeps,
``traces`` says from which tables something was taken.
"""
