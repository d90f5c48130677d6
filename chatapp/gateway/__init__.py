"""The socket edge: Socket.IO and the original system's plain WebSocket, over one transport.

wire        bytes and connections: frames, both transports, Socket.IO as this system wants it
delivery    what rooms say, to everybody here and on other nodes who listens to them
talk        who is let in, what a client may say, and how its connection ends
peers       what this node hears from the others, and does for its people in their rooms

Imports point up this list: wire knows none of the others, and import-linter holds them to that.
"""
