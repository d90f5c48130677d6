"""The hub, and what is around it in the process.

hub                    eventlet's, with turns that have a bounded length and an end
scheduler, turns       what runs next, what runs later, and how many share a turn
threads, wakeup        what blocks, and how the hub hears of its end; dial: calling another server
signals                the first asks the node to finish, the second ends it
interpreter, memory    how Python itself is set, and what it has taken
"""
