"""A self-hosted room chat: every message is stored before anyone sees it.

This is the map; imports point down it, and import-linter holds them to that.

    factory      create_app(settings): the only wiring
    cli          the program `chat`: run, node, worker, terminal, backup, restore
    settings     the environment, read once
    gateway      the socket edge: peers on talk on delivery on wire
    web          the HTTP edge: pages, session, history and send over REST, health
    jobs         the time edge (Celery): cleanup
    client       the Python client, a program of its own beside the three edges
    access       what a room holds, given out without its turn
    identity     tokens, revocation
    protocol     the wire types of both dialects
    limits       how much is too much
    store        what survives: leases, journal, history, sessions, users
    relay        carries commands and deliveries between nodes
    rooms        what a room is and does, plain Python
    kernel       durable objects: router, node, activation, mailbox, lease, ports
    runtime      the only module that knows eventlet
    metrics      what is counted
    logs         one JSON object a line
    places       where templates and the pages' files lie
    private      what only the chat's own account may read
    output       lines to a pipe that perhaps nobody reads
    supervisor   starts programs again when they end; restarts: how often it has
    errors       the tree of refusals with their wire codes

A message goes gateway, kernel, rooms, store, gateway: decide, store, broadcast, reply.
"""

__version__ = "0.1.0"  # here and nowhere else: the package takes it from this line
