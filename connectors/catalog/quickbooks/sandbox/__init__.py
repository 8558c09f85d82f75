"""Sandbox of QuickBooks Online, built to the vendor fact sheet, Part A."""

from connectors.catalog.quickbooks.sandbox.app import QuickBooksSandbox

VENDOR = QuickBooksSandbox()
