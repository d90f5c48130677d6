"""What the system can do here: one file to whoever asks for anything, by ``sendfile``, from one thread.

``BYTES=… python bench/peers/sendfile_peer.py FOLDER``. Nothing is asked, looked up or promised: a bound, not
a server.
"""

from __future__ import annotations

import os
import select
import socket
import sys
from pathlib import Path

TURN_BYTES = 64 * 1024  # as the chat


def main() -> None:
    path, size = Path(sys.argv[1]) / "picture", int(os.environ["BYTES"])
    path.write_bytes(os.urandom(size))
    file = os.open(path, os.O_RDONLY)
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode()
    listener = socket.create_server(("127.0.0.1", int(os.environ["PORT"])), backlog=4096)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 128 * 1024)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sys.stdout.write(f"open: http://127.0.0.1:{listener.getsockname()[1]}\n")
    epoll = select.epoll()
    epoll.register(listener.fileno(), select.EPOLLIN)
    clients: dict[int, socket.socket] = {}
    places: dict[int, int] = {}
    while True:
        for fd, event in epoll.poll():
            if fd == listener.fileno():
                client, _ = listener.accept()
                client.setblocking(False)
                clients[client.fileno()] = client
                epoll.register(client.fileno(), select.EPOLLIN)
            elif event & (select.EPOLLHUP | select.EPOLLERR):
                epoll.unregister(fd)
                clients.pop(fd).close()
            elif event & select.EPOLLIN:
                if not clients[fd].recv(65_536):
                    epoll.unregister(fd)
                    clients.pop(fd).close()
                    continue
                clients[fd].send(head)
                places[fd] = 0
                epoll.modify(fd, select.EPOLLOUT)
            else:
                places[fd] += os.sendfile(fd, file, places[fd], min(TURN_BYTES, size - places[fd]))
                if places[fd] == size:
                    epoll.modify(fd, select.EPOLLIN)


if __name__ == "__main__":
    main()
