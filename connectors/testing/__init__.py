"""The tests that every connector passes, and what they need: see ``ConnectorSuite``."""

from connectors.testing.bench import Bench
from connectors.testing.suite import ConnectorSuite, Example

__all__ = ["Bench", "ConnectorSuite", "Example"]
