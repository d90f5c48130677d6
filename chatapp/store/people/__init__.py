"""People: who they are, what they left in a room, and by which names.

users     the guests, and whether their token still counts
sessions  with attachments; how far one has read
names     whose a name is in a room
mentions  who is called by which message
"""
