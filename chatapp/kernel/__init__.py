"""Durable objects: one living, single-threaded instance of a room, somewhere, with storage.

A command travels ``router`` → ``mailbox`` → ``activation``; the activation's ``tenure`` of the room
gives its ``durable_object`` a turn, has it committed, and only then lets its effects out. What is said
to ``remote_rooms`` goes by a ``route`` to the node that owns them, where it is ``inbound``.
``node`` holds the activations of this process, lets the ready ones share a transaction, puts
the idle ones to sleep, and knows from ``lease`` whether it may still speak for them.

The kernel knows that rooms exist, not what they do, and touches the world only by ``ports``.
"""
