"""Bounds: what the process has only so much of.

bounds       how much is kept of connections that do not talk to the application
shares       how much of it one address may hold
descriptors  how many there may be, and when they are short
"""
