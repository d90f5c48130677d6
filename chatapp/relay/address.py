"""Where Redis is: one URL, read once for everybody who dials it.

Its query arguments are those of redis-py and kombu, so a URL that worked elsewhere works here. A
certificate is verified unless the URL says in so many words that it shall not be: what a library
does when nobody says anything differs, and one of them would trust anybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

DEFAULT_PORT = 6379

_FILES = {"ssl_ca_certs": "ca_file", "ssl_certfile": "certificate", "ssl_keyfile": "key"}
_IS_VERIFIED = {"required": True, "cert_required": True, "none": False, "cert_none": False}
_SWITCHES = {"true": True, "false": False}
_TLS_ARGUMENTS = (*_FILES, "ssl_cert_reqs", "ssl_check_hostname")
_ARGUMENTS = ("db", "username", "password")


class NoAddress(ValueError):
    """What would have been one. Never repeats the URL, which may hold a password."""


@dataclass(frozen=True, kw_only=True)
class Tls:
    """Fulfils ``runtime.Tls``. Without ``ca_file`` the system's authorities are believed."""

    ca_file: str | None = None
    certificate: str | None = None
    key: str | None = None
    is_verified: bool = True
    is_host_checked: bool = True


@dataclass(frozen=True, kw_only=True)
class RedisAddress:
    """``path`` is that of a Unix socket; without one there are host and port."""

    host: str = "localhost"
    port: int = DEFAULT_PORT
    path: str | None = None
    database: int = 0
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: Tls | None = None

    @classmethod
    def of(cls, url: str) -> RedisAddress:
        """Raises ``NoAddress``."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise NoAddress("give a host and a port, such as redis://127.0.0.1:6379/0") from None
        arguments = _arguments(parts)
        username, password = arguments.get("username"), arguments.get("password")
        is_file = parts.scheme == "unix"
        if is_file and not parts.path.strip("/"):
            raise NoAddress("give the path of the socket, such as unix:///run/redis/redis.sock")
        return cls(
            host=parts.hostname or "localhost",
            port=port or DEFAULT_PORT,
            path=unquote(parts.path) if is_file else None,
            database=_database(arguments.get("db", "" if is_file else parts.path.strip("/"))),
            username=unquote(parts.username) if parts.username else username,
            password=unquote(parts.password) if parts.password else password,
            tls=_tls(arguments) if parts.scheme == "rediss" else None,
        )

    @property
    def place(self) -> str | tuple[str, int]:
        return self.path or (self.host, self.port)


def _arguments(parts: SplitResult) -> Mapping[str, str]:
    if parts.scheme not in ("redis", "rediss", "unix"):
        raise NoAddress("give redis://, rediss:// or unix://, such as redis://127.0.0.1:6379/0")
    known = (*_ARGUMENTS, *(_TLS_ARGUMENTS if parts.scheme == "rediss" else ()))
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    arguments = dict(pairs)
    if len(arguments) < len(pairs) or not set(arguments).issubset(known) or parts.fragment:
        raise NoAddress(
            f"a {parts.scheme}:// URL takes {', '.join(known)} behind its ?, each once, no others"
        )
    return arguments


def _database(text: str) -> int:
    if not text:
        return 0
    if not (text.isascii() and text.isdecimal() and len(text) < 6):
        raise NoAddress("give the number of a database, such as redis://127.0.0.1:6379/0")
    return int(text)


def _tls(arguments: Mapping[str, str]) -> Tls:
    is_verified = _one_of(arguments, "ssl_cert_reqs", _IS_VERIFIED)
    files = {name: arguments[argument] for argument, name in _FILES.items() if argument in arguments}
    for argument in _FILES:
        if argument in arguments and not Path(arguments[argument]).is_file():
            raise NoAddress(f"{argument} names no file")
    if "key" in files and "certificate" not in files:
        raise NoAddress("ssl_keyfile needs its ssl_certfile")
    return Tls(
        **files,
        is_verified=is_verified,
        is_host_checked=is_verified and _one_of(arguments, "ssl_check_hostname", _SWITCHES),
    )


def _one_of(arguments: Mapping[str, str], name: str, words: Mapping[str, bool]) -> bool:
    try:
        return words[arguments[name].lower()] if name in arguments else True
    except KeyError:
        raise NoAddress(f"{name} is {' or '.join(words)}") from None
