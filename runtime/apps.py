"""The app that executes releases durably."""

from django.apps import AppConfig


class RuntimeConfig(AppConfig):
    """Registers the runtime's models."""

    name = "runtime"
    label = "runtime"
    verbose_name = "Runtime"

    def ready(self) -> None:
        """Tell the rotation of keys what is sealed here."""
        from connectors import facade as connectors
        from runtime.held import table_saved, waiting_for_keys
        from runtime.limits import outside
        from runtime.live.news import tell_connections
        from runtime.reconnection import connection_ready, waiting_for_connections
        from runtime.sealed import COLUMNS
        from runtime.triggers import backfill, polling

        connectors.register_sealed(*COLUMNS)
        connectors.register_ready_listener(connection_ready)
        connectors.register_ready_listener(polling.connection_ready)
        connectors.register_ready_listener(backfill.connection_ready)
        connectors.register_change_listener(tell_connections)
        connectors.register_request_listener(outside.count)
        connectors.register_waiting_provider(waiting_for_connections)
        connectors.register_saved_listener(table_saved)
        connectors.register_awaited_provider(waiting_for_keys)
