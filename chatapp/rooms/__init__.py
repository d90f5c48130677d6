"""What a room is and does, in plain Python: no sockets, no SQL, no clock.

Read ``commands`` (what can be said to a room), ``events`` (what it says happened) and then
``room`` (how the one becomes the other).
"""
