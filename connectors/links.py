"""A workspace's connections: made, changed, tested, removed; secrets go in and never come out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.text import slugify

from connectors import credentials, registry, sandboxes, vendor_lists, webhooks
from connectors.auth import kinds
from connectors.http import Reach
from connectors.manifest import templates
from connectors.models import ConnectionRow
from connectors.own.visible import usable
from connectors.registry import Connector
from connectors.sdk import ConnectorError
from connectors.session import Session
from connectors.typed import (
    ConnectionInvalid,
    checked_auth,
    checked_certificate,
    checked_secrets,
    checked_settings,
    from_file,
)
from connectors.values import Connection, ConnectionUse, TestResult
from ipaas.core.errors import Conflict
from ipaas.tenancy import facade as tenancy

UsageProvider = Callable[[str, str], Mapping[str, Sequence[ConnectionUse]]]
_providers: list[UsageProvider] = []


class ConnectionInUse(Conflict):
    """Flows use this connection."""

    code = "connection.in_use"


def register_usage_provider(provider: UsageProvider) -> None:
    """Let a higher app say which flows use the connections of an environment.

    ``provider(workspace_id, environment)`` gives flows by connection slug, for all at once.
    """
    if provider not in _providers:
        _providers.append(provider)


def uses_of_connections(workspace_id: str, environment: str) -> dict[str, list[ConnectionUse]]:
    """Flows by slug of the connection they use."""
    found: dict[str, list[ConnectionUse]] = {}
    for provider in _providers:
        for slug, uses in provider(workspace_id, environment).items():
            found.setdefault(slug, []).extend(uses)
    return found


def list_connections(workspace_id: str, environment: str | None = None) -> list[Connection]:
    """All connections of the workspace (in one environment), by name; one query."""
    rows = ConnectionRow.objects.select_related("credential").filter(workspace_id=workspace_id)
    if environment:
        rows = rows.filter(environment=environment)
    return [_value(row) for row in rows.order_by("name", "id")]


def get_connection(workspace_id: str, environment: str, slug: str) -> Connection:
    """One connection by the name flows use; raises ConnectionNotFound."""
    return _value(_row(workspace_id, environment=environment, slug=slug))


def get_connection_by_id(workspace_id: str, connection_id: str) -> Connection:
    """One connection by id; raises ConnectionNotFound, also for another workspace's."""
    return _value(_row(workspace_id, id=connection_id))


def create_connection(
    workspace_id: str,
    environment: str,
    *,
    connector: str,
    name: str,
    settings: Mapping[str, Any] | None = None,
    secrets: Mapping[str, str] | None = None,
    sandbox: bool = False,
    on_premise: bool = False,
    slug: str | None = None,
    auth: str = "",
    ca_certificate: str = "",
) -> Connection:
    """A new connection; one that a person must agree to at the vendor waits for consent.

    ``auth`` names one of the connector's ways to authorise; ``ca_certificate`` (PEM) is an
    authority trusted for this connection beside the usual ones.

    A sandbox connection leads into the workspace's own sandbox: address, credentials and web hook
    are filled in from there unless given. Raises ConnectionInvalid with the faulty fields.
    """
    held = usable(workspace_id, connector)
    workspace = tenancy.workspace_by_id(workspace_id)
    way = checked_auth(held, auth)
    known_secrets, given = from_file(held, way, secrets or {}, settings or {})
    authority = checked_certificate(ca_certificate)
    if given.get("base_url") and sandboxes.is_sandbox_url(str(given["base_url"])):
        sandbox = True
    if sandbox:
        if workspace.environment(environment).is_production:
            raise ConnectionInvalid(
                "A sandbox cannot be connected in a production environment.",
                hint="Make the connection in the test environment.",
            )
        given.setdefault("base_url", sandboxes.base_url(workspace.slug, connector))
        typed = () if way.activation else way.fields  # activation brings its secrets itself
        missing = {f.name for f in typed if f.secret} - {way.file, *known_secrets}
        if missing:
            found = sandboxes.credentials_for(workspace.slug, connector, missing)
            known_secrets = {**found, **known_secrets}
        if held.manifest.webhook and not known_secrets.get(held.manifest.webhook.secret):
            known_secrets[held.manifest.webhook.secret] = sandboxes.new_webhook_secret()
    reach = Reach.SANDBOX if sandbox else Reach.ON_PREMISE if on_premise else Reach.PUBLIC
    checked = checked_settings(held, given, reach)
    sealed_secrets = checked_secrets(way, known_secrets, complete=True)
    if not name.strip():
        raise ConnectionInvalid("The connection needs a name.", fields={"name": "Give a name."})
    needs_consent = way.needs_consent and not sealed_secrets.get("token")
    with transaction.atomic():
        row = ConnectionRow(
            workspace_id=workspace_id,
            environment=environment,
            slug=_free_slug(workspace_id, environment, slug or name or connector),
            name=name.strip(),
            connector=connector,
            settings=checked,
            status=ConnectionRow.Status.NEEDS_CONSENT
            if needs_consent
            else ConnectionRow.Status.READY,
            auth=way.name if auth else "",
            ca_certificate=authority,
            sandbox=sandbox,
            on_premise=on_premise and not sandbox,
        )
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError as error:
            raise Conflict("A connection of that name was just made.", hint="Try again.") from error
        credentials.replace(workspace_id, row.id, sealed_secrets, version=None)
    if sandbox and held.manifest.webhook:
        sandboxes.announce_webhook(
            workspace.slug,
            connector,
            _webhook_url(held, row),
            sealed_secrets[held.manifest.webhook.secret],
        )
    return get_connection_by_id(workspace_id, row.id)


def update_connection(
    workspace_id: str,
    connection_id: str,
    *,
    name: str | None = None,
    settings: Mapping[str, Any] | None = None,
    disabled: bool | None = None,
    on_premise: bool | None = None,
    ca_certificate: str | None = None,
) -> Connection:
    """The connection with what was given changed; members of ``settings`` not given stay."""
    row = _row(workspace_id, id=connection_id)
    held = registry.get(row.connector)
    if on_premise is not None and not row.sandbox:
        row.on_premise = on_premise
    if settings is not None or on_premise is not None:
        reach = (
            Reach.SANDBOX if row.sandbox else Reach.ON_PREMISE if row.on_premise else Reach.PUBLIC
        )
        before, row.settings = (
            row.settings,
            checked_settings(held, {**row.settings, **(settings or {})}, reach),
        )
        if row.settings != before:
            vendor_lists.forget(row.id)
    if ca_certificate is not None:
        row.ca_certificate = checked_certificate(ca_certificate)
    if name is not None and name.strip():
        row.name = name.strip()
    if disabled is True:
        row.status = ConnectionRow.Status.DISABLED
    elif disabled is False and row.status == ConnectionRow.Status.DISABLED:
        opened = credentials.open_row(row)
        given = opened.secrets.get("refresh_token") or opened.secrets.get("token")
        consented = given or not opened.auth.needs_consent
        row.status = ConnectionRow.Status.READY if consented else ConnectionRow.Status.NEEDS_CONSENT
    row.save(update_fields=["name", "settings", "status", "on_premise", "ca_certificate"])
    credentials.forget(row.id)
    return _value(row)


def save_secrets(
    workspace_id: str, connection_id: str, secrets: Mapping[str, str | None]
) -> Connection:
    """The connection with these secrets replaced; those not named stay, None or "" removes one."""
    for _ in range(5):
        row = _row(workspace_id, id=connection_id)
        held, before = registry.get(row.connector), credentials.open_row(row)
        typed, told = from_file(held, before.auth, secrets, {})
        merged = {**before.secrets, **checked_secrets(before.auth, typed, complete=False)}
        changed = {name for name, value in merged.items() if value != before.secrets.get(name)}
        if changed - _of_webhook(held):  # what was got by means of the old ones is void
            vendor_lists.forget(row.id)
            for name in kinds.of(before).derived:
                merged.pop(name, None)
        kept = {name: value for name, value in merged.items() if value}
        ends = before.expires_at if kept.keys() >= before.secrets.keys() else None
        if credentials.replace(workspace_id, row.id, kept, version=before.version, expires_at=ends):
            if told:
                update_connection(workspace_id, connection_id, settings=told)
            if changed and not before.auth.needs_consent:
                ConnectionRow.objects.filter(
                    id=row.id, status=ConnectionRow.Status.RECONNECT
                ).update(status=ConnectionRow.Status.READY, last_error="")
            return get_connection_by_id(workspace_id, connection_id)
    raise Conflict("The secrets are being changed by somebody else.", hint="Try again.")


def missing_scopes(
    workspace_id: str, connection_id: str, operations: Sequence[str]
) -> tuple[str, ...]:
    """OAuth scopes that these operations need and the vendor did not grant; () if all is well.

    An operation the connector does not have needs nothing.
    """
    row = _row(workspace_id, id=connection_id)
    held = registry.get(row.connector)
    if held.manifest.auth_named(row.auth).kind not in ("oauth2", "client_credentials", "password"):
        return ()
    granted = set((row.granted_scopes or held.manifest.auth_named(row.auth).scope).split())
    known = held.manifest.operations
    needed = {scope for name in operations if name in known for scope in known[name].scopes}
    return tuple(sorted(needed - granted))


def delete_connection(workspace_id: str, connection_id: str) -> bool | None:
    """Remove the connection and its secrets; refused with ConnectionInUse while flows use it.

    The answer says whether the vendor confirmed that our tokens are void: None if there was
    nothing to ask, False if it could not be asked; the connection is gone in any case.
    """
    row = _row(workspace_id, id=connection_id)
    uses = uses_of_connections(workspace_id, row.environment).get(row.slug, [])
    if uses:
        raise ConnectionInUse(
            f"“{row.name}” is used by {', '.join(use.name for use in uses)}.",
            hint="Choose another connection in these flows first.",
            used_by=[{"flow_id": use.flow_id, "name": use.name} for use in uses],
        )
    return _removed(row)


def discard_connection(workspace_id: str, connection_id: str) -> None:
    """Remove a connection that is not to be kept after all, also where flows name its slug."""
    _removed(_row(workspace_id, id=connection_id))


def _removed(row: ConnectionRow) -> bool | None:
    held = registry.get(row.connector)
    if row.sandbox and held.manifest.webhook:
        _withdraw(row.workspace_id, held, row)
    opened = credentials.open_row(row)
    withdrawn = kinds.of(opened).withdrawn(opened)
    credentials.forget(row.id)
    webhooks.forget(row.webhook_token)
    row.delete()
    return withdrawn


def test_connection(workspace_id: str, connection_id: str) -> TestResult:
    """Whether a cheap call succeeds now, in a sentence; never raises for a vendor's refusal.

    A sandbox is also told anew where to send its messages: our address may have changed.
    """
    row = _row(workspace_id, id=connection_id)
    opened = credentials.open_row(row)
    manifest = opened.connector.manifest
    if not manifest.test:
        return TestResult(True, f"{manifest.name} offers nothing to test with.")
    try:
        reply = Session(opened).perform(manifest.test["operation"], manifest.test.get("inputs", {}))
    except ConnectorError as error:
        return TestResult(False, error.message, error.hint, error.exchanges)
    if row.sandbox and manifest.webhook and opened.secrets.get(manifest.webhook.secret):
        sandboxes.announce_webhook(
            tenancy.workspace_by_id(workspace_id).slug,
            row.connector,
            _webhook_url(opened.connector, row),
            str(opened.secrets[manifest.webhook.secret]),
        )
    text = templates.fill_text(
        manifest.test.get("message", f"Connected to {manifest.name}."), {"output": reply.output}
    )
    if text is templates.MISSING:
        text = f"Connected to {manifest.name}."
    return TestResult(True, text, "", reply.exchanges)


test_connection.__test__ = False  # type: ignore[attr-defined]


def _withdraw(workspace_id: str, held: Connector, row: ConnectionRow) -> None:
    """Tell the sandbox to stop sending; if it is down, its messages will find nobody."""
    slug = tenancy.workspace_by_id(workspace_id).slug
    try:
        sandboxes.withdraw_webhook(slug, held.slug, _webhook_url(held, row))
    except sandboxes.SandboxDown:
        return


def _row(workspace_id: str, **wanted: str) -> ConnectionRow:
    row = (
        ConnectionRow.objects.select_related("credential")
        .filter(workspace_id=workspace_id, **wanted)
        .first()
    )
    if row is None:
        raise credentials.ConnectionNotFound(
            "There is no such connection.", hint="Choose one of the workspace's connections."
        )
    return row


def _of_webhook(held: Connector) -> set[str]:
    return {held.manifest.webhook.secret} if held.manifest.webhook else set()


def _value(row: ConnectionRow) -> Connection:
    credential = getattr(row, "credential", None)
    held = registry.find(row.connector)
    return Connection(
        id=row.id,
        workspace_id=row.workspace_id,
        environment=row.environment,
        slug=row.slug,
        name=row.name,
        connector=row.connector,
        status=row.status,  # type: ignore[arg-type]
        sandbox=row.sandbox,
        on_premise=row.on_premise,
        account=row.account,
        settings=dict(row.settings),
        has_secrets=tuple(credential.names) if credential else (),
        webhook_url=_webhook_url(held, row) if held and held.manifest.webhook else "",
        created_at=row.created_at,
        expires_at=credential.expires_at if credential else None,
        last_used_at=row.last_used_at,
        last_error=row.last_error,
        auth=held.manifest.auth_named(row.auth).name if held else row.auth,
        has_ca_certificate=bool(row.ca_certificate),
    )


def _webhook_url(held: Connector, row: ConnectionRow) -> str:
    return f"{settings.PUBLIC_URL}/hooks/{row.webhook_token}"


def _free_slug(workspace_id: str, environment: str, wanted: str) -> str:
    base = (slugify(wanted) or "connection")[:50]
    taken = set(
        ConnectionRow.objects.filter(
            workspace_id=workspace_id, environment=environment, slug__startswith=base
        ).values_list("slug", flat=True)
    )
    slug, number = base, 2
    while slug in taken:
        slug, number = f"{base}-{number}", number + 1
    return slug
