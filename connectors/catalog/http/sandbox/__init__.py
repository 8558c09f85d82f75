"""A small web service of no vendor, with every style of paging, for rehearsing HTTP steps."""

from connectors.catalog.http.sandbox.app import ServiceSandbox

VENDOR = ServiceSandbox()
