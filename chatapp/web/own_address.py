"""Where others find this chat, for whoever has opened it on the machine that it runs on.

There its address is ``localhost``, which leads everybody else to a machine of their own: an invite must not
say it. Promised is only what answers: the address that people open, where one was set, or this machine's own
in its network, where the node listens to that, too. A container has an address that only its host knows; but
whoever asks it comes from outside, and is told nothing.
"""

from __future__ import annotations

import platform
import socket
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any

from chatapp.identity.forwarded import address_in
from chatapp.web.arrival import is_local

_EVERYWHERE = ("0.0.0.0", "::")


def address_for_others(environ: Mapping[str, Any], *, listens_on: str, public_url: str | None) -> str | None:
    """Such as ``http://192.168.1.5:8000``; None: they find it as this visitor did, or not at all."""
    if not is_local(environ.get("HTTP_HOST", "")):
        return None
    peer = address_in(str(environ.get("REMOTE_ADDR", "")))
    if public_url or listens_on not in _EVERYWHERE or peer is None or not peer.is_loopback:
        return public_url
    address = own_address()
    return f"http://{address}:{environ['SERVER_PORT']}" if address else None


def own_address() -> str | None:
    """What this machine is called by its network; None: it is in none."""
    if "microsoft" in platform.release().lower():  # Linux within Windows: its network is only between the two
        return None
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # a documentation address: nothing is sent, only routed
        except OSError:
            return None
        address = str(probe.getsockname()[0])
    return None if ip_address(address).is_loopback else address
