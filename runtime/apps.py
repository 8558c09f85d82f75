"""The app that executes releases durably."""

from django.apps import AppConfig


class RuntimeConfig(AppConfig):
    """Registers the runtime's models."""

    name = "runtime"
    label = "runtime"
    verbose_name = "Runtime"
