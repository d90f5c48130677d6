"""Where the bytes of files lie: a folder, or an S3 bucket."""

from __future__ import annotations

from pathlib import Path

from chatapp.files.address import BucketAddress
from chatapp.files.bucket import BucketObjects
from chatapp.files.folder import FolderObjects
from chatapp.files.port import CHUNK, ObjectMissing, Objects, Stored

__all__ = ["CHUNK", "FOLDER", "ObjectMissing", "Objects", "Stored", "bytes_folder", "open_objects"]

FOLDER = "uploads"


def bytes_folder(url: str | None, data_dir: Path) -> Path | None:
    """Where they lie; it may be a disk of its own. None: in a bucket."""
    return data_dir / FOLDER if url is None else None


def open_objects(url: str | None, data_dir: Path) -> Objects:
    """By ``CHAT_UPLOADS_URL``; without one it is a folder in the data folder, made by the first ``put``."""
    return FolderObjects(data_dir / FOLDER) if url is None else BucketObjects(BucketAddress.of(url))
