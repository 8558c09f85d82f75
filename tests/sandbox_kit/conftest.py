"""A running sandbox process, and an instance of its own for each test."""

from connectors.testing.fixtures import control, sandbox_process

__all__ = ["control", "sandbox_process"]
