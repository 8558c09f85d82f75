"""Where vendors send a person back to after the consent page."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from connectors import facade, health
from ipaas.core.errors import IpaasError
from ipaas.tenancy import access
from ipaas.tenancy import facade as tenancy
from ipaas.tenancy.access import Right


@never_cache
@require_GET
@login_required
def callback(request: HttpRequest) -> HttpResponse:
    """Back to the connection's page, which says whether it is authorised now."""
    response = HttpResponseRedirect(_destination(request))
    response["Referrer-Policy"] = "no-referrer"  # this address holds the code
    return response


def _destination(request: HttpRequest) -> str:
    """The page to show. A browser stands here, so a failure becomes a message on that page."""

    def check(workspace_slug: str, environment: str) -> None:
        access.require(request.user, workspace_slug, Right.CONNECTIONS_EDIT, environment)

    query = request.GET
    try:
        found = facade.finish_consent(
            request.user.pk,
            state=query.get("state", ""),
            code=query.get("code", ""),
            error=query.get("error", ""),
            browser=request.session.session_key or "",
            parameters=query.dict(),
            check=check,
            actor=request.user.get_username(),
        )
    except IpaasError as error:
        # A code, which the page has words for: an address must not put words on our pages.
        problem = urlencode({"problem": error.code}, quote_via=quote)
        workspace, connection = error.facts.get("workspace"), error.facts.get("connection")
        if workspace and connection:
            health.record(str(connection), health.AUTHORISATION_FAILED, error.message)
            return f"/w/{workspace}/connections/{connection}?{problem}"
        return f"/?{problem}"
    health.tell_ready(found.workspace_id, found.environment, found.slug)
    tenancy.record_audit(
        found.workspace_id, request.user, "connection.authorised", f"connection:{found.id}"
    )
    slug = tenancy.workspace_by_id(found.workspace_id).slug
    return f"/w/{slug}/connections/{found.id}?connected=1"
