"""A small S3 endpoint over a folder, which computes every signature itself and compares."""

from __future__ import annotations

import hashlib
import hmac
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit
from xml.sax.saxutils import escape

ACCESS, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
_CREDENTIAL = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/s3/aws4_request,\s*"
    r"SignedHeaders=([^,]+),\s*Signature=([0-9a-f]{64})"
)


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    root: Path
    page = 3

    def _signed(self, body: bytes) -> bool:
        match = _CREDENTIAL.fullmatch(self.headers.get("Authorization", ""))
        digest = hashlib.sha256(body).hexdigest()
        if not match or match[1] != ACCESS or self.headers["x-amz-content-sha256"] != digest:
            return False
        _, day, region, names, signature = match.groups()
        parts = urlsplit(self.path)
        pairs = sorted(
            (quote(name, safe="-_.~"), quote(value, safe="-_.~"))
            for name, value in parse_qsl(parts.query, keep_blank_values=True)
        )
        lines = [self.command, quote(unquote(parts.path), safe="/-_.~")]
        lines.append("&".join(f"{name}={value}" for name, value in pairs))
        lines += [f"{name}:{self.headers[name].strip()}" for name in names.split(";")]
        lines += ["", names, digest]
        stamp = self.headers["x-amz-date"]
        request = hashlib.sha256("\n".join(lines).encode()).hexdigest()
        text = f"AWS4-HMAC-SHA256\n{stamp}\n{day}/{region}/s3/aws4_request\n{request}"
        key = _hmac(
            _hmac(_hmac(_hmac(f"AWS4{SECRET}".encode(), day), region), "s3"), "aws4_request"
        )
        return hmac.compare_digest(_hmac(key, text).hex(), signature)

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if not self._signed(body):
            return self._answer(403, _error("SignatureDoesNotMatch", "The signature is wrong."))
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        where = self.root / unquote(parts.path).lstrip("/")
        if self.command == "GET" and "list-type" in query:
            return self._list(where, query)
        if self.command == "PUT":
            source = self.headers.get("x-amz-copy-source")
            if source:
                body = (self.root / unquote(source).lstrip("/")).read_bytes()
            where.parent.mkdir(parents=True, exist_ok=True)
            where.write_bytes(body)
            return self._answer(200)
        if self.command == "DELETE":
            where.unlink(missing_ok=True)
            return self._answer(204)
        if not where.is_file():
            return self._answer(404, _error("NoSuchKey", "The key does not exist."))
        content = where.read_bytes()
        etag = f'"{hashlib.md5(content).hexdigest()}"'
        if self.headers.get("If-Match") not in (None, etag):
            return self._answer(412, _error("PreconditionFailed", "It has changed."))
        headers = {
            "ETag": etag,
            "Last-Modified": formatdate(where.stat().st_mtime, usegmt=True),
        }
        match = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        if match:
            return self._answer(206, content[int(match[1]) : int(match[2]) + 1], headers)
        return self._answer(200, content, headers)

    do_GET = do_PUT = do_DELETE = do_HEAD = _serve

    def _list(self, bucket: Path, query: dict[str, str]) -> None:
        prefix = query.get("prefix", "")
        keys = sorted(str(path.relative_to(bucket)) for path in bucket.rglob("*") if path.is_file())
        keys = [k for k in keys if k.startswith(prefix) and "/" not in k[len(prefix) :]]
        start = int(query.get("continuation-token") or 0)
        shown, more = keys[start : start + self.page], start + self.page < len(keys)
        rows = []
        for key in shown:
            facts = (bucket / key).stat()
            etag = hashlib.md5((bucket / key).read_bytes()).hexdigest()
            stamp = formatdate(facts.st_mtime, usegmt=True)
            from email.utils import parsedate_to_datetime

            when = parsedate_to_datetime(stamp).strftime("%Y-%m-%dT%H:%M:%S.000Z")
            rows.append(
                f"<Contents><Key>{escape(key)}</Key><LastModified>{when}</LastModified>"
                f"<ETag>&quot;{etag}&quot;</ETag><Size>{facts.st_size}</Size></Contents>"
            )
        token = f"<NextContinuationToken>{start + self.page}</NextContinuationToken>"
        self._answer(
            200,
            (
                f"<ListBucketResult><IsTruncated>{str(more).lower()}</IsTruncated>"
                f"{token if more else ''}{''.join(rows)}</ListBucketResult>"
            ).encode(),
        )

    def _answer(
        self, status: int, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        return


def _error(code: str, message: str) -> bytes:
    return f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()


@contextmanager
def s3_server(root: Path) -> Iterator[str]:
    """Address of an endpoint whose buckets are folders below ``root``."""
    (root / "shop").mkdir(parents=True)
    handler = type("Handler", (_Handler,), {"root": root})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
