"""The fault suite: real nodes, real databases and real sockets, broken on purpose and then read.

`make faults`, or `python -m faults F6 F13`. Every run records what was said, acked and heard, and
what the database holds at the end; the checker reads it, and no invariant may be broken. A run in
which the fault never bit is a failure too: it has shown nothing.

history       what happened, as values
checker       the invariants: reads a history, and names what is broken
checks/       what it asks, as functions over a history, by subject
forgotten     one more, about files: what has expired is in none of them
remains       words that can be found again in whatever file holds a piece of them
recorder      writes the history, from the clients' sockets
stored        reads into it what is in the database at the end
person, crowd     people who follow the rules of the protocol while everything breaks
second_thoughts   what they change of what they have said
latecomers    who read a room's past while news of it is late
pulse         somebody who sends all the time, and notes how long each ack took
proxy         a TCP proxy for cuts, black holes and half-open connections
failpoints    places in a node where it can be made to crash, stop, sleep, fail or lose its database
broken        builds with one promise-keeper taken out: what the suite must notice
broken_crowd  the same of the people's client
node, worker  the programs of the product, with the two above
processes, databases, topology   what is started, and how it is ended
scenarios/    F1 to F29, a small file each
report        the table, the JSON, docs/faults.md
"""
