"""Where a vendor's server activates a connection (OAuth 1.0a), and asks its user who we are."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from rest_framework.parsers import FormParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from connectors import facade, health
from ipaas.core.errors import IpaasError, TooLarge
from ipaas.tenancy import access
from ipaas.tenancy import facade as tenancy
from ipaas.tenancy.access import Right

MOST_BYTES = 16 * 1024


class ActivateView(APIView):
    """The vendor's server, with the key and the verifier of an integration."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    parser_classes = (FormParser,)
    schema = None

    def post(self, request: Request, state: str) -> Response:
        """Fetch the tokens at once; the vendor waits for our answer."""
        if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
            raise TooLarge("The activation is too large.", hint="Send the four fields only.")
        form = request.data
        found = facade.finish_activation(
            state,
            key=str(form.get("oauth_consumer_key", "")),
            secret=str(form.get("oauth_consumer_secret", "")),
            verifier=str(form.get("oauth_verifier", "")),
            store_base_url=str(form.get("store_base_url", "")),
        )
        health.tell_ready(found.workspace_id, found.environment, found.slug)
        tenancy.record_audit(
            found.workspace_id, "vendor", "connection.authorised", f"connection:{found.id}"
        )
        return Response({"activated": True})


@never_cache
@require_GET
@login_required
def identity(request: HttpRequest, connection_id: str) -> HttpResponse:
    """Back to the shop, which waits for our yes; or to the connection's page with the reason."""
    workspace_id, slug, environment = facade.owner_of(connection_id)
    try:
        access.require(request.user, slug, Right.CONNECTIONS_EDIT, environment)
        back = facade.identified(
            workspace_id,
            connection_id,
            key=request.GET.get("oauth_consumer_key", ""),
            back_to=request.GET.get("success_call_back", ""),
        )
    except IpaasError as error:
        return HttpResponseRedirect(f"/?{urlencode({'problem': error.code})}")
    response = HttpResponseRedirect(back)
    response["Referrer-Policy"] = "no-referrer"
    return response
