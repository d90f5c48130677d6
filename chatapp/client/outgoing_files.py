"""The files of a message in the outbox: it is sent when the server has them all, others go before.

Each is an object: `{key, name, size, path?, type?, alt?, upload?, is_there?}`. `key` names it within this
client, `upload` is the id that the server gave it, and `is_there` says that it can be sent. What has no
`path` is in memory alone, and does not survive the end of the program.
"""

from __future__ import annotations

from dataclasses import dataclass
from mimetypes import guess_type
from pathlib import Path

from chatapp.client.entries import Entry
from chatapp.client.wire import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class FileToSend:
    """A file by its path, or bytes with a name. `alt` says what a picture shows.

    Without a `type` (MIME) its name says it; the server believes its bytes first.
    """

    source: str | Path | bytes
    name: str | None = None
    type: str | None = None
    alt: str | None = None

    def as_draft(self, key: str) -> Json:
        """Raises `OSError` if it cannot be read."""
        if isinstance(self.source, bytes):
            path, size, name = None, len(self.source), self.name or "file"
        else:
            whole = Path(self.source).resolve(strict=True)
            path, size, name = str(whole), whole.stat().st_size, self.name or whole.name
            whole.open("rb").close()
        type_ = self.type or guess_type(name)[0]
        draft = {"key": key, "name": name, "size": size, "path": path, "type": type_, "alt": self.alt}
        return {field: value for field, value in draft.items() if value is not None}


def lacks_files(entry: Entry) -> bool:
    return any(not file.get("is_there") for file in entry.files or ())


def forget_uploads(entry: Entry) -> None:
    """They begin anew: for another person, or because the server has them no more."""
    entry.is_uploading = False
    entry.files = [_not_uploaded(file) for file in entry.files] if entry.files else None


def heard_of_file(entry: Entry, key: str, news: Json) -> None:
    """`news` is `{upload}`, with `is_there` when it can be sent, or `{refusal}`."""
    for place, file in enumerate(entry.files or []):
        if file["key"] == key and entry.files:
            entry.files[place] = {**file, **news} if "upload" in news else _not_uploaded(file)
    if not lacks_files(entry):
        entry.is_uploading = False


def keep_only(entry: Entry, uploads: list[str] | None) -> None:
    """An edit of what waits: of its files only these stay, by their keys or their ids; None: all."""
    if uploads is None:
        return
    if entry.kind == "message":
        kept = [file for file in entry.files or () if {file["key"], file.get("upload")} & {*uploads}]
        entry.files = kept or None
    else:
        entry.uploads = uploads


def is_of_uploads(code: str) -> bool:
    """Whether a message was refused for what has become of its files, which can be sent again."""
    return code.startswith("upload_")


def _not_uploaded(file: Json) -> Json:
    return {field: value for field, value in file.items() if field not in {"upload", "is_there"}}
