"""Talk: who is let in, what they may say, where it goes, and how they leave.

namespace            Socket.IO's way in; credentials: what a client shows on connecting
conversation         what it says, handed to the aspect that handles it
aspect               what they have in common:
                     attendance, messages, changing, reacting (gathered_reactions: of a second, together),
                     reading, attachments, joining, as in ``chatapp.rooms``; search and pings
joined_rooms         a connection's coming to rooms and going
original             the plain dialect; original_route: its way in
eviction             a device that comes back, over its count
forced_disconnects   the ends that the server decides
"""
