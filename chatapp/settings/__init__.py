"""The environment, read once, and made into values the rest can trust.

What makes no sense is refused here, at the start, with one sentence that says what would.
Below the factory nobody reads settings: it hands each part the values that part needs.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from chatapp.private import make_private
from chatapp.settings.readers import SECRET_RULE, Network, SettingsError
from chatapp.settings.secret import deployment_id, embedded_secret
from chatapp.settings.variables import VARIABLES, Variable

# They break a node on purpose. The fault suite's own programs take them out before settings are read.
FAILPOINTS, BROKEN = "CHAT_FAILPOINTS", "CHAT_BROKEN"

__all__ = ["VARIABLES", "Network", "Settings", "SettingsError", "Variable"]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Every setting of a process. Its repr leaves out what holds secrets or passwords."""

    host: str
    port: int
    database_url: str = field(repr=False)
    redis_url: str | None = field(repr=False)
    secret_key: str = field(repr=False)
    data_dir: Path
    retention_ms: int
    history_limit: int
    room_idle_seconds: float
    lease_seconds: float
    presence_grace_seconds: float
    has_plain_dialect: bool
    rates_enabled: bool
    public_url: str | None
    allowed_origins: tuple[str, ...]
    trusted_proxies: tuple[Network, ...]
    memory_max_bytes: int
    fast_detection: bool
    uploads: str
    uploads_url: str | None
    uploads_shared: bool
    upload_max_bytes: int
    uploads_max_bytes: int
    has_bundles: bool
    log_level: str

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """Read every variable; create the data folder and the embedded secret where they are needed.

        Raises ``SettingsError`` for the first variable that makes no sense.
        """
        settings = cls.without_creating(environ)
        if settings.keeps_files:
            _create_folder(settings.data_dir)
        try:
            return replace(settings, secret_key=settings.secret_key or embedded_secret(settings.data_dir))
        except OSError as error:
            raise SettingsError(
                f"No secret can be made in CHAT_DATA_DIR {str(settings.data_dir)!r}: {error.strerror}."
            ) from error

    @classmethod
    def without_creating(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """The same for whoever only looks for what is there: the embedded secret stays blank."""
        for name in (FAILPOINTS, BROKEN):
            if environ.get(name, "").strip():
                raise SettingsError(f"{name} breaks a node on purpose, for `make faults` only: unset it.")
        values = {variable.field: variable.value_in(environ) for variable in VARIABLES}
        data_dir: Path = values["data_dir"]
        values["database_url"] = values["database_url"] or f"sqlite:///{data_dir / 'chat.db'}"

        settings = cls(**values)
        if settings.is_production and not settings.secret_key:
            raise SettingsError(
                "SECRET_KEY is not set, but REDIS_URL or a database other than SQLite is: "
                f"give every node the same SECRET_KEY, {SECRET_RULE}."
            )
        if settings.uploads == "on" and not settings.can_have_uploads:
            raise SettingsError(
                "CHAT_UPLOADS 'on' is not accepted: there may be several nodes (REDIS_URL and PostgreSQL), "
                "and what lies in the data folder of one is not at the others: give CHAT_UPLOADS_URL, "
                "or CHAT_UPLOADS_SHARED=yes if it is one folder that all share."
            )
        return settings

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def is_production(self) -> bool:
        """Other nodes may be about: nothing they must agree on may be invented by one of them."""
        return self.redis_url is not None or not self.is_sqlite

    @property
    def can_have_uploads(self) -> bool:
        """Whether every node and the worker find what one of them has stored."""
        may_have_other_nodes = self.redis_url is not None and not self.is_sqlite
        return self.uploads_url is not None or self.uploads_shared or not may_have_other_nodes

    @property
    def has_uploads(self) -> bool:
        return self.uploads != "off" and self.can_have_uploads

    @property
    def keeps_files(self) -> bool:
        """The database or the broker's mail lies in ``data_dir``."""
        return self.redis_url is None or self.is_sqlite

    @property
    def deployment_id(self) -> str:
        """The same at every node and the worker of this chat, and another at every other chat."""
        return deployment_id(self.secret_key)

    @property
    def broker_url(self) -> str:
        """Celery's broker; without Redis its mail lies in ``data_dir / "broker"``."""
        return self.redis_url or "filesystem://localhost"


def _create_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        make_private(folder)
        writable = os.access(folder, os.W_OK | os.X_OK)
    except OSError:
        writable = False
    if not writable:
        raise SettingsError(f"CHAT_DATA_DIR {str(folder)!r} is not accepted: give a folder I may write to.")
