"""Primary keys of text get a second index for LIKE on PostgreSQL, which no query here uses."""

from django.db import migrations


def drop(apps, schema_editor):
    """Those of the two tables that every order writes to."""
    if schema_editor.connection.vendor != "postgresql":
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname FROM pg_indexes WHERE tablename IN ('runtime_run', 'runtime_event')"
            " AND schemaname = current_schema() AND indexname LIKE '%%\\_like'"
        )
        for (name,) in cursor.fetchall():
            schema_editor.execute(f'DROP INDEX "{name}"')


class Migration(migrations.Migration):
    dependencies = [("runtime", "0002_runs")]

    operations = [migrations.RunPython(drop, migrations.RunPython.noop)]
