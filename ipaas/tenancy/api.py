"""Base of all API views: who asks, for which workspace, and whether the role allows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.decorators import method_decorator
from django.views.decorators.csrf import ensure_csrf_cookie
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ipaas.core.errors import Invalid
from ipaas.tenancy import access, paging, problems
from ipaas.tenancy.access import Access, NotLoggedIn, Right
from ipaas.tenancy.authentication import SessionAuthentication
from ipaas.tenancy.models import Environment, Membership, Role, Workspace
from ipaas.tenancy.rendering import ExactJsonParser, ExactJsonRenderer

PAGING = {
    "cursor": "Goes on behind this place: ``next`` of the page before.",
    "limit": f"How many at most; {paging.DEFAULT_LIMIT} if left out, never over {paging.MOST}.",
}
_METHODS = ("get", "post", "put", "patch", "delete")


class ApiView(APIView):
    """A view for logged-in people that speaks JSON and problem+json only."""

    authentication_classes = [SessionAuthentication]
    permission_classes: ClassVar[list[Any]] = []
    parser_classes = [ExactJsonParser]
    renderer_classes = [ExactJsonRenderer]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Let nobody in who is not logged in."""
        super().initial(request, *args, **kwargs)
        if not request.user.is_authenticated:
            raise NotLoggedIn("You are not logged in.", hint="Log in and try again.")

    def get_exception_handler(self) -> Any:
        """The one handler of the API."""
        return problems.handle


class WorkspaceView(ApiView):
    """A view under ``/api/v1/w/<workspace>/``.

    ``needs`` names the right of each method; a class that forgets one cannot be defined.
    Before the method runs, ``self.workspace``, ``self.environment`` (``?environment=`` or the
    body's ``environment``, else test) and ``self.access`` are set and the right was checked in
    that environment. Where the environment follows from the object itself (a run, a dead letter),
    the method also calls ``self.access.require(right, "<its environment>")``.

    The API's description is read from the class too: ``query`` names what GET reads from the
    address, ``bodies`` the serializer of a method's body, ``answers`` the status of success where
    that is not 200. ``asked``, ``position`` and ``given`` read only what is declared there.
    """

    needs: ClassVar[dict[str, Right]]
    query: ClassVar[dict[str, str]] = {}
    bodies: ClassVar[dict[str, type[serializers.Serializer]]] = {}
    answers: ClassVar[dict[str, int]] = {}
    workspace: Workspace
    environment: Environment
    access: Access

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        needs = getattr(cls, "needs", {})
        for method in _METHODS:
            if hasattr(cls, method) and not isinstance(needs.get(method), Right):
                raise TypeError(
                    f"{cls.__module__}.{cls.__name__} offers {method.upper()} but its `needs` "
                    f"names no Right for {method!r}."
                )

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Open the workspace for this person, or refuse."""
        super().initial(request, *args, **kwargs)
        _require_readable(request, kwargs)
        self.access = access.enter(request.user, kwargs["workspace"])
        self.workspace = self.access.workspace
        method = (request.method or "").lower()
        method = "get" if method == "head" else method
        if method in self.needs:
            # Environments cannot be guessed by somebody who may do nothing here at all.
            self.access.require(self.needs[method])
            self.environment = self.access.environment(_environment_slug(request))
            self.access.require(self.needs[method], self.environment)

    def asked(self, name: str) -> str:
        """Value in the address of a name that ``query`` declares, or an empty text."""
        if name not in self.query:
            raise LookupError(f"{type(self).__name__}.query does not declare {name!r}")
        text: str = self.request.query_params.get(name, "").strip()
        return text

    def position(self) -> tuple[str | None, int]:
        """The list position that ``?cursor=`` and ``?limit=`` ask for."""
        text = self.asked("limit") or str(paging.DEFAULT_LIMIT)
        if not text.isdecimal() or int(text) < 1:
            raise Invalid(
                "limit must be a whole number above zero.", hint="Leave it out, or use 50."
            )
        return self.asked("cursor") or None, min(int(text), paging.MOST)

    def given(self) -> dict[str, Any]:
        """The body, checked by the serializer that ``bodies`` declares for this method."""
        body = self.bodies[(self.request.method or "").lower()](data=self.request.data)
        body.is_valid(raise_exception=True)
        checked: dict[str, Any] = body.validated_data
        return checked

    def page(self, page: paging.Page[Any], **more: Any) -> Response:
        """Answer with one page of a list."""
        return Response(page.document(**more))


@method_decorator(ensure_csrf_cookie, name="dispatch")
class MeView(ApiView):
    """Who is logged in, and in which workspaces they may do what."""

    def get(self, request: Request) -> Response:
        """The person, and every workspace with role, rights and environments."""
        user: Any = request.user
        memberships = (
            Membership.objects.filter(user_id=user.pk)
            .select_related("workspace")
            .prefetch_related("workspace__environments")
            .order_by("workspace__name", "workspace__slug")
        )
        name = user.get_full_name() or user.get_username()
        return Response(
            {
                "user": {"id": str(user.pk), "name": name, "email": user.email},
                "workspaces": [_workspace(membership, user) for membership in memberships],
            }
        )


def _require_readable(request: Request, places: Mapping[str, Any]) -> None:
    """Refuse the character 0, which no database takes."""
    asked = (text for name in request.query_params for text in request.query_params.getlist(name))
    if any("\0" in str(text) for text in (*places.values(), *asked)):
        raise Invalid("This address holds a character that cannot be.", hint="Correct the address.")


def _environment_slug(request: Request) -> str:
    named = request.query_params.get("environment")
    if not named and request.method in ("POST", "PUT", "PATCH"):
        data = request.data
        named = data.get("environment") if isinstance(data, dict) else None
    return named if isinstance(named, str) and named else "test"


def _workspace(membership: Membership, user: Any) -> dict[str, Any]:
    workspace = membership.workspace
    own = Access(workspace=workspace, role=Role(membership.role), user=user)
    return {
        "slug": workspace.slug,
        "name": workspace.name,
        "role": str(own.role),
        "rights": [str(right) for right in own.rights()],
        "environments": [
            {
                "slug": environment.slug,
                "name": environment.name,
                "is_production": environment.is_production,
                "rights": [str(right) for right in own.rights(environment)],
            }
            for environment in workspace.environments.all()
        ],
    }
