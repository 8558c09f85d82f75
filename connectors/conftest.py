"""Fixtures for the tests that live with their connectors."""

from connectors.testing.fixtures import control, make, sandbox_process

__all__ = ["control", "make", "sandbox_process"]
