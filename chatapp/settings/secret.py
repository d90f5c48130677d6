"""The embedded secret: made at the first start, kept beside the data, readable by its owner only.

Web node and worker start at once and must agree. Each writes a whole file of its own and
tries to link it to the one name; the file system lets one of them win, and both read the winner's.
"""

from __future__ import annotations

import contextlib
import hmac
import os
import secrets
import tempfile
from pathlib import Path

from chatapp.settings.readers import SECRET_MIN_CHARACTERS, SettingsError


def deployment_id(secret: str) -> str:
    """What tells this chat from others on the same Redis. It gives nothing of the secret away."""
    return hmac.new(secret.encode(), b"deployment", "sha256").hexdigest()[:12]


def embedded_secret(folder: Path) -> str:
    path = folder / "secret"
    if not path.exists():
        _create(path)
    secret = path.read_text().strip()
    if len(secret) < SECRET_MIN_CHARACTERS:
        raise SettingsError(
            f"{str(path)!r} holds no secret: delete it to get a new one, which signs everybody out."
        )
    return secret


def _create(path: Path) -> None:
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".secret-")  # created with mode 0600
    try:
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(handle)  # else a power cut could leave the name with nothing behind it
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        os.unlink(draft)
