"""The benchmark: what the chat does on one core, beside peers that do less on the same core.

`make bench`, or `python -m bench W2 W6 --seconds 4 --runs 3`. It measures and prints; it is no test.

wire        frames and packets as bytes, both ways
connection  one client: let in by the server, then heard to the letter or only counted
crowd       all clients of a run, turned by one epoll loop; the load generator
ledger      what a run must agree on before its figures count
servers     the chat and its peers, as processes on a core of their own
guests, past    people and rooms written into the database before a clock starts
workloads/  W1 to W18, FAIR and SOAK, a small file each
figures     medians, spread, ratios, and whether a target is met
report      the table, the JSON, the plot
peers/      stock Flask-SocketIO, and Socket.IO under Node; neither stores anything
"""
