"""Attendance: who comes, stays, goes and is told of it, and under which names. Begin with ``aspect``."""
