"""All that a connector's hooks may import: messages, events, errors and error readers."""

from connectors.sdk.errors import ConnectorError, Executed, needed
from connectors.sdk.events import Event, Polled
from connectors.sdk.files import FileContent
from connectors.sdk.messages import Exchange, HttpRequest, HttpResponse
from connectors.sdk.operations import CallFacts, OperationContext
from connectors.sdk.vendor_errors import VendorError, fill_placeholders, pick
from ipaas.core.errors import Recovery

__all__ = [
    "CallFacts",
    "ConnectorError",
    "Event",
    "Exchange",
    "Executed",
    "FileContent",
    "HttpRequest",
    "HttpResponse",
    "OperationContext",
    "Polled",
    "Recovery",
    "VendorError",
    "fill_placeholders",
    "needed",
    "pick",
]
