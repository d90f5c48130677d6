"""PostgreSQL as we use it: what the server is told of each connection."""

from __future__ import annotations

from sqlalchemy import URL, Engine, create_engine, make_url

from chatapp.store.database.pool import OneConnection

# A frozen owner must give its row back, a vanished machine its locks: the server sees to both.
POSTGRESQL_OPTIONS = {
    "statement_timeout": "3s",
    "jit": "off",  # no statement is long enough to be worth a tenth of a second each time
    "lock_timeout": "1s",
    "idle_in_transaction_session_timeout": "2s",
    "tcp_keepalives_idle": "2",
    "tcp_keepalives_interval": "1",
    "tcp_keepalives_count": "3",
}

# The same for the driver.
DRIVER_OPTIONS = {"connect_timeout": 2, "tcp_user_timeout": 3000}


def postgresql_engine(url: str) -> Engine:
    parsed = make_url(url)
    ours = [f"-c {name}={value}" for name, value in POSTGRESQL_OPTIONS.items()]
    return create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        poolclass=OneConnection,
        hide_parameters=True,  # what people say is not for a log
        isolation_level="READ COMMITTED",
        connect_args={
            "options": " ".join([*listed(parsed, "options"), *ours]),
            **DRIVER_OPTIONS,
            "application_name": " ".join(listed(parsed, "application_name")) or "chat",
        },
    )


def listed(url: URL, name: str) -> list[str]:
    """What a URL says under this name, each time that it does."""
    value = url.query.get(name, ())
    return [value] if isinstance(value, str) else list(value)
