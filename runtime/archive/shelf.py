"""The object store: S3 or anything that speaks its language, chosen by settings."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from ipaas.core import clock
from ipaas.core.errors import Kind
from runtime.engine import NotNow

log = logging.getLogger(__name__)
CONNECT_S, ANSWER_S, TRIES = 3, 20, 2
REST_S = 5.0  # after a failure nobody asks for that long: what waits for it must not queue up
MOST_AT_ONCE = 1_000  # keys that one request may delete


class StorageAway(NotNow):
    """The object store does not answer, or refuses: what is in it cannot be read for now."""

    code = "storage.away"
    kind = Kind.UNAVAILABLE


class StorageMisset(ValueError):
    """The settings name no object store that could be used; the text says why."""


class Shelf:
    """One bucket, and a prefix within it. Every method raises StorageAway in trouble."""

    def __init__(self, url: str, endpoint: str, region: str) -> None:
        parts = urlsplit(url)
        if parts.scheme != "s3" or not parts.netloc:
            raise StorageMisset("CAUSEWAY_STORAGE_URL must look like s3://bucket/prefix.")
        try:
            import boto3
            from botocore.config import Config
        except ImportError as error:
            raise StorageMisset(
                "CAUSEWAY_STORAGE_URL is set, but boto3 is missing: pip install causeway[s3]."
            ) from error
        self.place = url
        self._bucket = parts.netloc
        self._prefix = parts.path.strip("/")
        self._away_until_s = float("-inf")
        # Credentials come from where every program of that vendor looks: variables, files, roles.
        self._client = boto3.session.Session().client(
            "s3",
            endpoint_url=endpoint or None,
            region_name=region or None,
            config=Config(
                connect_timeout=CONNECT_S,
                read_timeout=ANSWER_S,
                retries={"max_attempts": TRIES, "mode": "standard"},
                s3={"addressing_style": "path" if endpoint else "auto"},
                # Not every store knows the newer checksums; what is kept here proves itself.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

    def put(self, name: str, content: bytes) -> None:
        """Store an object; it is there when this returns."""
        self._ask("put_object", Key=self._key(name), Body=content)

    def get(self, name: str, start: int, length: int) -> bytes | None:
        """A part of an object, or None if there is no such object."""
        last = start + length - 1
        return self._ask("get_object", Key=self._key(name), Range=f"bytes={start}-{last}")

    def remove(self, names: Sequence[str]) -> None:
        """Delete objects; those that are not there count as deleted."""
        for first in range(0, len(names), MOST_AT_ONCE):
            keys = [{"Key": self._key(name)} for name in names[first : first + MOST_AT_ONCE]]
            self._ask("delete_objects", Delete={"Objects": keys, "Quiet": True})

    def _key(self, name: str) -> str:
        return f"{self._prefix}/{name}" if self._prefix else name

    def _ask(self, method: str, **request: Any) -> bytes | None:
        from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

        if clock.monotonic_s() < self._away_until_s:
            raise self._away("It did not answer a moment ago.")
        try:
            answer = getattr(self._client, method)(Bucket=self._bucket, **request)
            if errors := answer.get("Errors"):
                raise self._away(f"{len(errors)} objects could not be deleted.")
            return answer["Body"].read() if method == "get_object" else b""
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            if method == "get_object" and code in ("NoSuchKey", "404"):
                return None
            raise self._away(f"It refused ({code}).") from error
        except (BotoCoreError, HTTPClientError, OSError) as error:
            self._away_until_s = clock.monotonic_s() + REST_S
            raise self._away(f"{type(error).__name__}.") from error

    def _away(self, why: str) -> StorageAway:
        return StorageAway(
            f"The object store with older documents cannot be used. {why}",
            hint="Nothing is lost: what needs them goes on when the store answers. "
            "Ask whoever runs this installation to look at it.",
        )


_lock = threading.Lock()


@cache
def _made(url: str, endpoint: str, region: str) -> Shelf:
    return Shelf(url, endpoint, region)


def shelf() -> Shelf | None:
    """The store that the settings name; None: documents stay in the database.

    Raises StorageMisset.
    """
    if not settings.STORAGE_URL:
        return None
    with _lock:  # boto3 makes clients in one thread at a time
        return _made(settings.STORAGE_URL, settings.STORAGE_ENDPOINT, settings.STORAGE_REGION)
