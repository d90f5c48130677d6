"""One value at the end of a list of Redis': for a real thread that has nothing else to say to it."""

from __future__ import annotations

from typing import Any

from chatapp.relay.address import RedisAddress
from chatapp.relay.resp import Parser, RedisError, command
from chatapp.runtime import dial

TIMEOUT_SECONDS = 2.0
_CHUNK = 4096


def push(address: RedisAddress, key: str, value: str) -> None:
    """Raises ``OSError``, also for what Redis refuses."""
    commands = [command(b"LPUSH", key.encode(), value.encode())]
    if address.database:
        commands.insert(0, command(b"SELECT", b"%d" % address.database))
    if address.password is not None:
        who = [address.username.encode()] if address.username else []
        commands.insert(0, command(b"AUTH", *who, address.password.encode()))
    line = dial(address.place, timeout_seconds=TIMEOUT_SECONDS, tls=address.tls)
    try:
        line.settimeout(TIMEOUT_SECONDS)
        line.sendall(b"".join(commands))
        _hear(line, len(commands))
    finally:
        line.close()


def _hear(line: Any, replies: int) -> None:
    parser = Parser()
    while replies:
        heard = line.recv(_CHUNK)
        if not heard:
            raise OSError("Redis has hung up")
        for reply in parser.feed(heard):
            if isinstance(reply, RedisError):
                raise OSError(str(reply))
            replies -= 1
