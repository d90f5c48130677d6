"""The one declaration of every setting: its name, its default, what it accepts, what it means.

``Settings`` reads by this table and the documents are held against it, so a setting
cannot exist in one place and be missing in the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from chatapp.settings import readers
from chatapp.settings.readers import NotAccepted, SettingsError


@dataclass(frozen=True, kw_only=True)
class Variable:
    """One setting: the variable in the environment, and the field of ``Settings`` it becomes."""

    name: str
    field: str
    default: str
    meaning: str
    read: Callable[[str], Any]
    is_secret: bool = False

    def value_in(self, environ: Mapping[str, str]) -> Any:
        """A blank variable counts as one that is not set: a compose file cannot unset one."""
        text = environ.get(self.name, "").strip() or self.default
        try:
            return self.read(text)
        except NotAccepted as refusal:
            shown = "as it is set" if self.is_secret else repr(text)
            raise SettingsError(f"{self.name} {shown} is not accepted: {refusal}.") from None


VARIABLES: tuple[Variable, ...] = (
    Variable(
        name="HOST",
        field="host",
        default="127.0.0.1",
        read=readers.host,
        meaning="Address to listen on; 0.0.0.0 opens the chat to the network.",
    ),
    Variable(
        name="PORT",
        field="port",
        default="8000",
        read=partial(readers.whole_number, least=0, most=65535),
        meaning="Port to listen on; 0 takes a free one.",
    ),
    Variable(
        name="DATABASE_URL",
        field="database_url",
        default="",
        read=readers.database_url,
        is_secret=True,
        meaning="PostgreSQL, or another SQLite file; unset: chat.db in the data folder.",
    ),
    Variable(
        name="REDIS_URL",
        field="redis_url",
        default="",
        read=readers.redis_url,
        is_secret=True,
        meaning="Redis (redis, rediss, unix) of nodes and worker; unset: one node, files in the data folder.",
    ),
    Variable(
        name="SECRET_KEY",
        field="secret_key",
        default="",
        read=readers.secret,
        is_secret=True,
        meaning="Signs tokens; required with REDIS_URL or PostgreSQL, else made in the data folder.",
    ),
    Variable(
        name="CHAT_DATA_DIR",
        field="data_dir",
        default="instance",
        read=readers.folder,
        meaning="Folder of the SQLite file, the broker's files and the secret.",
    ),
    Variable(
        name="CHAT_RETENTION_HOURS",
        field="retention_ms",
        default="24",
        read=readers.hours_as_ms,
        meaning="Age at which a message is gone, in hours; fractions are allowed.",
    ),
    Variable(
        name="CHAT_HISTORY_LIMIT",
        field="history_limit",
        default="100",
        read=partial(readers.whole_number, least=1, most=200),
        meaning="Messages a newcomer is shown at first.",
    ),
    Variable(
        name="CHAT_ROOM_IDLE_SECONDS",
        field="room_idle_seconds",
        default="60",
        read=partial(readers.number, least=0.1, most=86_400),
        meaning="Silence after which a room hibernates.",
    ),
    Variable(
        name="CHAT_LEASE_SECONDS",
        field="lease_seconds",
        default="5",
        read=partial(readers.number, least=0.5, most=60),
        meaning="How long a silent node keeps its rooms before another may take them.",
    ),
    Variable(
        name="CHAT_PRESENCE_GRACE_SECONDS",
        field="presence_grace_seconds",
        default="15",
        read=partial(readers.number, least=0, most=300),
        meaning="How long somebody whose connection broke still counts as present.",
    ),
    Variable(
        name="CHAT_PLAIN_DIALECT",
        field="has_plain_dialect",
        default="on",
        read=readers.switch,
        meaning="off closes `/api/chat/…`, where nobody signs in: a user id is whatever a client says.",
    ),
    Variable(
        name="CHAT_RATE_LIMITS",
        field="rates_enabled",
        default="on",
        read=readers.switch,
        meaning="off lifts rates and counts, for load tests; sizes stay limited.",
    ),
    Variable(
        name="CHAT_PUBLIC_URL",
        field="public_url",
        default="",
        read=readers.public_url,
        meaning="Address that people open, with a path if it has one; unset: what requests and proxies say.",
    ),
    Variable(
        name="CHAT_ALLOWED_ORIGINS",
        field="allowed_origins",
        default="",
        read=readers.origins,
        meaning="Other sites and apps that may connect, separated by commas; unset: only our own pages.",
    ),
    Variable(
        name="CHAT_TRUSTED_PROXIES",
        field="trusted_proxies",
        default="",
        read=readers.networks,
        meaning="Networks whose X-Forwarded-* or Forwarded is believed, separated by commas; unset: none.",
    ),
    Variable(
        name="CHAT_MEMORY_MAX_MB",
        field="memory_max_bytes",
        default="0",
        read=partial(readers.mebibytes, most=1_048_576),
        meaning="MiB of memory at which a node cuts slow readers, then refuses newcomers; 0: no bound.",
    ),
    Variable(
        name="CHAT_FAST_DETECTION",
        field="fast_detection",
        default="on",
        read=readers.switch,
        meaning="off waits for the lease to run out instead of taking proof that a node has died.",
    ),
    Variable(
        name="CHAT_UPLOADS",
        field="uploads",
        default="auto",
        read=partial(readers.one_of, accepted=("on", "off", "auto")),
        meaning="on or off: files in rooms; auto: on, unless several nodes may lack a common place for them.",
    ),
    Variable(
        name="CHAT_UPLOADS_URL",
        field="uploads_url",
        default="",
        read=readers.uploads_url,
        meaning="s3://bucket/prefix for files, with S3's AWS_… variables; unset: uploads in the data folder.",
    ),
    Variable(
        name="CHAT_UPLOADS_SHARED",
        field="uploads_shared",
        default="no",
        read=readers.yes_or_no,
        meaning="yes: the folder uploads in the data folder is one and the same at all nodes and workers.",
    ),
    Variable(
        name="CHAT_UPLOAD_MAX_MB",
        field="upload_max_bytes",
        default="25",
        read=partial(readers.mebibytes, least=1, most=1024),
        meaning="MiB that one file may have.",
    ),
    Variable(
        name="CHAT_UPLOADS_MAX_GB",
        field="uploads_max_bytes",
        default="10",
        read=partial(readers.gibibytes, least=1, most=1_048_576),
        meaning="GiB that all files together may have.",
    ),
    Variable(
        name="CHAT_BUNDLES",
        field="has_bundles",
        default="on",
        read=readers.switch,
        meaning="off gives browsers scripts and styles as they are written, for whoever works on the page.",
    ),
    Variable(
        name="CHAT_LOG_LEVEL",
        field="log_level",
        default="INFO",
        read=readers.log_level,
        meaning="DEBUG, INFO, WARNING, ERROR or CRITICAL.",
    ),
)
