"""The log of a room: how it is written, read and searched.

journal                        where the decisions of all rooms that are ready become true, in one transaction
changes                        what becomes of messages, behind the events of a commit
history                        pages of a log, and what else is asked of it
log, told                      its rows, as they are when they are read
texts, reactions               what belongs to a row and lies elsewhere
search, stretches, candidates  without an index
"""
