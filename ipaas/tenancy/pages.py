"""Log-in and log-out, rendered by the server so that they work before any script does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse

from ipaas.core import clock
from ipaas.tenancy.models import FailedLogin

WINDOW = timedelta(minutes=15)
TRIES_PER_NAME = 8
TRIES_PER_ADDRESS = 60

DEMO_ACCOUNTS = (
    {"name": "demo", "does": "owns the workspace"},
    {"name": "ben", "does": "builds flows"},
    {"name": "ana", "does": "watches runs and repairs documents"},
    {"name": "vera", "does": "looks, changes nothing"},
)


class Login(LoginView):
    """The log-in page; after too many wrong passwords it asks to wait."""

    template_name = "site/login.html"
    redirect_authenticated_user = True
    next_page = "/"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the demo's accounts, on a demo only."""
        demo = getattr(settings, "CAUSEWAY_DEMO", False)
        return super().get_context_data(**kwargs, demo=demo, demo_accounts=DEMO_ACCOUNTS)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Check the password, unless too many were wrong lately."""
        address = request.META.get("REMOTE_ADDR") or "unknown"
        name = str(request.POST.get("username", ""))[:150].strip().lower()
        if _too_many(address, name):
            return self.render_to_response(
                self.get_context_data(form=AuthenticationForm(request), locked=True, name=name),
                status=429,
                headers={"Retry-After": str(int(WINDOW.total_seconds()))},
            )
        return super().post(request, *args, **kwargs)

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """Count a wrong password."""
        address = self.request.META.get("REMOTE_ADDR") or "unknown"
        name = str(form.data.get("username", ""))[:150].strip().lower()
        FailedLogin.objects.create(address=address[:64], name=name, at=clock.now())
        context = self.get_context_data(form=form, failed=True, name=form.data.get("username", ""))
        return self.render_to_response(context, status=401)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Forget earlier wrong passwords of this name, and everybody's old ones."""
        name = str(form.data.get("username", ""))[:150].strip().lower()
        FailedLogin.objects.filter(name=name).delete()
        FailedLogin.objects.filter(at__lt=clock.now() - WINDOW).delete()
        return super().form_valid(form)


class Logout(LogoutView):
    """Ends the session and goes back to the log-in page."""

    next_page = "/login"
    http_method_names = ["post", "options"]


def _too_many(address: str, name: str) -> bool:
    recent = FailedLogin.objects.filter(address=address[:64], at__gte=clock.now() - WINDOW)
    return recent.filter(name=name).count() >= TRIES_PER_NAME or recent.count() >= TRIES_PER_ADDRESS
