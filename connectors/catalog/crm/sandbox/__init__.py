"""Sandbox of the practice CRM."""

from .app import CrmSandbox

VENDOR = CrmSandbox()
