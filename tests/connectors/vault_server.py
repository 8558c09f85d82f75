"""An imitation of HashiCorp Vault's HTTP API: KV version 2, Transit, AppRole; from its docs."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN, ROLE, SECRET_ID = "hvs.token-1", "role-1", "secret-id-1"


@dataclass
class VaultServer:
    """What it keeps, and switches."""

    url: str = ""
    sealed: bool = False
    secrets: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=lambda: {TOKEN})

    def answer(self, method: str, path: str, token: str, body: dict[str, Any]) -> tuple[int, Any]:
        """Status and document."""
        if self.sealed:
            return 503, {"errors": ["Vault is sealed"]}
        if path == "/v1/auth/approle/login":
            if (body.get("role_id"), body.get("secret_id")) != (ROLE, SECRET_ID):
                return 400, {"errors": ["invalid role or secret ID"]}
            self.tokens.add("hvs.by-role")
            return 200, {"auth": {"client_token": "hvs.by-role", "lease_duration": 3600}}
        if token not in self.tokens:
            return 403, {"errors": ["permission denied"]}
        parts = path.removeprefix("/v1/").split("/")
        if parts[0] == "secret" and parts[1] == "data":
            return self._kv(method, "/".join(parts[2:]), body)
        if parts[0] == "transit" and parts[1] == "encrypt":
            wrapped = base64.b64encode(f"{parts[2]}|{body['plaintext']}".encode()).decode()
            return 200, {"data": {"ciphertext": f"vault:v1:{wrapped}"}}
        if parts[0] == "transit" and parts[1] == "decrypt":
            text = base64.b64decode(body["ciphertext"].removeprefix("vault:v1:")).decode()
            name, _, plain = text.partition("|")
            if name != parts[2]:
                return 400, {"errors": ["cipher: message authentication failed"]}
            return 200, {"data": {"plaintext": plain}}
        return 404, {"errors": []}

    def _kv(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        versions = self.secrets.setdefault(path, [])
        if method == "GET":
            if not versions:
                return 404, {"errors": []}
            newest = {"data": versions[-1], "metadata": {"version": len(versions)}}
            return 200, {"data": newest}
        if body.get("options", {}).get("cas", len(versions)) != len(versions):
            return 400, {"errors": ["check-and-set parameter did not match the current version"]}
        versions.append(body["data"])
        return 200, {"data": {"version": len(versions)}}


@contextmanager
def vault_server() -> Iterator[VaultServer]:
    """The server on a free port."""
    known = VaultServer()

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            token = self.headers.get("X-Vault-Token", "")
            path = self.path.split("?")[0]
            status, document = known.answer(
                self.command, path, token, json.loads(raw) if raw else {}
            )
            content = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = handle_any

        def log_message(self, format: str, *args: Any) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    known.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield known
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
