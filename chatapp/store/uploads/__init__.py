"""The files of rooms, as rows: their bytes lie elsewhere.

uploads  from before their first byte on
quotas   what people, networks and rooms may have, and how a new one begins
binding  how they come to a message, and go from it
life     what becomes of one once it is whole
"""
