"""The tests that every connector passes, and what they need: see ``ConnectorSuite``."""

from connectors.testing.bench import Bench
from connectors.testing.suite import ConnectorSuite
from connectors.testing.trouble import Example

__all__ = ["Bench", "ConnectorSuite", "Example"]
