"""TLS before a server that has none of its own: the Valkey of the wheel was built without it.

As a program it is that front: a port of loopback where TLS is spoken, told on its first line.
"""

from __future__ import annotations

import asyncio
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import trustme


class Authority:
    """One that nobody knows but who is given ``ca_file``; certificates are files beside it."""

    def __init__(self, folder: Path) -> None:
        self._ca = trustme.CA()
        self._folder = folder
        self.ca_file = str(folder / "ca.pem")
        self._ca.cert_pem.write_to_path(self.ca_file)

    def certificate(self, name: str) -> tuple[str, str]:
        """The files of a certificate and its key."""
        made = self._ca.issue_cert(name)
        files = str(self._folder / f"{name}.pem"), str(self._folder / f"{name}.key")
        made.cert_chain_pems[0].write_to_path(files[0])
        made.private_key_pem.write_to_path(files[1])
        return files

    @contextmanager
    def tls_before(self, port: int, *, asks_for_certificate: bool = False) -> Iterator[int]:
        """A port that calls itself localhost."""
        files = [*self.certificate("localhost"), *([self.ca_file] if asks_for_certificate else [])]
        command = [sys.executable, "-m", "tests.tls", str(port), *files]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as front:
            assert front.stdout is not None
            try:
                yield int(front.stdout.readline())
            finally:
                front.kill()


async def _serve(port: int, context: ssl.SSLContext) -> None:
    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while received := await reader.read(65_536):
                writer.write(received)
                await writer.drain()
        writer.close()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_in, there_out = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pump(reader, there_out), pump(there_in, writer))

    # Refused handshakes are what is tested: nobody wants to read of them.
    asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
    server = await asyncio.start_server(carry, "127.0.0.1", 0, ssl=context)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


def _context(certificate: str, key: str, ca_file: str | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=ca_file)
    context.load_cert_chain(certificate, key)
    if ca_file is not None:
        context.verify_mode = ssl.CERT_REQUIRED
    return context


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), _context(*sys.argv[2:])))
