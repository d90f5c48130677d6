"""Objects in an S3 bucket: Amazon's, or another server that speaks S3 (AWS_ENDPOINT_URL).

What S3 itself needs comes from its usual variables (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION,
AWS_ENDPOINT_URL …), which the library reads. Nothing is uploaded in multiple parts: an upload that a
kill left unfinished would lie there unseen, and be paid for.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    PermissionDeniedError,
    PreconditionError,
    UnauthenticatedError,
)
from obstore.store import S3Store

from chatapp.errors import StorageFull, StorageUnavailable
from chatapp.files.address import BucketAddress
from chatapp.files.port import CHUNK, ObjectMissing, StorageRefused, Stored, checked, in_pieces
from chatapp.files.probe import refusal_by_trying

if TYPE_CHECKING:
    from obstore import PutResult
    from obstore.store import ClientConfig, RetryConfig

KEEPS_VERSIONS = "it keeps versions (versioning or object lock), and what is deleted must be gone"

_AT_ONCE = 1000  # names in a request that deletes
# One request may wait so long: a thread that waits is one less for everybody else.
_TIMES: ClientConfig = {"connect_timeout": timedelta(seconds=3), "timeout": timedelta(seconds=15)}
_RETRY: RetryConfig = {
    "max_retries": 2,
    "retry_timeout": timedelta(seconds=10),
    "backoff": {
        "init_backoff": timedelta(milliseconds=100),
        "max_backoff": timedelta(seconds=1),
        "base": 2,
    },
}
_IS_FULL = ("507 Insufficient Storage", "QuotaExceeded", "XMinioStorageFull", "EntityTooLarge")
_SAYS_NO = ("NoSuchBucket", "InvalidAccessKeyId", "SignatureDoesNotMatch", "AccessDenied")


class BucketObjects:
    """Fulfils ``Objects``."""

    def __init__(self, address: BucketAddress) -> None:
        self._address = address
        endpoint = os.environ.get("AWS_ENDPOINT_URL") or os.environ.get("AWS_ENDPOINT") or ""
        self._store = S3Store(
            address.bucket,
            prefix=address.prefix or None,
            client_options={**_TIMES, "allow_http": endpoint.startswith("http://")},
            retry_config=_RETRY,
        )

    def put(self, name: str, data: bytes) -> None:
        checked(name)
        with self._as_ours(name):
            result = obstore.put(self._store, name, data, use_multipart=False)
        self._refuse_versions(result)

    def put_alone(self, name: str, data: bytes) -> bool:
        checked(name)
        with self._as_ours(name):
            try:
                result = obstore.put(self._store, name, data, use_multipart=False, mode="create")
            except (AlreadyExistsError, PreconditionError):
                return False
        self._refuse_versions(result)
        return True

    def _refuse_versions(self, result: PutResult) -> None:
        if result["version"] not in (None, "null"):
            # Somebody may have switched it on since the start. The rest is for the bucket's owner.
            raise StorageRefused(f"the bucket {self._address.url!r}: {KEEPS_VERSIONS}")

    def get(self, name: str, start: int = 0, end: int | None = None) -> bytes:
        checked(name)
        if end is not None and end <= start:
            return b""
        with self._as_ours(name):
            if start == 0 and end is None:
                return bytes(obstore.get(self._store, name).bytes())
            found = obstore.get(
                self._store, name, options={"range": {"offset": start} if end is None else (start, end)}
            )
            return bytes(found.bytes())

    def read(self, name: str, start: int, end: int, chunk: int = CHUNK) -> Iterator[bytes]:
        return in_pieces(self, name, start, end, chunk)

    def delete(self, names: Iterable[str]) -> None:
        left = [checked(name) for name in names]
        while left:
            with self._as_ours(left[0]):
                obstore.delete(self._store, left[:_AT_ONCE])
            del left[:_AT_ONCE]

    def names(self, prefix: str = "") -> Iterator[Stored]:
        # S3 lists by any beginning of a name, the library by whole folders of it.
        folder, slash, _ = prefix.rpartition("/")
        with self._as_ours(prefix):
            for page in obstore.list(self._store, prefix=folder if slash else None):
                for found in page:
                    if found["path"].startswith(prefix):
                        modified_ms = int(found["last_modified"].timestamp() * 1000)
                        yield Stored(found["path"], found["size"], modified_ms)

    def refusal(self) -> str | None:
        return refusal_by_trying(self)

    @contextmanager
    def _as_ours(self, name: str) -> Iterator[None]:
        """What the library says, as the refusals of this program."""
        try:
            yield
        except FileNotFoundError as error:
            if _SAYS_NO[0] in str(error):
                raise StorageRefused(self._sentence(error)) from error
            raise ObjectMissing(name) from None
        except (BaseError, OSError) as error:
            said = str(error)
            if any(word in said for word in _IS_FULL):
                raise StorageFull from error
            is_no = isinstance(error, PermissionDeniedError | UnauthenticatedError)
            if is_no or any(word in said for word in _SAYS_NO):
                raise StorageRefused(self._sentence(error)) from error
            raise StorageUnavailable from error

    def _sentence(self, error: BaseException) -> str:
        """The first line; behind it the library shows its own insides."""
        said = next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
        return f"the bucket {self._address.url!r}: {said.strip().rstrip('.')}"
