"""What nodes say to each other, over Redis: a hint, never an authority.

``peer_messages`` are what is said, ``codec`` is how it looks on the way, ``resp`` is Redis' own language,
``link`` the connection that comes back by itself, and ``redis_relay`` the kernel's ``Relay`` made of
them. A peer message arrives at most once and in the order of sending, or not at all. Whoever needs more
asks the database.
"""
