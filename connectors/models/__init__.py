"""Rows of this app: connections, their sealed secrets, consents under way, cross-references."""

from connectors.models.connections import ConnectionRow, ConsentState, Credential
from connectors.models.cross_references import CrossReferenceRow

__all__ = ["ConnectionRow", "ConsentState", "Credential", "CrossReferenceRow"]
