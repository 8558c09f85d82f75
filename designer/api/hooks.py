"""A flow's own address over HTTP: its secret, what it learns from, and a delivery to try it."""

from __future__ import annotations

from typing import ClassVar

from django.db import transaction
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from designer import flows
from ipaas.tenancy import audit
from ipaas.tenancy.access import Right
from ipaas.tenancy.api import WorkspaceView
from ipaas.tenancy.fields import DocumentField
from runtime import facade as runtime

KINDS = ["trigger.webhook", "trigger.cloudevents"]


class Hook(WorkspaceView):
    """The address of a flow in an environment."""

    needs: ClassVar = {"get": Right.FLOWS_VIEW}

    def get(self, request: Request, workspace: str, flow_id: str) -> Response:
        """Address (for those who build flows), signature, why it last refused a message."""
        flows.get(self.workspace.id, flow_id)
        found = runtime.hook_info(self.workspace.id, self.environment.slug, flow_id)
        address = found["url"] if self.access.allows(Right.FLOWS_EDIT) else None
        return Response({**found, "url": address})


class ListenSerializer(serializers.Serializer):
    """For how long an address learns, and the draft's settings until the flow is published."""

    node_id = serializers.CharField(max_length=40)
    kind = serializers.ChoiceField(choices=KINDS, default="trigger.webhook")
    settings = DocumentField(required=False)
    seconds = serializers.IntegerField(min_value=0, max_value=86_400, default=600)
    environment = serializers.CharField(max_length=40, default="test")

    def validate_settings(self, value: object) -> object:
        """Settings are an object."""
        if not isinstance(value, dict):
            raise serializers.ValidationError("The settings of a trigger are an object.")
        return value


class HookListen(WorkspaceView):
    """Let an address learn from what comes in."""

    needs: ClassVar = {"post": Right.FLOWS_EDIT}
    bodies: ClassVar = {"post": ListenSerializer}

    def post(self, request: Request, workspace: str, flow_id: str) -> Response:
        """The address, which exists from now on; 0 seconds end the learning."""
        given = self.given()
        flows.get(self.workspace.id, flow_id)
        return Response(
            runtime.listen(
                self.workspace.id,
                self.environment.slug,
                flow_id,
                node_id=given["node_id"],
                kind=given["kind"],
                settings=given.get("settings") or {},
                seconds=given["seconds"],
            )
        )


class SecretSerializer(serializers.Serializer):
    """A secret to be used from now on; one is made if none is given."""

    kind = serializers.ChoiceField(choices=["hmac", "standard", "token", "basic"], default="hmac")
    value = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)
    overlap_s = serializers.IntegerField(min_value=0, max_value=2_592_000, default=86_400)
    environment = serializers.CharField(max_length=40, default="test")


class HookSecret(WorkspaceView):
    """The secret of an address."""

    needs: ClassVar = {"post": Right.FLOWS_PUBLISH, "delete": Right.FLOWS_PUBLISH}
    bodies: ClassVar = {"post": SecretSerializer}

    @transaction.atomic
    def post(self, request: Request, workspace: str, flow_id: str) -> Response:
        """The new secret is in this answer and nowhere else; the old one stays good a while."""
        given = self.given()
        flows.get(self.workspace.id, flow_id)
        found = runtime.set_secret(
            self.workspace.id,
            self.environment.slug,
            flow_id,
            kind=given["kind"],
            value=given["value"],
            overlap_s=given["overlap_s"],
        )
        details = {"environment": self.environment.slug, "overlap_s": given["overlap_s"]}
        audit.record(self.workspace, request.user, "hook.secret", flow_id, details)
        return Response(found)

    @transaction.atomic
    def delete(self, request: Request, workspace: str, flow_id: str) -> Response:
        """The secret before the last is no longer taken."""
        flows.get(self.workspace.id, flow_id)
        found = runtime.forget_previous(self.workspace.id, self.environment.slug, flow_id)
        audit.record(self.workspace, request.user, "hook.secret_before", flow_id, {})
        return Response(found)


class HookSamples(WorkspaceView):
    """What an address has learnt from."""

    needs: ClassVar = {"get": Right.RUNS_DATA_VIEW, "delete": Right.FLOWS_EDIT}

    def get(self, request: Request, workspace: str, flow_id: str) -> Response:
        """Messages, newest first, and the schema that all of them satisfy."""
        flows.get(self.workspace.id, flow_id)
        return Response(runtime.hook_samples(self.workspace.id, self.environment.slug, flow_id))

    def delete(self, request: Request, workspace: str, flow_id: str) -> Response:
        """Forget all of them."""
        flows.get(self.workspace.id, flow_id)
        runtime.forget_samples(self.workspace.id, self.environment.slug, flow_id)
        return Response({"items": [], "next": None})


class TryDeliverySerializer(serializers.Serializer):
    """A document to be delivered."""

    document = DocumentField()
    environment = serializers.CharField(max_length=40, default="test")


class HookTry(WorkspaceView):
    """Deliver a signed message to the address, as its sender would."""

    needs: ClassVar = {"post": Right.FLOWS_TEST}
    bodies: ClassVar = {"post": TryDeliverySerializer}

    def post(self, request: Request, workspace: str, flow_id: str) -> Response:
        """What the sender would have been answered; it starts a real run."""
        document = self.given()["document"]
        flows.get(self.workspace.id, flow_id)
        return Response(
            runtime.try_delivery(self.workspace.id, self.environment.slug, flow_id, document)
        )
