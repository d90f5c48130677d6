"""Peers: the other nodes, heard and told.

inbox           peer messages, each to whom it is for
rounds          what this node does for its people in rooms that others own
shared_limits   what was used up here and there, for the limits
"""
