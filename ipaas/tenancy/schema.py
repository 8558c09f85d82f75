"""How the API's description (OpenAPI) is read from its views."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

_EMPTY = 204


class ProblemSerializer(serializers.Serializer):
    """What went wrong and what to do (RFC 9457); some codes add members of their own."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField(help_text="Stays the same; programs may rely on it.")
    hint = serializers.CharField(allow_blank=True, help_text="What a person can do about it.")
    request_id = serializers.CharField(allow_blank=True)


class SessionScheme(OpenApiAuthenticationExtension):
    """The session cookie, as OpenAPI names it."""

    target_class = "ipaas.tenancy.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """A key in a cookie."""
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": "sessionid",
            "description": "POST, PUT, PATCH and DELETE also need the header X-CSRFToken with the "
            "value of the cookie csrftoken.",
        }


class ApiSchema(AutoSchema):
    """Describes each method by its docstring and by what its ``WorkspaceView`` declares.

    Answers are JSON objects; failures are problem documents.
    """

    def get_operation_id(self) -> str:
        """Method and name of the address, such as ``get_flow_versions``."""
        parts = [
            part.strip("{}").replace("-", "_")
            for part in self.path.removeprefix("/api/v1/").split("/")
            if part not in ("w", "{workspace}")
        ]
        return "_".join([self.method.lower(), *parts]).replace(".", "_")

    def get_tags(self) -> list[str]:
        """First part of the address inside the workspace."""
        path = self.path.removeprefix("/api/v1/").removeprefix("w/{workspace}/")
        return [path.split("/")[0]]

    def get_description(self) -> str:
        """What the method's own docstring says."""
        handler = getattr(self.view, self.method.lower(), None)
        return (handler.__doc__ or "").strip() if handler else ""

    def get_override_parameters(self) -> list[OpenApiParameter]:
        """What the method reads from the address behind the question mark."""
        asked = dict(getattr(self.view, "query", {})) if self.method == "GET" else {}
        if hasattr(self.view, "needs"):
            asked.setdefault("environment", "Slug of an environment; ``test`` if left out.")
        return [
            OpenApiParameter(name, OpenApiTypes.STR, description=meaning)
            for name, meaning in asked.items()
        ]

    def get_request_serializer(self) -> Any:
        """The serializer that the view declares for the body, if it takes one."""
        return self._declared("bodies", None)

    def get_response_serializers(self) -> Any:
        """A JSON object or nothing, or a problem document."""
        status = self._declared("answers", 200)
        done = (
            {status: OpenApiResponse(None, "Done.")}
            if status == _EMPTY
            else {(status, "application/json"): OpenApiTypes.OBJECT}
        )
        problem = OpenApiResponse(ProblemSerializer, "What went wrong, and what to do.")
        return {**done, ("default", "application/problem+json"): problem}

    def _declared(self, where: str, otherwise: Any) -> Any:
        return getattr(self.view, where, {}).get(self.method.lower(), otherwise)
