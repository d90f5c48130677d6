"""The wire: from bytes of a client to its packets, and from what it is sent to bytes.

frames      RFC 6455, as pure bytes                  engine        Flask-SocketIO, wired to what is here
handshake   what may become a WebSocket              doorway       what a request of Engine.IO must be
incoming    what one client sends, in its order      gate          the way in for every packet
websocket   sending, lagging, closing                listeners     who is in which room, and the fast path
plain       a WebSocket without Engine.IO            fanout        one thing to many, in slices
transport   Engine.IO over our WebSocket             heartbeat     is anybody still there
polling     Engine.IO without one                    quiet         few lines about what strangers send
packets     Socket.IO's packets as text              memory_bound, large_answers   what a node can hold
"""
