"""Access: the one place that gives out what a room holds without the room's turn.

archive     what the log knows: pages of history, look-ups, heads, what a page opens with

The sockets, the pages and REST all come here, and nothing here knows of them.
"""
