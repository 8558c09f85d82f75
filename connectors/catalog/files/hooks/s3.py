"""A bucket of an S3-compatible store, spoken to through the platform's own door."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import IO, Any, BinaryIO, cast
from urllib.parse import quote

import xmltodict

from connectors.catalog.files.hooks import paths
from connectors.catalog.files.hooks.places import Entry
from connectors.sdk import HttpResponse, OperationContext, VendorError, needed

PART = 4 * 1024 * 1024


class S3Place:
    """Objects under a prefix; the store itself writes whole objects or none."""

    def __init__(self, context: OperationContext) -> None:
        settings = context.settings
        self._context = context
        for name, title in (("base_url", "S3 address"), ("bucket", "S3 bucket")):
            if not settings.get(name):
                raise needed(name, title)
        self._bucket = quote(str(settings["bucket"]), safe="")
        self._folder = paths.clean_folder(settings.get("folder"))
        self.name = f"s3://{settings['bucket']}/{self._folder}"

    def entries(self, folder: str) -> Iterator[Entry]:
        prefix = "/".join(part for part in (self._folder, folder) if part)
        query = {"list-type": "2", "delimiter": "/", "prefix": f"{prefix}/" if prefix else ""}
        cut = len(self._folder) + 1 if self._folder else 0
        while True:
            response = self._context.exchange("GET", f"/{self._bucket}", query=query)
            found = xmltodict.parse(response.body, force_list=("Contents",))["ListBucketResult"]
            for each in found.get("Contents") or ():
                if not each["Key"].endswith("/"):
                    yield _listed(each["Key"][cut:], each)
            token = found.get("NextContinuationToken")
            if found.get("IsTruncated") != "true" or not token:
                return
            query = {**query, "continuation-token": token}

    def stat(self, path: str) -> Entry | None:
        response = self._context.exchange("HEAD", self._at(path), good={404})
        return None if response.status == 404 else _told(path, response)

    def open(self, path: str) -> BinaryIO:
        entry = self.stat(path)
        if entry is None:
            raise paths.missing(path)
        return cast(
            BinaryIO, io.BufferedReader(_Reader(self._context, self._at(path), entry), PART)
        )

    def write(self, path: str, content: IO[bytes]) -> None:
        headers = {"Content-Type": "application/octet-stream"}
        self._context.exchange("PUT", self._at(path), content=content.read(), headers=headers)

    def move(self, path: str, to: str) -> None:
        source = {"x-amz-copy-source": self._at(path)}
        self._context.exchange("PUT", self._at(to), content=b"", headers=source)
        self._context.exchange("DELETE", self._at(path), good={404})

    def delete(self, path: str) -> None:
        self._context.exchange("DELETE", self._at(path), good={404})

    def close(self) -> None:
        return

    def _at(self, path: str) -> str:
        key = "/".join(part for part in (self._folder, path) if part)
        return f"/{self._bucket}/{quote(key, safe='/~')}"


class _Reader(io.RawIOBase):
    """Reads by ranges of one version: a file that changes meanwhile is a failure, not a mixture."""

    def __init__(self, context: OperationContext, path: str, entry: Entry) -> None:
        self._context, self._path, self._entry, self._at = context, path, entry, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size = min(len(buffer), self._entry.size - self._at)
        if size <= 0:
            return 0
        headers = {
            "Range": f"bytes={self._at}-{self._at + size - 1}",
            "If-Match": self._entry.revision,
        }
        data = self._context.exchange("GET", self._path, headers=headers).body[:size]
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


def _listed(path: str, told: Mapping[str, Any]) -> Entry:
    modified = datetime.fromisoformat(told["LastModified"].replace("Z", "+00:00"))
    return Entry(path, int(told["Size"]), modified, told["ETag"])


def _told(path: str, response: HttpResponse) -> Entry:
    headers = response.headers
    stamp = headers.get("last-modified", "")
    modified = parsedate_to_datetime(stamp) if stamp else datetime.fromtimestamp(0, UTC)
    return Entry(path, int(headers.get("content-length", 0)), modified, headers.get("etag", ""))


def read_error(response: HttpResponse) -> VendorError | None:
    """The store's code and words."""
    try:
        told = xmltodict.parse(response.body)["Error"]
        return VendorError(str(told.get("Code") or ""), str(told.get("Message") or ""))
    except Exception:
        return None
