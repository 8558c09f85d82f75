"""A server that keeps what it is sent."""

from connectors.testing.receiver import connect, receiver

__all__ = ["connect", "receiver"]
