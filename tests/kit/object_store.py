"""An S3 server on this machine (moto's), which can be taken away and brought back."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from moto.moto_server.threaded_moto_server import ThreadedMotoServer

BUCKET = "documents"


class ObjectStore:
    """The server, and what is in its bucket."""

    def __init__(self) -> None:
        self.port = 0
        self._server: Any = None

    @property
    def endpoint(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Serve, on the same port as before if there was one."""
        self._server = ThreadedMotoServer(ip_address="127.0.0.1", port=self.port, verbose=False)
        self._server.start()
        self.port = self._server.get_host_and_port()[1]

    def stop(self) -> None:
        """Answer nobody any more; the objects stay."""
        self._server.stop()

    def names(self) -> list[str]:
        """Names of all objects."""
        return sorted(self._listed())

    def content(self, name: str) -> bytes:
        """All of an object."""
        found: bytes = self._client().get_object(Bucket=BUCKET, Key=name)["Body"].read()
        return found

    def put(self, name: str, content: bytes) -> None:
        """Overwrite an object."""
        self._client().put_object(Bucket=BUCKET, Key=name, Body=content)

    def make_bucket(self) -> None:
        """An empty bucket; all servers of one process share what they keep."""
        client = self._client()
        client.create_bucket(Bucket=BUCKET)
        for name in self._listed():
            client.delete_object(Bucket=BUCKET, Key=name)

    def _listed(self) -> list[str]:
        pages = self._client().get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
        return [each["Key"] for page in pages for each in page.get("Contents", ())]

    def _client(self) -> Any:
        return boto3.client("s3", endpoint_url=self.endpoint, region_name="us-east-1")


@contextmanager
def object_store(settings: Any, monkeypatch: Any) -> Iterator[ObjectStore]:
    """A store with an empty bucket, which the settings name; documents move at once."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "tests")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "tests-tests-tests")
    store = ObjectStore()
    store.start()
    try:
        store.make_bucket()
        settings.STORAGE_URL = f"s3://{BUCKET}/causeway"
        settings.STORAGE_ENDPOINT = store.endpoint
        settings.STORAGE_REGION = "us-east-1"
        settings.STORAGE_AFTER_S = 60
        yield store
    finally:
        store.stop()
