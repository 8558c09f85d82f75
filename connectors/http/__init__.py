"""The one door out: every call to another system leaves and is recorded here."""

from connectors.http.door import Door, Sent
from connectors.http.guard import AddressRefused, Reach
from connectors.http.limits import LimitHeaders

__all__ = ["AddressRefused", "Door", "LimitHeaders", "Reach", "Sent"]
