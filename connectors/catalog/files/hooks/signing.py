"""AWS Signature Version 4, for S3 and those who speak like it.

https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from connectors.sdk import ConnectorError, HttpRequest, Recovery
from ipaas.core import clock


def sign(
    request: HttpRequest, secrets: Mapping[str, Any], settings: Mapping[str, Any]
) -> HttpRequest:
    """``request`` with its signature; the address must be encoded already."""
    access, secret = str(secrets.get("access_key") or ""), str(secrets.get("secret_key") or "")
    if not access or not secret:
        raise ConnectorError(
            "The connection has no keys for the S3 store.",
            code="files.no_keys",
            recovery=Recovery.REAUTHORISE,
            hint="Enter access key and secret key in the connection.",
        )
    parts = urlsplit(request.url)
    now = clock.now()
    stamp, day = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
    digest = hashlib.sha256(request.body or b"").hexdigest()
    headers = {**request.headers, "x-amz-date": stamp, "x-amz-content-sha256": digest}
    signed = {"host": parts.netloc}
    for name, value in headers.items():
        if name.lower().startswith("x-amz-") or name.lower() in ("range", "date"):
            signed[name.lower()] = " ".join(value.split())
    names = ";".join(sorted(signed))
    canonical = "\n".join(
        [
            request.method,
            parts.path or "/",
            "&".join(
                sorted(
                    pair if "=" in pair else f"{pair}=" for pair in parts.query.split("&") if pair
                )
            ),
            *(f"{name}:{signed[name]}" for name in sorted(signed)),
            "",
            names,
            digest,
        ]
    )
    scope = f"{day}/{settings.get('region') or 'us-east-1'}/s3/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    headers["Authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={access}/{scope},SignedHeaders={names},Signature={signature}"
    )
    return replace(request, headers=headers)
