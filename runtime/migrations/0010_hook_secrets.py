"""Secrets of addresses are bound to their address, not only to their workspace."""

from django.db import migrations

from connectors import facade as connectors


def bind(apps, schema_editor):
    """Seal each secret anew; one that no key opens stays as it is and must be set again."""
    hooks = apps.get_model("runtime", "Hook")
    for hook in hooks.objects.exclude(secret=None, previous=None).iterator():
        cipher = connectors.workspace_cipher(hook.workspace_id)
        changed = {}
        for name in ("secret", "previous"):
            sealed = getattr(hook, name)
            if sealed is None:
                continue
            try:
                plain = cipher.open(bytes(sealed), b"hook-secret")
            except connectors.SealBroken:
                continue
            changed[name] = connectors.seal(hook.workspace_id, "hook.secret", hook.token, plain)
        if changed:
            hooks.objects.filter(pk=hook.pk).update(**changed)


class Migration(migrations.Migration):
    """Only data changes."""

    dependencies = [("runtime", "0009_installation_probe")]

    operations = [migrations.RunPython(bind, migrations.RunPython.noop)]
