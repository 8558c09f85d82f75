"""``manage.py load_demo``: a shop, its books and the flows between them, ready to be tried."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import urllib3
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand
from django.db import transaction

from connectors import facade as connectors
from designer import flows, publish, templates
from designer.blueprints.loading import flow_document
from designer.models import Flow
from ipaas.core.errors import NotFound
from ipaas.tenancy import facade as tenancy

SLUG = "demo"
PASSWORD = "causeway"
PEOPLE = (
    ("demo", "Alice", "Moreau", "owner"),
    ("ben", "Ben", "Okafor", "builder"),
    ("ana", "Ana", "Lindqvist", "analyst"),
    ("vera", "Vera", "Novak", "viewer"),
)
FLOWS = (
    (
        "order_to_cash_complete",
        "Order to cash",
        "Every Magento order becomes an invoice in QuickBooks, or a sales receipt if it is paid.",
    ),
    (
        "payment_to_books",
        "Payment to books",
        "What a customer pays later is linked to the invoice of the order.",
    ),
    (
        "refund_to_books",
        "Refund to books",
        "A credit memo of the shop becomes a refund, or a credit if nothing was paid.",
    ),
    (
        "cancellation_to_books",
        "Cancellation to books",
        "An order that is cancelled voids its invoice; a cancelled rest is credited.",
    ),
)


class Command(BaseCommand):
    """Make the demo workspace; what is there already is left as it is."""

    requires_system_checks: list[str] = []
    help = "Load the demo workspace with sandbox connections and published flows."

    def handle(self, *args: Any, **options: Any) -> None:
        """Idempotent: a second call changes nothing."""
        with transaction.atomic():
            people = [self._person(*person[:3]) for person in PEOPLE]
            try:
                workspace = tenancy.workspace_by_slug(SLUG)
            except NotFound:
                workspace = tenancy.create_workspace(SLUG, "Harbor Lane Trading", people[0])
                for person, (_, _, _, role) in zip(people[1:], PEOPLE[1:], strict=True):
                    tenancy.add_member(workspace, person, role, by=people[0])
        owner = people[0]
        known = {c.slug for c in connectors.list_connections(workspace.id, "test")}
        if "magento" not in known:
            connectors.create_connection(
                workspace.id,
                "test",
                connector="magento",
                name="Magento shop",
                slug="magento",
                sandbox=True,
            )
        if "quickbooks" not in known:
            connection = connectors.create_connection(
                workspace.id,
                "test",
                connector="quickbooks",
                name="QuickBooks company",
                slug="quickbooks",
                sandbox=True,
            )
            self._consent(workspace.id, connection.id, owner)

        def lay(point: str, reads: dict[str, str]) -> dict[str, Any]:
            """A connector's mapping, followed when the connector brings a newer one."""
            laid = templates.lay(workspace.id, point, mapping=templates.EMPTY, reads=reads)
            mapping: dict[str, Any] = laid["mapping"]
            return mapping

        if not Flow.objects.filter(workspace_id=workspace.id).exists():
            for slug, name, description in reversed(FLOWS):  # the newest is listed first
                flow = flows.create(
                    workspace.id,
                    name=name,
                    description=description,
                    document=flow_document(slug, lay),
                    user=owner,
                )
                publish.publish(
                    workspace.id,
                    flow.id,
                    revision=1,
                    environment="test",
                    note="First version",
                    user=owner,
                )

    def _person(self, name: str, first: str, last: str) -> Any:
        users = get_user_model().objects
        found = users.filter(username=name).first()
        return found or users.create_user(
            name, f"{name}@causeway.example", PASSWORD, first_name=first, last_name=last
        )

    def _consent(self, workspace_id: str, connection_id: str, owner: Any) -> None:
        """The real redirect dance, the sandbox's page pressing its own button."""
        url = connectors.begin_consent(workspace_id, connection_id, owner.pk)
        http = urllib3.PoolManager(retries=False, timeout=10)
        answer = http.request("GET", f"{url}&auto_approve=1", redirect=False)
        given = parse_qs(urlsplit(answer.headers["Location"]).query)
        connectors.finish_consent(
            owner.pk,
            state=given["state"][0],
            code=given["code"][0],
            account=given.get("realmId", [""])[0],
        )
