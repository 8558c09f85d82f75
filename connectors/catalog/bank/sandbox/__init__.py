"""Sandbox of the practice bank."""

from .app import BankSandbox

VENDOR = BankSandbox()
