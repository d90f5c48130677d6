"""Settings: sensible without a word of configuration, and deaf to nonsense."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError, fields
from ipaddress import ip_network
from pathlib import Path
from typing import Protocol

import pytest

from chatapp.settings import VARIABLES, Settings, SettingsError
from chatapp.settings.secret import embedded_secret

SECRET = "correct-horse-battery-staple-and-so-on"
POSTGRES = "postgresql://chat:hunter2@db.example/chat"


class Reader(Protocol):
    def __call__(self, **environ: str) -> Settings: ...


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    def read(**environ: str) -> Settings:
        return Settings.from_environment({"CHAT_DATA_DIR": str(tmp_path / "instance")} | environ)

    return read


def test_nothing_set_gives_a_working_embedded_chat(read: Reader, tmp_path: Path) -> None:
    settings = read()

    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.database_url == f"sqlite:///{tmp_path}/instance/chat.db"
    assert (settings.redis_url, settings.broker_url) == (None, "filesystem://localhost")
    assert settings.retention_ms == 24 * 3600 * 1000
    assert settings.history_limit == 100
    assert settings.room_idle_seconds == 60
    assert settings.lease_seconds == 5
    assert settings.presence_grace_seconds == 15
    assert settings.rates_enabled
    assert settings.fast_detection
    assert (settings.allowed_origins, settings.trusted_proxies, settings.public_url) == ((), (), None)
    assert settings.log_level == "INFO"
    assert not settings.is_production
    assert settings.data_dir.is_dir()


def test_the_data_folder_is_instance_beside_where_one_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert Settings.from_environment({}).data_dir == tmp_path / "instance"


def test_every_field_has_one_variable_with_a_meaning() -> None:
    assert [variable.field for variable in VARIABLES] == [field.name for field in fields(Settings)]
    assert all(variable.meaning.endswith(".") for variable in VARIABLES)
    assert len({variable.name for variable in VARIABLES}) == len(VARIABLES)


def test_a_blank_variable_counts_as_not_set(read: Reader) -> None:
    blank = {variable.name: "  " for variable in VARIABLES if variable.name != "CHAT_DATA_DIR"}

    assert read(**blank) == read()


@pytest.mark.parametrize(
    ("name", "text", "field", "value"),
    [
        ("HOST", "0.0.0.0", "host", "0.0.0.0"),
        ("HOST", "::1", "host", "::1"),
        ("PORT", "0", "port", 0),
        ("PORT", " 65535 ", "port", 65535),
        ("CHAT_RETENTION_HOURS", "0.5", "retention_ms", 1_800_000),
        ("CHAT_RETENTION_HOURS", "0.001", "retention_ms", 3_600),
        ("CHAT_HISTORY_LIMIT", "200", "history_limit", 200),
        ("CHAT_ROOM_IDLE_SECONDS", "1", "room_idle_seconds", 1.0),
        ("CHAT_LEASE_SECONDS", "0.5", "lease_seconds", 0.5),
        ("CHAT_PRESENCE_GRACE_SECONDS", "0", "presence_grace_seconds", 0.0),
        ("CHAT_RATE_LIMITS", "OFF", "rates_enabled", False),
        ("CHAT_FAST_DETECTION", "off", "fast_detection", False),
        ("CHAT_MEMORY_MAX_MB", "512", "memory_max_bytes", 536_870_912),
        ("CHAT_LOG_LEVEL", "debug", "log_level", "DEBUG"),
        ("CHAT_ALLOWED_ORIGINS", "https://a.example", "allowed_origins", ("https://a.example",)),
        (
            "CHAT_ALLOWED_ORIGINS",
            "HTTPS://A.example:443/, http://b.example:8080,",
            "allowed_origins",
            ("https://a.example", "http://b.example:8080"),
        ),
        (
            "CHAT_ALLOWED_ORIGINS",
            "capacitor://localhost, ionic://localhost,Tauri://localhost, app://obsidian.md/, wss://a.example:443",
            "allowed_origins",
            (
                "capacitor://localhost",
                "ionic://localhost",
                "tauri://localhost",
                "app://obsidian.md",
                "https://a.example",
            ),
        ),
        ("CHAT_PUBLIC_URL", "https://Example.org:443/", "public_url", "https://example.org"),
        ("CHAT_PUBLIC_URL", "http://[::1]:8000/Talk/2/", "public_url", "http://[::1]:8000/Talk/2"),
        (
            "CHAT_TRUSTED_PROXIES",
            "10.0.0.0/8, ::1",
            "trusted_proxies",
            (ip_network("10.0.0.0/8"), ip_network("::1")),
        ),
        ("SECRET_KEY", SECRET, "secret_key", SECRET),
        ("DATABASE_URL", "sqlite:////var/tmp/other.db", "database_url", "sqlite:////var/tmp/other.db"),
        ("CHAT_UPLOADS", "OFF", "has_uploads", False),
        ("CHAT_UPLOADS_URL", "s3://files/of/chat/", "uploads_url", "s3://files/of/chat"),
        ("CHAT_UPLOADS_URL", "s3://files.example.org", "uploads_url", "s3://files.example.org"),
        ("CHAT_UPLOADS_SHARED", "yes", "uploads_shared", True),
        ("CHAT_UPLOAD_MAX_MB", "1", "upload_max_bytes", 1_048_576),
        ("CHAT_UPLOADS_MAX_GB", "2", "uploads_max_bytes", 2_147_483_648),
    ],
)
def test_a_setting_is_taken_from_its_variable(
    read: Reader, name: str, text: str, field: str, value: object
) -> None:
    assert getattr(read(**{name: text}), field) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("HOST", "http://localhost"),
        ("HOST", "two words"),
        ("CHAT_MEMORY_MAX_MB", "-1"),
        ("CHAT_MEMORY_MAX_MB", "0.5"),
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("PORT", "80 80"),
        ("PORT", "٨٠"),
        ("PORT", "1_0"),
        ("PORT", "9" * 5000),
        ("CHAT_RETENTION_HOURS", "0"),
        ("CHAT_RETENTION_HOURS", "-1"),
        ("CHAT_RETENTION_HOURS", "nan"),
        ("CHAT_RETENTION_HOURS", "inf"),
        ("CHAT_RETENTION_HOURS", "one day"),
        ("CHAT_HISTORY_LIMIT", "0"),
        ("CHAT_HISTORY_LIMIT", "201"),
        ("CHAT_HISTORY_LIMIT", "1.5"),
        ("CHAT_ROOM_IDLE_SECONDS", "0"),
        ("CHAT_LEASE_SECONDS", "0"),
        ("CHAT_LEASE_SECONDS", "3600"),
        ("CHAT_PRESENCE_GRACE_SECONDS", "-0.1"),
        ("CHAT_RATE_LIMITS", "maybe"),
        ("CHAT_FAST_DETECTION", "1"),
        ("CHAT_LOG_LEVEL", "LOUD"),
        ("CHAT_ALLOWED_ORIGINS", "*"),
        ("CHAT_ALLOWED_ORIGINS", "https://*.example"),
        ("CHAT_ALLOWED_ORIGINS", "chat.example"),
        ("CHAT_ALLOWED_ORIGINS", "https://chat.example/path"),
        ("CHAT_ALLOWED_ORIGINS", "https://me@chat.example"),
        ("CHAT_ALLOWED_ORIGINS", "https://chat.example:port"),
        ("CHAT_ALLOWED_ORIGINS", "https://"),
        ("CHAT_ALLOWED_ORIGINS", "https://[::1"),
        ("CHAT_ALLOWED_ORIGINS", "null"),
        ("CHAT_TRUSTED_PROXIES", "10.0.0.1/8"),
        ("CHAT_ALLOWED_ORIGINS", "file://host"),
        ("CHAT_ALLOWED_ORIGINS", "data://host"),
        ("CHAT_ALLOWED_ORIGINS", "blob://host"),
        ("CHAT_ALLOWED_ORIGINS", "about://host"),
        ("CHAT_ALLOWED_ORIGINS", "javascript://host"),
        ("CHAT_ALLOWED_ORIGINS", "https://:80"),
        ("CHAT_ALLOWED_ORIGINS", "capacitor://"),
        ("CHAT_ALLOWED_ORIGINS", "capacitor:localhost"),
        ("CHAT_ALLOWED_ORIGINS", "1app://localhost"),
        ("CHAT_PUBLIC_URL", "example.org"),
        ("CHAT_PUBLIC_URL", "ftp://example.org"),
        ("CHAT_PUBLIC_URL", "https://"),
        ("CHAT_PUBLIC_URL", "https:///talk"),
        ("CHAT_PUBLIC_URL", "https://me@example.org"),
        ("CHAT_PUBLIC_URL", "https://example.org:port"),
        ("CHAT_PUBLIC_URL", "https://example.org//talk"),
        ("CHAT_PUBLIC_URL", "https://example.org/a/../b"),
        ("CHAT_PUBLIC_URL", "https://example.org/talk?x=1"),
        ("CHAT_PUBLIC_URL", "https://example.org/talk#x"),
        ("CHAT_PUBLIC_URL", "https://example.org/two words"),
        ("CHAT_TRUSTED_PROXIES", "nginx"),
        ("CHAT_UPLOADS", "yes"),
        ("CHAT_UPLOADS_URL", "files"),
        ("CHAT_UPLOADS_URL", "/var/files"),
        ("CHAT_UPLOADS_URL", "https://files.s3.amazonaws.com"),
        ("CHAT_UPLOADS_URL", "s3://"),
        ("CHAT_UPLOADS_URL", "s3://key:secret@files"),
        ("CHAT_UPLOADS_URL", "s3://files:9000"),
        ("CHAT_UPLOADS_URL", "s3://Files"),
        ("CHAT_UPLOADS_URL", "s3://files/a/../b"),
        ("CHAT_UPLOADS_URL", "s3://files/a//b"),
        ("CHAT_UPLOADS_URL", "s3://files?region=here"),
        ("CHAT_UPLOADS_SHARED", "on"),
        ("CHAT_UPLOAD_MAX_MB", "0"),
        ("CHAT_UPLOADS_MAX_GB", "0"),
    ],
)
def test_nonsense_is_refused_with_the_name_the_value_and_what_would_do(
    read: Reader, name: str, text: str
) -> None:
    with pytest.raises(SettingsError) as refusal:
        read(**{name: text})

    sentence = str(refusal.value)
    assert sentence.startswith(f"{name} {text!r} is not accepted: ")
    assert sentence.endswith(".")
    assert "\n" not in sentence


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("DATABASE_URL", "mysql://chat:hunter2@db/chat"),
        ("DATABASE_URL", "postgresql+psycopg2://chat:hunter2@db/chat"),
        ("DATABASE_URL", "postgresql://"),
        ("DATABASE_URL", "hunter2"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite:///:memory:?hunter2"),
        ("DATABASE_URL", "postgresql://chat:hunter2@db:port/chat"),
        ("DATABASE_URL", "postgresql://chat:hunter2@db/chat?connect_timeout=9"),
        ("DATABASE_URL", "postgresql://chat:hunter2@db/chat?options=-c%20statement_timeout%3D0"),
        ("DATABASE_URL", "postgresql://chat:hunter2@db/chat?options=-c%20a%3D1&options=--lock-timeout%3D9"),
        ("DATABASE_URL", "sqlite:////hunter2/chat.db?timeout=60"),
        ("REDIS_URL", "http://:hunter2@redis"),
        ("REDIS_URL", "redis://:hunter2@redis:port/0"),
        ("REDIS_URL", "redis://:hunter2@redis/chat"),
        ("REDIS_URL", "redis://:hunter2@redis/0?ssl_cert_reqs=none"),
        ("REDIS_URL", "rediss://:hunter2@redis/0?socket_timeout=1"),
        ("REDIS_URL", "rediss://:hunter2@redis/0?ssl_cert_reqs=perhaps"),
        ("REDIS_URL", "rediss://:hunter2@redis/0?ssl_check_hostname=0"),
        ("REDIS_URL", "rediss://:hunter2@redis/0?ssl_ca_certs=/nowhere/hunter2.pem"),
        ("REDIS_URL", "rediss://:hunter2@redis/0?ssl_keyfile=/dev/null"),
        ("REDIS_URL", "unix://:hunter2@"),
        ("SECRET_KEY", "hunter2"),
    ],
)
def test_a_refusal_never_repeats_what_may_hold_a_password(read: Reader, name: str, text: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name} as it is set is not accepted: ") as refusal:
        read(**{name: text})

    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_postgresql_means_psycopg_3(read: Reader, scheme: str) -> None:
    settings = read(DATABASE_URL=f"{scheme}://chat:hunter2@db.example/chat", SECRET_KEY=SECRET)

    assert settings.database_url == "postgresql+psycopg://chat:hunter2@db.example/chat"
    assert settings.is_production
    assert not settings.is_sqlite


@pytest.mark.parametrize("shared", [{"REDIS_URL": "redis://r:6379/0"}, {"DATABASE_URL": POSTGRES}])
def test_what_nodes_share_needs_a_secret_they_share(
    read: Reader, shared: dict[str, str], tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match=r"^SECRET_KEY is not set"):
        read(**shared)

    assert not (tmp_path / "instance").exists(), "a refused start leaves nothing behind"
    assert read(**shared, SECRET_KEY=SECRET).is_production


def test_redis_carries_the_workers_mail_when_there_is_one(read: Reader) -> None:
    assert read(REDIS_URL="redis://r:6379/0", SECRET_KEY=SECRET).broker_url == "redis://r:6379/0"


def test_a_deployment_has_an_id_that_its_secret_gives_it(read: Reader) -> None:
    here, there = (read(SECRET_KEY=letter * 40).deployment_id for letter in "kj")

    assert here == read(SECRET_KEY="k" * 40).deployment_id != there
    assert here.isalnum()


def test_a_node_over_postgresql_and_redis_touches_no_folder(read: Reader, tmp_path: Path) -> None:
    read(REDIS_URL="redis://r:6379/0", DATABASE_URL=POSTGRES, SECRET_KEY=SECRET)

    assert not (tmp_path / "instance").exists()


def test_no_repr_shows_a_secret_or_a_password(read: Reader) -> None:
    settings = read(REDIS_URL="redis://:hunter2@r", DATABASE_URL=POSTGRES, SECRET_KEY=SECRET)

    assert "hunter2" not in repr(settings)
    assert SECRET not in repr(settings)


def test_settings_do_not_change(read: Reader) -> None:
    with pytest.raises(FrozenInstanceError):
        read().port = 1  # type: ignore[misc]


def test_the_embedded_secret_is_made_once_and_is_its_owners_alone(read: Reader, tmp_path: Path) -> None:
    first, second = read().secret_key, read().secret_key

    assert first == second
    assert len(first) >= 43, "256 bits in base64"
    assert stat.S_IMODE((tmp_path / "instance" / "secret").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "instance").iterdir()] == ["secret"]


def test_a_given_secret_leaves_none_in_the_folder(read: Reader, tmp_path: Path) -> None:
    read(SECRET_KEY=SECRET)

    assert list((tmp_path / "instance").iterdir()) == []


def test_processes_that_start_at_once_agree_on_the_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as starters:
        for attempt in range(20):
            folder = tmp_path / str(attempt)
            folder.mkdir()
            agreed = set(starters.map(embedded_secret, [folder] * 16))
            assert len(agreed) == 1


def test_a_damaged_secret_file_is_said_to_be_one(read: Reader, tmp_path: Path) -> None:
    read()
    (tmp_path / "instance" / "secret").write_text("")

    with pytest.raises(SettingsError, match="holds no secret: delete it"):
        read()


def test_a_data_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(SettingsError, match=r"CHAT_DATA_DIR .* give a folder I may write to"):
        Settings.from_environment({"CHAT_DATA_DIR": str(tmp_path / "file" / "below")})


@pytest.mark.parametrize("name", ["CHAT_FAILPOINTS", "CHAT_BROKEN"])
def test_what_breaks_a_node_on_purpose_is_refused(read: Reader, name: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name} breaks a node on purpose"):
        read(**{name: "on"})


SEVERAL = {"REDIS_URL": "redis://r:6379/0", "DATABASE_URL": POSTGRES, "SECRET_KEY": SECRET}


def test_files_are_on_where_one_node_is_alone(read: Reader) -> None:
    assert read().has_uploads
    assert read(REDIS_URL="redis://r:6379/0", SECRET_KEY=SECRET).has_uploads
    assert read(DATABASE_URL=POSTGRES, SECRET_KEY=SECRET).has_uploads


def test_with_several_nodes_files_are_on_where_all_of_them_find_them(read: Reader) -> None:
    assert not read(**SEVERAL).has_uploads
    assert read(**SEVERAL, CHAT_UPLOADS_SHARED="yes").has_uploads
    assert read(**SEVERAL, CHAT_UPLOADS_URL="s3://files").has_uploads
    assert not read(**SEVERAL, CHAT_UPLOADS_URL="s3://files", CHAT_UPLOADS="off").has_uploads


def test_who_asks_for_files_where_nodes_would_not_find_them_is_told_what_is_missing(read: Reader) -> None:
    with pytest.raises(SettingsError, match=r"CHAT_UPLOADS_URL, or CHAT_UPLOADS_SHARED=yes .+\.$"):
        read(**SEVERAL, CHAT_UPLOADS="on")

    assert read(**SEVERAL, CHAT_UPLOADS="on", CHAT_UPLOADS_SHARED="yes").has_uploads
