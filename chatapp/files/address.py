"""The bucket that files lie in: one URL, read once. What S3 itself needs is in its own AWS_… variables."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", re.ASCII)
_FOLDER = re.compile(r"[A-Za-z0-9!_*'()-][A-Za-z0-9!_.*'()-]*", re.ASCII)
_EXAMPLE = "give s3://bucket or s3://bucket/prefix"


class NoBucket(ValueError):
    """What would have been one. Never repeats the URL, which may hold a key."""


@dataclass(frozen=True, kw_only=True)
class BucketAddress:
    """``prefix`` is blank, or the beginning of all names, without a slash at either end."""

    bucket: str
    prefix: str = ""

    @classmethod
    def of(cls, url: str) -> BucketAddress:
        """Raises ``NoBucket``."""
        try:
            parts = urlsplit(url)
        except ValueError:
            raise NoBucket(_EXAMPLE) from None
        if parts.scheme != "s3" or not _BUCKET.fullmatch(parts.netloc):
            raise NoBucket(f"{_EXAMPLE}; keys and endpoint go into AWS_… variables")
        if parts.query or parts.fragment:
            raise NoBucket(f"{_EXAMPLE}, with nothing behind it; the rest goes into AWS_… variables")
        prefix = parts.path.strip("/")
        if prefix and not all(_FOLDER.fullmatch(part) for part in prefix.split("/")):
            raise NoBucket(f"{_EXAMPLE}, the prefix of letters, digits, - and _")
        return cls(bucket=parts.netloc, prefix=prefix)

    @property
    def url(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")
