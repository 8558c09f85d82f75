"""The demo's flow in a workspace of its own, driven in this process against real sandboxes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import urllib3
from django.conf import settings
from django.contrib.auth import get_user_model

from connectors import facade as connectors
from designer import flows, publish
from designer.blueprints.loading import flow_document
from ipaas.core import clock, jsonio
from ipaas.tenancy import facade as tenancy
from runtime import store
from runtime.effects.hands import Worker
from runtime.models import Run
from runtime.triggers.intake import Delivery, Receipt, receive

_http = urllib3.PoolManager(retries=False, timeout=10)


def control(method: str, path: str, body: Any = None) -> Any:
    """Answer of the sandboxes' control API."""
    answer = _http.request(
        method,
        f"{settings.SANDBOX_URL}/_control/{path}",
        body=jsonio.dumps(body) if body is not None else None,
        headers={"Content-Type": "application/json"},
    )
    assert answer.status < 300, answer.data
    return jsonio.loads(answer.data)


@dataclass
class OrderFlow:
    """A published order-to-invoice flow, its shop and its books."""

    slug: str
    workspace_id: str
    flow_id: str
    owner: Any
    hook_token: str
    hook_secret: str

    def place(self, **wish: Any) -> dict[str, Any]:
        """An order that the shop has taken: ``sample=``, ``random=`` or ``order=``."""
        answer = control("POST", f"{self.slug}/magento/orders", wish or {"random": True})
        order: dict[str, Any] = answer["order"]
        return order

    def delivery(
        self,
        order: dict[str, Any],
        secret: str | None = None,
        event: str = "sales_order_save_after",
    ) -> Delivery:
        """The webhook that announces ``order``, signed as the module contract says."""
        body = jsonio.dumps(
            {
                "event": event,
                "store_base_url": "http://shop.example/",
                "entity_id": order["entity_id"],
                "increment_id": order["increment_id"],
                "occurred_at": order["updated_at"],
                "data": order,
            }
        )
        key = (self.hook_secret if secret is None else secret).encode()
        signature = base64.b64encode(hmac.digest(key, body, hashlib.sha256)).decode()
        return Delivery(
            self.hook_token,
            {
                "x-webhook-topic": event,
                "x-webhook-id": secrets.token_hex(8),
                "x-signature": signature,
            },
            body,
        )

    def announce(self, order: dict[str, Any]) -> str:
        """Id of the run that the order's webhook started."""
        (answer,) = receive([self.delivery(order)])
        assert isinstance(answer, Receipt), answer
        (run_id,) = answer.runs
        return run_id

    def fault(self, vendor: str, name: str, active: bool = True, **wish: Any) -> None:
        """Switch a vendor's fault."""
        control("PUT", f"{self.slug}/{vendor}/faults/{name}", {"active": active, **wish})

    def invoices(self, number: str | None = None) -> list[dict[str, Any]]:
        """Invoices in the books, or those with one document number."""
        found = control("GET", f"{self.slug}/quickbooks/records/Invoice?limit=500")["items"]
        return [i for i in found if number is None or i.get("DocNumber") == number]

    def run(self, run_id: str) -> Run:
        """The run's row."""
        return Run.objects.get(id=run_id)


class LaterClock:
    """The real time, plus what a test has skipped."""

    def __init__(self) -> None:
        self.skipped = timedelta(0)

    def now(self) -> Any:
        """Real time plus the skipped part."""
        return clock.SystemClock().now() + self.skipped


def settle(worker: Worker, *, jumps: int = 40) -> None:
    """Work until nothing is due; timers are not waited for, the clock jumps to them."""
    later = LaterClock()
    with clock.use(later):
        for _ in range(jumps):
            while worker.work_once(32):
                pass
            due = store.next_due()
            if due is None:
                return
            later.skipped += max(timedelta(0), due - clock.now()) + timedelta(milliseconds=1)
    raise AssertionError("the runs never came to rest")


def make_order_flow(
    *blueprints: str,
    auth: str = "",
    polled: bool = False,
    silent: Sequence[str] = ("magento", "quickbooks"),
) -> OrderFlow:
    """Workspace, sandbox connections (QuickBooks by the real consent dance) and published flows.

    Without names of ``blueprints`` it is the small flow from order to invoice; ``flow_id`` is the
    first one's. ``auth`` is the way in which the shop is told who calls; ``polled`` flows ask the
    shop instead of being told by it. Tests deliver messages by hand, so ``silent`` vendors write
    none to nobody.
    """
    slug = f"w{secrets.token_hex(5)}"
    owner = get_user_model().objects.create_user(slug, password="x")
    workspace = tenancy.create_workspace(slug, slug, owner)
    magento = connectors.create_connection(
        workspace.id,
        "test",
        connector="magento",
        name="Shop",
        slug="magento",
        sandbox=True,
        auth=auth,
    )
    books = connectors.create_connection(
        workspace.id, "test", connector="quickbooks", name="Books", slug="quickbooks", sandbox=True
    )
    url = connectors.begin_consent(workspace.id, books.id, owner.pk)
    answer = _http.request("GET", f"{url}&auto_approve=1", redirect=False)
    given = parse_qs(urlsplit(answer.headers["Location"]).query)
    connectors.finish_consent(
        owner.pk, state=given["state"][0], code=given["code"][0], account=given["realmId"][0]
    )
    ids = []
    for name in blueprints or ("order_to_cash",):
        flow = flows.create(
            workspace.id,
            name=name.replace("_", " ").capitalize(),
            description="",
            document=_asking(flow_document(name)) if polled else flow_document(name),
            user=owner,
        )
        publish.publish(workspace.id, flow.id, revision=1, environment="test", note="", user=owner)
        ids.append(flow.id)
    webhooks = control("GET", f"{slug}/magento/settings")["webhooks"]
    secret = webhooks[0]["secret"]
    for vendor in silent:
        control("PUT", f"{slug}/{vendor}/settings", {"webhooks": []})
    token = magento.webhook_url.rsplit("/", 1)[1]
    return OrderFlow(slug, workspace.id, ids[0], owner, token, secret)


def _asking(document: dict[str, Any]) -> dict[str, Any]:
    """The same flow, whose trigger asks."""
    for node in document["nodes"]:
        if node["type"] == "trigger.event":
            node["type"] = "trigger.poll"
    return document


def jump(flow: OrderFlow, later: LaterClock, time: timedelta) -> None:
    """Our clock and the vendors' go on together, to a whole second, as vendors count."""
    offset_s = int((later.skipped + time).total_seconds()) + 1
    later.skipped = timedelta(seconds=offset_s)
    control("PUT", f"{flow.slug}/clock", {"offset_s": offset_s})


def cents(value: Any) -> Decimal:
    """An amount, to the cent."""
    return Decimal(str(value)).quantize(Decimal("0.01"))
