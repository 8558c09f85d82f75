"""The published form of connector manifests."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from connectors.manifest.checking import manifest_schema
from ipaas.tenancy.api import ApiView


class ConnectorSchema(ApiView):
    """JSON Schema of connector.yaml."""

    def get(self, request: Request) -> Response:
        """JSON Schema 2020-12."""
        return Response(manifest_schema())
