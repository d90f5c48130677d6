"""The wire: from bytes of a client to its packets, and from what it is sent to bytes.

engine            Flask-SocketIO, wired to what is here
request_checks    what a request of Engine.IO must be
packet_dispatch   the way in for every packet
listeners         who is in which Socket.IO room, and the fast path out
fanout            one thing to many, in slices
transport         Engine.IO over our WebSocket; polling: without one
plain             a WebSocket without Engine.IO
websocket         sending, lagging, closing; incoming: what one client sends, in its order
heartbeat         is anybody still there
frames, handshake, packets        bytes and text, without sockets
memory_bound, large_answers       what a node can hold
throttled_logging                 few lines about what strangers send
"""
