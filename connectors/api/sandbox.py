"""The workspace's own copies of the vendors: look inside, switch faults, place orders."""

from __future__ import annotations

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from connectors import sandboxes
from ipaas.core.errors import Invalid
from ipaas.tenancy.access import Right
from ipaas.tenancy.api import WorkspaceView
from ipaas.tenancy.fields import OptionalDocumentField

PAGE_SIZE = 50


class SandboxesView(WorkspaceView):
    """All sandboxes of the workspace."""

    needs = {"get": Right.SANDBOX_VIEW}

    def get(self, request: Request, workspace: str) -> Response:
        """Their records and faults; ``up`` is false while the sandbox process is not running."""
        return Response({"items": sandboxes.overview(self.workspace.slug), "next": None})


class RecordsView(WorkspaceView):
    """Records in a sandbox."""

    needs = {"get": Right.SANDBOX_VIEW}
    query = {"page": "Number of the page, from 1."}

    def get(self, request: Request, workspace: str, slug: str, entity: str) -> Response:
        """One page of records, newest first."""
        page = self.asked("page") or "1"
        if not page.isdigit() or int(page) < 1:
            raise Invalid("page must be a whole number above zero.", hint="Use 1 for the first.")
        query = {"offset": (int(page) - 1) * PAGE_SIZE, "limit": PAGE_SIZE}
        found = sandboxes.control("GET", self.workspace.slug, slug, "records", entity, query=query)
        return Response(found)


class FaultSerializer(serializers.Serializer):
    """How a fault is switched; without ``times`` it stays until it is switched off."""

    active = serializers.BooleanField(default=False, allow_null=True)
    times = serializers.IntegerField(required=False, allow_null=True, min_value=1)


class FaultView(WorkspaceView):
    """One fault of a sandbox."""

    needs = {"put": Right.SANDBOX_USE}
    bodies = {"put": FaultSerializer}

    def put(self, request: Request, workspace: str, slug: str, name: str) -> Response:
        """Switch it on (for so many ``times``) or off."""
        given = self.given()
        wanted = {"active": bool(given["active"])}
        if given.get("times") is not None:
            wanted["times"] = given["times"]
        found = sandboxes.control("PUT", self.workspace.slug, slug, "faults", name, body=wanted)
        return Response(found)


class SamplesView(WorkspaceView):
    """Orders that can be placed in the shop's sandbox by one press."""

    needs = {"get": Right.SANDBOX_VIEW}

    def get(self, request: Request, workspace: str) -> Response:
        """All samples."""
        return Response(sandboxes.control("GET", self.workspace.slug, "magento", "order-samples"))


class PlaceOrdersSerializer(serializers.Serializer):
    """Orders to be placed: ``count`` times a sample, an order, a wish, or what chance brings."""

    sample = serializers.CharField(required=False, allow_null=True, help_text="Id of a sample.")
    random = serializers.BooleanField(required=False, allow_null=True)
    seed = serializers.IntegerField(
        required=False, allow_null=True, help_text="The same seed brings the same random orders."
    )
    order = OptionalDocumentField(help_text="Kept as it is.")
    place = OptionalDocumentField(help_text="Buyer, items and discounts.")
    count = serializers.IntegerField(required=False, allow_null=True, min_value=1)


class OrdersView(WorkspaceView):
    """Orders of the shop's sandbox."""

    needs = {"post": Right.SANDBOX_USE}
    bodies = {"post": PlaceOrdersSerializer}
    answers = {"post": 201}

    def post(self, request: Request, workspace: str) -> Response:
        """Place a sample, a random or a given order, as a customer of the shop would."""
        wish = {name: value for name, value in self.given().items() if value is not None}
        found = sandboxes.control(
            "POST", self.workspace.slug, "magento", "orders", body=wish or {"random": True}
        )
        return Response(found, status=201)


class ResetView(WorkspaceView):
    """A sandbox as it was in the beginning."""

    needs = {"post": Right.SANDBOX_USE}

    def post(self, request: Request, workspace: str, slug: str) -> Response:
        """Forget all records; credentials stay."""
        return Response(sandboxes.control("POST", self.workspace.slug, slug, "reset", body={}))
