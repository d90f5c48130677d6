"""The HTTP server: from a connection that is accepted to an answer that is sent.

server     all of it, with the bounds that a chat needs
accepting  whatever accept(2) says
arrivals   connections whose next request has not come as a whole
queueing   whose request is answered next
answering  one whole request, by eventlet's WSGI
receiving  connections of which a long body is being received
"""
