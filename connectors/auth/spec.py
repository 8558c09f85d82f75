"""What a manifest says about authorisation, as frozen values with the fields a person types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from connectors.values import FieldSpec

Kind = Literal[
    "none",
    "api_key",
    "basic",
    "bearer",
    "oauth2",
    "client_credentials",
    "password",
    "oauth1",
    "session",
    "custom",
]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An OAuth address; ``sandbox_path`` is where our imitation of the vendor serves it.

    ``url`` may hold places (``{settings.token_url}``) where each customer has an own address.
    ``name`` is what the vendor's own description of its endpoints calls it.
    """

    url: str
    sandbox_path: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class LogOn:
    """One request of a session log-on; its values may use ``{secrets.…}`` and ``$secrets.…``."""

    method: str
    path: str
    query: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, Any] = field(default_factory=dict)
    body: Any = None


@dataclass(frozen=True, slots=True)
class Auth:
    """How calls are authorised, and what a person types for that.

    ``name`` tells several ways of one connector apart. ``client`` says where a token endpoint
    wants client id and secret. ``parameters`` go into every token request. For a session:
    ``token_at`` is a JSON pointer in the answer ("" = the whole text), ``refused`` a text that an
    answer with status 200 holds when the log-on failed, ``ended`` one that says the session is
    over.
    """

    kind: Kind
    name: str = ""
    title: str = ""
    fields: tuple[FieldSpec, ...] = ()
    secret: str = ""
    header: str = ""
    query: str = ""
    prefix: str = ""
    username: str = "username"
    password: str = "password"
    authorize: Endpoint | None = None
    token: Endpoint | None = None
    revoke: Endpoint | None = None
    request_token: Endpoint | None = None
    discovery: Endpoint | None = None
    scope: str = ""
    pkce: bool = False
    account_parameter: str = ""
    client: Literal["basic", "body"] = "basic"
    parameters: dict[str, str] = field(default_factory=dict)
    file: Literal["", "ionapi"] = ""
    signature: str = "HMAC-SHA256"
    activation: bool = False
    log_on: LogOn | None = None
    log_off: LogOn | None = None
    token_at: str = ""
    refused: str = ""
    ended: str = ""
    lifetime_s: int = 0
    hook: str = ""
    renew_hook: str = ""

    @property
    def needs_consent(self) -> bool:
        """Whether a person must agree at the vendor before calls can be made."""
        return self.kind == "oauth2" or (self.kind == "oauth1" and self.activation)

    def hooks(self) -> set[str]:
        """Names of functions that hooks.py must hold for this."""
        return {self.hook, self.renew_hook} - {""}


def read_all(entry: Any) -> tuple[Auth, ...]:
    """All ways a manifest offers, the usual one first; ``entry`` passed the manifest's schema."""
    return tuple(read(each) for each in (entry if isinstance(entry, list) else [entry]))


def read(entry: Mapping[str, Any]) -> Auth:
    """One way to authorise."""
    kind: Kind = entry["kind"]
    secret = entry.get("secret") or _SECRET.get(kind, "")
    given = {
        name: entry[name]
        for name in (
            "title",
            "prefix",
            "username",
            "password",
            "scope",
            "pkce",
            "account_parameter",
            "client",
            "file",
            "signature",
            "activation",
            "token_at",
            "refused",
            "ended",
            "lifetime_s",
            "hook",
            "renew_hook",
            "query",
        )
        if name in entry
    }
    header = entry.get("header", "")
    if not header and kind == "api_key" and "query" not in entry:
        header = "X-API-Key"
    auth = Auth(
        kind=kind,
        name=entry.get("name", kind),
        secret=secret,
        header=header,
        authorize=_endpoint(entry.get("authorize"), "authorization_endpoint"),
        token=_endpoint(entry.get("token"), "token_endpoint"),
        revoke=_endpoint(entry.get("revoke"), "revocation_endpoint"),
        discovery=_endpoint(entry.get("discovery")),
        request_token=_endpoint(entry.get("request_token")),
        parameters=dict(entry.get("parameters", {})),
        log_on=LogOn(**entry["log_on"]) if "log_on" in entry else None,
        log_off=LogOn(**entry["log_off"]) if "log_off" in entry else None,
        **given,
    )
    return _with_fields(auth, tuple(read_field(item) for item in entry.get("fields", ())))


def read_field(entry: Mapping[str, Any]) -> FieldSpec:
    """One thing a person types."""
    return FieldSpec(
        name=entry["name"],
        title=entry["title"],
        secret=entry.get("secret", False),
        required=entry.get("required", False),
        help=" ".join(entry.get("help", "").split()),
        default=entry.get("default", ""),
        choices=tuple((choice["value"], choice["title"]) for choice in entry.get("choices", ())),
    )


_SECRET = {"api_key": "api_key", "bearer": "access_token"}


def _with_fields(auth: Auth, declared: tuple[FieldSpec, ...]) -> Auth:
    """``auth`` with the fields of its kind that the manifest did not word itself."""
    known = {spec.name for spec in declared}
    added = tuple(spec for spec in _standard(auth) if spec.name not in known)
    return replace(auth, fields=(*declared, *added))


def _standard(auth: Auth) -> tuple[FieldSpec, ...]:
    match auth.kind:
        case "api_key":
            return (_secret(auth.secret, "API key"),)
        case "bearer":
            return (_secret(auth.secret, "Access token"),)
        case "basic":
            return (_secret(auth.username, "User name"), _secret(auth.password, "Password"))
        case "oauth2" | "client_credentials":
            return (_secret("client_id", "Client id"), _secret("client_secret", "Client secret"))
        case "password":
            by_file = bool(auth.file)
            typed = (
                _secret("client_id", "Client id", required=not by_file),
                _secret("client_secret", "Client secret", required=not by_file),
                _secret("username", "User name", required=not by_file),
                _secret("password", "Password", required=not by_file),
            )
            return (_FILES[auth.file], *typed) if by_file else typed
        case "oauth1":
            asked = not auth.activation
            return (
                _secret("consumer_key", "Consumer key", required=asked),
                _secret("consumer_secret", "Consumer secret", required=asked),
                _secret("token", "Access token", required=asked),
                _secret("token_secret", "Access token secret", required=asked),
            )
        case "session":
            return (_secret(auth.username, "User name"), _secret(auth.password, "Password"))
        case _:
            return ()


def _secret(name: str, title: str, *, required: bool = True) -> FieldSpec:
    return FieldSpec(name=name, title=title, secret=True, required=required)


_FILES = {
    "ionapi": FieldSpec(
        name="ionapi",
        title="Credentials file (.ionapi)",
        secret=True,
        required=False,
        help="Infor OS › API Gateway › Authorized Apps › your backend service app › Download "
        "credentials, with “Create service account” ticked. Upload the file, or paste its text.",
    )
}


def _endpoint(entry: Mapping[str, str] | None, name: str = "") -> Endpoint | None:
    return Endpoint(entry["url"], entry.get("sandbox_path", ""), name) if entry else None
