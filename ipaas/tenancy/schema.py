"""How the API's description (OpenAPI) is read from its views."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse

_BODIES = ("POST", "PUT", "PATCH")


class SessionScheme(OpenApiAuthenticationExtension):
    """The session cookie, as OpenAPI names it."""

    target_class = "ipaas.tenancy.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """A key in a cookie."""
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}


class ApiSchema(AutoSchema):
    """Describes each method by its docstring; bodies are JSON objects, failures are problems."""

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

    def get_request_serializer(self) -> Any:
        """A JSON object, where there is a body."""
        return OpenApiTypes.OBJECT if self.method in _BODIES else None

    def get_response_serializers(self) -> Any:
        """A JSON object, or a problem document."""
        problem = OpenApiResponse(OpenApiTypes.OBJECT, "What went wrong, and what to do.")
        return {
            (200, "application/json"): OpenApiTypes.OBJECT,
            ("default", "application/problem+json"): problem,
        }
