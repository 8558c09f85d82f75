"""The workspace's own copies of the vendors: look inside, switch faults, place orders."""

from __future__ import annotations

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from connectors import sandboxes
from ipaas.core.errors import Invalid
from ipaas.tenancy.access import Right
from ipaas.tenancy.api import WorkspaceView
from ipaas.tenancy.fields import DocumentField, OptionalDocumentField

PAGE_SIZE = 50


class SandboxesView(WorkspaceView):
    """All sandboxes of the workspace."""

    needs = {"get": Right.SANDBOX_VIEW}

    def get(self, request: Request, workspace: str) -> Response:
        """Their records and faults; ``up`` is false while the sandbox process is not running."""
        return Response({"items": sandboxes.overview(self.workspace.slug), "next": None})


class RecordSerializer(serializers.Serializer):
    """A whole record as the vendor keeps it."""

    record = DocumentField(help_text="A JSON object.")


class RecordsView(WorkspaceView):
    """Records in a sandbox."""

    needs = {"get": Right.SANDBOX_VIEW, "post": Right.SANDBOX_USE}
    query = {"page": "Number of the page, from 1.", "q": "Text that a record contains."}
    bodies = {"post": RecordSerializer}
    answers = {"post": 201}

    def get(self, request: Request, workspace: str, slug: str, entity: str) -> Response:
        """One page of records, newest first."""
        query = {**_page_of(self.asked("page")), "q": self.asked("q") or ""}
        found = sandboxes.control("GET", self.workspace.slug, slug, "records", entity, query=query)
        return Response(found)

    def post(self, request: Request, workspace: str, slug: str, entity: str) -> Response:
        """Make a record of a creatable kind by hand, as the vendor's staff would."""
        body = self.given()["record"]
        found = sandboxes.control("POST", self.workspace.slug, slug, "records", entity, body=body)
        return Response(found, status=201)


class RecordView(WorkspaceView):
    """One record of a sandbox; ``scope`` names the company or store it belongs to, if any."""

    needs = {"put": Right.SANDBOX_USE, "delete": Right.SANDBOX_USE}
    query = {"scope": "As the list of records says."}
    bodies = {"put": RecordSerializer}
    answers = {"delete": 204}

    def put(
        self, request: Request, workspace: str, slug: str, entity: str, record: str
    ) -> Response:
        """Change it as the vendor's staff would; gives it as it is kept then."""
        body = self.given()["record"]
        return Response(self._ask("PUT", slug, entity, record, body))

    def delete(
        self, request: Request, workspace: str, slug: str, entity: str, record: str
    ) -> Response:
        """Remove it from the vendor's books."""
        self._ask("DELETE", slug, entity, record, {})
        return Response(status=204)

    def _ask(self, method: str, slug: str, entity: str, record: str, body: object) -> object:
        path = (slug, "records", entity, record)
        query = {"scope": self.asked("scope") or ""}
        return sandboxes.control(method, self.workspace.slug, *path, query=query, body=body)


class CallsView(WorkspaceView):
    """What was asked of a sandbox lately."""

    needs = {"get": Right.SANDBOX_VIEW}

    def get(self, request: Request, workspace: str, slug: str) -> Response:
        """The latest calls, newest first, with what became of each."""
        query = {"limit": PAGE_SIZE}
        found = sandboxes.control("GET", self.workspace.slug, slug, "calls", query=query)
        return Response({"items": found["items"], "next": None})


class OutboxView(WorkspaceView):
    """Webhooks that a sandbox promised to its receivers."""

    needs = {"get": Right.SANDBOX_VIEW}
    query = {"page": "Number of the page, from 1."}

    def get(self, request: Request, workspace: str, slug: str) -> Response:
        """One page of messages, newest first, and how many are in which state."""
        query = _page_of(self.asked("page"))
        return Response(
            sandboxes.control("GET", self.workspace.slug, slug, "webhooks", query=query)
        )


class OutboxMoveView(WorkspaceView):
    """One webhook of a sandbox, moved by hand."""

    needs = {"post": Right.SANDBOX_USE}

    def post(self, request: Request, workspace: str, slug: str, number: int, wish: str) -> Response:
        """Send it (again), hold it back, or drop it: ``send``, ``hold`` or ``drop``."""
        path = (slug, "webhooks", str(number), wish)
        return Response(sandboxes.control("POST", self.workspace.slug, *path, body={}))


class ClockSerializer(serializers.Serializer):
    """How the clock is moved: by so much, or to so much ahead of the real time."""

    advance_s = serializers.IntegerField(required=False, help_text="Seconds forward.")
    offset_s = serializers.IntegerField(
        required=False, help_text="Seconds ahead of the real time; 0 is the real time."
    )


class ClockView(WorkspaceView):
    """The clock that all sandboxes of the workspace share."""

    needs = {"get": Right.SANDBOX_VIEW, "put": Right.SANDBOX_USE}
    bodies = {"put": ClockSerializer}

    def get(self, request: Request, workspace: str) -> Response:
        """The time by it, and how far it is ahead."""
        return Response(sandboxes.control("GET", self.workspace.slug, "clock"))

    def put(self, request: Request, workspace: str) -> Response:
        """Move it: limits, tokens and webhooks follow."""
        wish = dict(self.given())
        return Response(sandboxes.control("PUT", self.workspace.slug, "clock", body=wish))


class CredentialsView(WorkspaceView):
    """Keys and tokens of a sandbox."""

    needs = {"post": Right.SANDBOX_USE}

    def post(self, request: Request, workspace: str, slug: str) -> Response:
        """Change all of them: what was connected has to connect again."""
        sandboxes.control("POST", self.workspace.slug, slug, "credentials", body={})
        return Response({"changed": True})


def _page_of(asked: str | None) -> dict[str, int]:
    page = asked or "1"
    if not page.isdecimal() or int(page) < 1:
        raise Invalid("page must be a whole number above zero.", hint="Use 1 for the first.")
    return {"offset": (int(page) - 1) * PAGE_SIZE, "limit": PAGE_SIZE}


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
