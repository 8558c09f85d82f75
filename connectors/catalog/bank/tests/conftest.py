"""Fixtures of connector tests."""

from connectors.testing.fixtures import control, make, sandbox_process

__all__ = ["control", "make", "sandbox_process"]
