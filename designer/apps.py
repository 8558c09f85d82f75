"""The app in which people draw flows."""

from __future__ import annotations

from django.apps import AppConfig


class DesignerConfig(AppConfig):
    """Tells connectors which flows use a connection."""

    name = "designer"
    label = "designer"
    verbose_name = "Designer"

    def ready(self) -> None:
        """Register what lower apps may ask of this one."""
        from connectors import facade as connectors
        from designer.mapping_tests import SEALED
        from designer.publish import draft_body
        from designer.table_uses import uses_of_tables
        from designer.uses import uses_of_connections
        from runtime import facade as runtime

        connectors.register_usage_provider(uses_of_connections)
        connectors.register_table_usage_provider(uses_of_tables)
        connectors.register_sealed(SEALED)
        runtime.register_draft_compiler(draft_body)
