"""Peers: the other nodes, heard and told.

inbox            peer messages, each to whom it is for
reconciliation   what is known here of rooms that others own, compared with the database and with them
shared_limits    what was used up here and there, for the limits
"""
