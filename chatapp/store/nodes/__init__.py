"""Nodes: which processes live, by what proof, and who of them runs what is due.

nodes   one row a process, renewed by its heartbeat
proof   a lock that a node holds for as long as its process lives
alarms  who runs what is due, and when it is due again
"""
