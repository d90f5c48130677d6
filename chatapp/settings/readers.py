"""How the text of a variable becomes a value, or is refused.

A refusal says what would be accepted and never repeats the text, which may hold a password.
"""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from chatapp.files.address import BucketAddress, NoBucket
from chatapp.identity.forwarded import is_prefix
from chatapp.identity.origin import canonical
from chatapp.relay.address import NoAddress, RedisAddress
from chatapp.store.database.address import UnusableUrl, check_url

Network = IPv4Network | IPv6Network

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
SECRET_MIN_CHARACTERS = 32
SECRET_RULE = f"at least {SECRET_MIN_CHARACTERS} characters that nobody can guess"

_MS_PER_HOUR = 3_600_000
_WITHOUT_ORIGIN = ("file", "data", "blob", "about", "javascript")


class SettingsError(Exception):
    """A setting makes no sense. The message is one sentence for the person who set it."""


class NotAccepted(ValueError):
    """What would have been accepted."""


def host(text: str) -> str:
    if any(character.isspace() or character in "/@" for character in text):
        raise NotAccepted("give a host name or an address, such as 127.0.0.1, 0.0.0.0 or ::")
    return text


def whole_number(text: str, *, least: int, most: int) -> int:
    # int() alone would take signs, underscores, other scripts' digits and numbers without end.
    if text.isascii() and text.isdecimal() and len(text) < 10 and least <= int(text) <= most:
        return int(text)
    raise NotAccepted(f"give a whole number from {least} to {most}")


def number(text: str, *, least: float, most: float) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if least <= value <= most:  # never true of NaN
        return value
    raise NotAccepted(f"give a number from {least:g} to {most:g}")


def mebibytes(text: str, *, most: int, least: int = 0) -> int:
    return whole_number(text, least=least, most=most) * 1_048_576


def gibibytes(text: str, *, least: int, most: int) -> int:
    return whole_number(text, least=least, most=most) * 1_073_741_824


def hours_as_ms(text: str) -> int:
    return round(number(text, least=0.0001, most=87_600) * _MS_PER_HOUR)


def switch(text: str) -> bool:
    if text.lower() not in ("on", "off"):
        raise NotAccepted("say on or off")
    return text.lower() == "on"


def one_of(text: str, *, accepted: tuple[str, ...]) -> str:
    if text.lower() not in accepted:
        raise NotAccepted(f"say one of {', '.join(accepted)}")
    return text.lower()


def yes_or_no(text: str) -> bool:
    return one_of(text, accepted=("yes", "no")) == "yes"


def log_level(text: str) -> str:
    if text.upper() not in LOG_LEVELS:
        raise NotAccepted(f"say one of {', '.join(LOG_LEVELS)}")
    return text.upper()


def folder(text: str) -> Path:
    return Path(text).expanduser().absolute()


def secret(text: str) -> str:
    if text and len(text) < SECRET_MIN_CHARACTERS:
        raise NotAccepted(f"give {SECRET_RULE}")
    return text


def database_url(text: str) -> str:
    """Blank stands for the SQLite file of the data folder, which only ``Settings`` knows."""
    url = _database_url(text)
    try:
        if url:
            check_url(url)
    except UnusableUrl as refusal:
        raise NotAccepted(str(refusal)) from None
    return url


def _database_url(text: str) -> str:
    scheme, _, rest = text.partition("://")
    if not text:
        return ""
    if scheme in ("postgresql", "postgres", "postgresql+psycopg") and rest:
        return f"postgresql+psycopg://{rest}"
    # Every database thread has an engine of its own: a database in memory would be several.
    if scheme == "sqlite" and rest.strip("/") and ":memory:" not in rest:
        return text
    raise NotAccepted("give postgresql://user:password@host/name or sqlite:///path/to/a/file.db")


def redis_url(text: str) -> str | None:
    if not text:
        return None
    try:
        RedisAddress.of(text)
    except NoAddress as refusal:
        raise NotAccepted(str(refusal)) from None
    return text


def uploads_url(text: str) -> str | None:
    """None stands for the folder in the data folder."""
    try:
        return BucketAddress.of(text).url if text else None
    except NoBucket as refusal:
        raise NotAccepted(str(refusal)) from None


def networks(text: str) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(part) for part in _listed(text))
    except ValueError:
        raise NotAccepted("list addresses or networks such as 10.0.0.0/8, separated by commas") from None


def origins(text: str) -> tuple[str, ...]:
    """As browsers write them: lower case, no path, no port where it is the scheme's own."""
    return tuple(_origin(part.removesuffix("/")) for part in _listed(text))


def public_url(text: str) -> str | None:
    """Without a slash at its end, and without the port where it is the scheme's own."""
    scheme, _, rest = text.rstrip("/").partition("://")
    netloc, slash, path = rest.partition("/")
    if not text:
        return None
    try:
        origin = _origin(f"{scheme}://{netloc}")
    except NotAccepted:
        origin = ""
    if not origin.startswith(("http://", "https://")) or (slash and not is_prefix(slash + path)):
        raise NotAccepted("give an address such as https://chat.example.org or https://example.org/talk")
    return origin + slash + path


def _origin(text: str) -> str:
    origin = canonical(text)
    try:
        parts = urlsplit(origin or "")
        is_one = parts.hostname and parts.port != 0 and "*" not in text
    except ValueError:
        is_one = False
    # Apps bring schemes of their own: capacitor, ionic, tauri, app. Of files nobody can list the origin.
    if origin is None or not is_one or parts.scheme in _WITHOUT_ORIGIN:
        raise NotAccepted(
            "list origins such as https://chat.example.org or capacitor://localhost, separated by commas"
        )
    return origin


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
