"""Sandbox of Magento Open Source, built to the vendor fact sheet, "Sandbox simulator minimum"."""

from connectors.catalog.magento.sandbox.app import MagentoSandbox

VENDOR = MagentoSandbox()
