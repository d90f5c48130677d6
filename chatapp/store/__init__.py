"""What survives: SQLAlchemy Core over SQLite or PostgreSQL.

``models`` has the tables, ``engine`` a thread's own connection. ``leases``, ``journal`` and
``nodes`` are what a room's owner stands on, ``history``, ``sessions`` and ``users`` what is read,
``alarms`` and ``expiry`` what forgets. ``store`` puts them together for one thread, ``threaded``
for a web node; ``migrations`` makes the tables.
"""
