"""Sandbox of the practice payment gateway."""

from .app import PaymentsSandbox

VENDOR = PaymentsSandbox()
