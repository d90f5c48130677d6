"""Access: the one place that gives out what a room holds without the room's turn.

access      what can be asked: pages of history, searches, look-ups, heads, openings, who is here, unread
history     one reading for everybody who waits for the same page
searching   who searches when, and until when
reading     straight from storage, and every answer a value or a refusal
files       a file, or a thumbnail: looked up each time that somebody asks for it
serving     what they get of it, and who

The sockets, the pages and REST all ask here, and nothing here knows of them. Whoever may not see a room
will be refused here, as they are by the room itself in its turn.
"""

from chatapp.access.access import Access
from chatapp.access.files import FileAccess
from chatapp.access.reading import Answer
from chatapp.access.serving import Served
from chatapp.store.leases import LeaseState
from chatapp.store.people.sessions import RoomOf

__all__ = ["Access", "Answer", "FileAccess", "LeaseState", "RoomOf", "Served"]
