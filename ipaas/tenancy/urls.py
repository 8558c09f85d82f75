"""Addresses of the pages and of what is not inside a workspace."""

from django.urls import path

from ipaas.tenancy.api import MeView
from ipaas.tenancy.pages import Login, Logout

urlpatterns = [
    path("login", Login.as_view(), name="login"),
    path("logout", Logout.as_view(), name="logout"),
    path("api/v1/me", MeView.as_view(), name="me"),
]
