"""The socket edge: Socket.IO and the original system's plain WebSocket, over one transport.

engine      Flask-SocketIO, wired to what is below    namespace     who is let in
doorway     what a request must be                    conversation  what a client may say
gate        the way in for every packet               original      the plain dialect
transport   Engine.IO over our WebSocket              connections   who is on the line
listeners   who is in which room, and the fast path   lines         what carries them
websocket   sending, lagging, closing                 audience      who listens to a room
gauges      what a scrape finds here
frames, handshake, packets                            bytes and text, without sockets
"""
