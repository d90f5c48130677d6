"""Switching on the versions of a bucket, which the chat's own library cannot: one request, signed by hand.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import Request, urlopen

_ON = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"


def keep_versions(settings: Mapping[str, str], bucket: str) -> None:
    """``settings`` are the AWS_… variables of whoever may."""
    endpoint, path = settings["AWS_ENDPOINT_URL"], f"/{bucket}"
    now, region = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ"), settings["AWS_REGION"]
    scope = f"{now[:8]}/{region}/s3/aws4_request"
    query = urlencode(
        {
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
            "X-Amz-Credential": f"{settings['AWS_ACCESS_KEY_ID']}/{scope}",
            "X-Amz-Date": now,
            "X-Amz-Expires": "60",
            "X-Amz-SignedHeaders": "host",
            "versioning": "",
        },
        quote_via=quote,
        safe="",
    )
    asked = f"PUT\n{path}\n{query}\nhost:{urlsplit(endpoint).netloc}\n\nhost\nUNSIGNED-PAYLOAD"
    to_sign = f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{hashlib.sha256(asked.encode()).hexdigest()}"
    key = f"AWS4{settings['AWS_SECRET_ACCESS_KEY']}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
    url = f"{endpoint}{path}?{query}&X-Amz-Signature={signature}"
    urlopen(Request(url, data=_ON, method="PUT"), timeout=10).close()
