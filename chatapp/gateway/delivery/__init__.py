"""Delivery: what a room says, encoded once and sent once to everybody who listens to it.

audience    who listens to a room, here              pieces        what is sent, once per dialect
listening   one such room, and how far it is heard   outposts      the other nodes that listen
gaps        what did not arrive, from the log        connections   who is on the line
gauges      what a scrape finds                      lines         what carries them
"""
