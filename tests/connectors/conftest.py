"""Fixtures of connector tests."""

from connectors.testing.fixtures import make, sandbox_process

__all__ = ["make", "sandbox_process"]
