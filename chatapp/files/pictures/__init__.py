"""Pictures, decoded and written anew: upright, in sRGB, with nothing in them but what one sees.

A decoder of pictures is a large machine that strangers may feed. So it runs in a process of its own, which
gets the bytes by a pipe, gives back what it made by another, and may neither open, send, start nor take
much of anything: nothing of it ever lies in a file.

process   the outer side: starts one and talks with it    confine    what it may take and do
__main__  the inner side, from bytes to bytes             opening    how large is it? asked before decoding
answer    what the two say to each other                  colours    sRGB, eight bits, upright
bounds    how much is too much                            writing    still and moving, thumbnails, placeholder
"""
