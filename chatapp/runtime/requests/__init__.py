"""Requests: read as RFC 9112 has them, and no other way.

gathering      what has come of one, until it is whole
heads, chunks  what it is made of
streaming      what an application has to do with a long body
requests       what can be seen and done about a request's own connection
no_place       the no to a connection that has no place
"""
