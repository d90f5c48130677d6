"""Talk: who is let in, what they may say, where it goes, and how they leave.

namespace   Socket.IO's way in                       conversation  what a client may say
credentials what it shows on connecting              stays         its coming to rooms and going
original    the plain dialect                        departures    the goings that the server decides
original_route                                       successors    a device that comes back, over its count
"""
