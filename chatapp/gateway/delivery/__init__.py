"""Delivery: what a room says, encoded once and sent once to everybody who listens to it.

audience            who listens to a room, here
listening           one such room, and how far it is heard
local_delivery      how they are told
gaps                what did not arrive, from the log
remote_audiences    the other nodes that listen, and what they are told
encoded_updates     what is sent, once per dialect
connections         who is connected
recipients          how each is written to and ended
gauges              what a scrape finds
"""
