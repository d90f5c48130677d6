"""Talk: who is let in, what they may say, where it goes, and how they leave.

namespace            Socket.IO's way in
credentials          what a client shows on connecting
conversation         what it may say
joined_rooms         its coming to rooms and going
original             the plain dialect; original_route: its way in
eviction             a device that comes back, over its count
forced_disconnects   the ends that the server decides
"""
