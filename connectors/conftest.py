"""Fixtures for the tests that live with their connectors."""

from connectors.testing.fixtures import make, sandbox_process

__all__ = ["make", "sandbox_process"]
