"""Rows of this app: connections, their sealed secrets, consents under way, and workspace tables."""

from connectors.models.connections import ConnectionRow, ConsentState, Credential, SecretUse
from connectors.models.cross_references import (
    CrossReferenceChange,
    CrossReferenceRow,
    CrossReferenceVersion,
)
from connectors.models.health import ConnectionEvent
from connectors.models.lookups import LookupRow, LookupTable, LookupVersion, Upload
from connectors.models.own import EnabledConnector, OwnConnector, OwnConnectorVersion
from connectors.models.vendor_lists import VALUE_CHARACTERS, VendorList, VendorListEntry

__all__ = [
    "ConnectionEvent",
    "ConnectionRow",
    "ConsentState",
    "Credential",
    "CrossReferenceChange",
    "CrossReferenceRow",
    "CrossReferenceVersion",
    "EnabledConnector",
    "LookupRow",
    "LookupTable",
    "LookupVersion",
    "OwnConnector",
    "OwnConnectorVersion",
    "SecretUse",
    "Upload",
    "VALUE_CHARACTERS",
    "VendorList",
    "VendorListEntry",
]
