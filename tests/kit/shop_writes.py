"""A flow that writes into the shop, which knows no keys."""

from __future__ import annotations

from designer import flows, publish
from runtime.models import Deployment
from tests.kit.drawing import document, node, path
from tests.kit.order_flow import OrderFlow


def shop_flow(flow: OrderFlow) -> str:
    """A flow that writes into the shop, which knows no keys; id of its release."""
    rules = [{"id": "a", "target": "entity", "expr": path("trigger")}]
    wanted = document(
        [
            node("start", "trigger.manual"),
            node(
                "order",
                "action",
                connection="magento",
                connector="magento",
                operation="create_order",
                input={"schema": 1, "rules": rules},
            ),
        ],
        "start>order",
    )
    made = flows.create(
        flow.workspace_id, name="To the shop", description="", document=wanted, user=flow.owner
    )
    publish.publish(
        flow.workspace_id, made.id, revision=1, environment="test", note="", user=flow.owner
    )
    return str(Deployment.objects.get(flow_id=made.id).release_id)
