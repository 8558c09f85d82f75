"""Django's name for this app."""

from django.apps import AppConfig


class ConnectorsConfig(AppConfig):
    """Connectors, connections, their secrets, and calls to vendors."""

    name = "connectors"
    label = "connectors"
    verbose_name = "Connectors"

    def ready(self) -> None:
        """Let slugs of uploaded connectors be found."""
        from connectors.own import uploads

        uploads.register()
