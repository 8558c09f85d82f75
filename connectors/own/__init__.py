"""Connectors that belong to one workspace, and packaged ones that it has switched on."""
