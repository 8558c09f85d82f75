"""All addresses of the product; the isolation test walks this table."""

from __future__ import annotations

from django.urls import include, path

handler404 = "ipaas.tenancy.problems.not_found"
handler500 = "ipaas.tenancy.problems.server_error"

urlpatterns = [
    path("", include("ipaas.tenancy.urls")),
    path("", include("connectors.api.site_urls")),
    path("api/v1/w/<slug:workspace>/", include("ipaas.tenancy.workspace_urls")),
    path("api/v1/w/<slug:workspace>/", include("connectors.api.urls")),
    path("api/v1/w/<slug:workspace>/", include("runtime.api.urls")),
    path("api/v1/w/<slug:workspace>/", include("designer.api.urls")),
    path("", include("designer.site_urls")),
]
