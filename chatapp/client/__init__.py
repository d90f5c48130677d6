"""A small client in Python: for a terminal (`chat terminal`), for bots, for the tests.

    chat           `ChatClient`, all that one needs
    joined_rooms   the rooms of one client, over all its connections
    room           one room: joins, and hands what comes to its aspects (their form: aspect)
    messages       log, ranges: nothing twice, nothing missing unnoticed, always in order
                   changes, quotes: what becomes of a message after it was said; mentions: whom it calls
                   outbox: nothing lost, nothing doubled; drafts: over the end of the program
                   outgoing_files, uploader, uploads: files on their way to the server
    attendance     presence: who is here, and who is typing
    reading        how far one has read; search: what was said
    reconnect      when to try again
    connection     one socket after the other; wire_socket: one of them
    turns          one thing at a time
    http           one request, and its answer

The machines are pure and held to the same test vectors as the page's.
"""

from chatapp.client.chat import ChatClient
from chatapp.client.drafts import DraftsInFile, DraftsInMemory
from chatapp.client.outgoing_files import FileToSend
from chatapp.client.room import ClientRoom
from chatapp.client.sign_in import Refused, call, sign_in

__all__ = [
    "ChatClient",
    "ClientRoom",
    "DraftsInFile",
    "DraftsInMemory",
    "FileToSend",
    "Refused",
    "call",
    "sign_in",
]
