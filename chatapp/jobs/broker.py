"""The worker's way to its mail, in Celery's words.

Redis' keys and channels carry the deployment's id, so that chats which share a Redis do not run each
other's tasks. A certificate is verified here as well: kombu by itself would not.
"""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any
from urllib.parse import quote

from chatapp.jobs import mail
from chatapp.jobs.mail_files import prepare
from chatapp.relay.address import RedisAddress, Tls


def broker_settings(broker_url: str, *, data_dir: Path, deployment_id: str) -> dict[str, Any]:
    if broker_url.startswith("filesystem:"):
        mail.register()
        return {"broker_url": f"{mail.SCHEME}://localhost", "broker_transport_options": _folders(data_dir)}
    address = RedisAddress.of(broker_url)
    settings: dict[str, Any] = {
        "broker_url": _redis_url(address),
        "broker_transport_options": {"global_keyprefix": f"chat:{deployment_id}:"},
    }
    if address.tls is not None:
        settings["broker_use_ssl"] = _tls(address.tls)
    return settings


def _redis_url(address: RedisAddress) -> str:
    """As kombu reads it: a Unix socket has another scheme, and its database another name."""
    words = [quote(word, safe="") for word in (address.username or "", address.password or "")]
    who = ":".join(words) + "@" if address.password else ""
    if address.path is not None:
        return f"redis+socket://{who}{quote(address.path)}?virtual_host={address.database}"
    host = f"[{address.host}]" if ":" in address.host else address.host
    scheme = "rediss" if address.tls else "redis"
    return f"{scheme}://{who}{host}:{address.port}/{address.database}"


def _tls(tls: Tls) -> dict[str, Any]:
    return {
        "ssl_cert_reqs": ssl.CERT_REQUIRED if tls.is_verified else ssl.CERT_NONE,
        "ssl_check_hostname": tls.is_host_checked,
        "ssl_ca_certs": tls.ca_file,
        "ssl_certfile": tls.certificate,
        "ssl_keyfile": tls.key,
    }


def _folders(data_dir: Path) -> dict[str, str]:
    """The broker's folder: a file a message, taken out of it when it is read."""
    broker = data_dir / "broker"
    prepare(broker)
    return {
        "data_folder_in": str(broker),
        "data_folder_out": str(broker),
        "control_folder": str(broker / "control"),
    }
