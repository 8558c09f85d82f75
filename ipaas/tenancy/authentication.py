"""How a request shows who asks."""

from rest_framework import authentication
from rest_framework.request import Request


class SessionAuthentication(authentication.SessionAuthentication):
    """Log-in by session cookie; nobody logged in is 401, so that the browser can ask again."""

    def authenticate_header(self, request: Request) -> str:
        """Challenge of a 401."""
        return "Session"
