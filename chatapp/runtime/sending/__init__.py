"""Sending: what goes out, in order, without anybody waiting for it.

stream        a connection after HTTP; outflow: what goes out over it, in one write a turn
shared_bytes  what many are sent at the same time; pump: the thread that sends what is long
"""
