"""Steps of runs that were cancelled before a step could say so: none goes on running or waiting."""

from django.db import migrations

AT_ONCE = 500


def put_right(apps, schema_editor):
    """A step whose call was away says so; one that would have gone on later is cancelled."""
    runs = apps.get_model("runtime", "Run").objects.filter(status="cancelled")
    last = ""
    while rows := list(runs.filter(id__gt=last).order_by("id").only("id", "state")[:AT_ONCE]):
        last = rows[-1].id
        changed = [row for row in rows if _say(row.state)]
        for row in changed:
            row.save(update_fields=["state"])


def _say(state):
    found = False
    for step in state.values():
        if step.get("status") in ("running", "retrying", "waiting"):
            found = True
            if step["status"] == "running":
                step["away"] = True
            step["status"] = "cancelled"
            step.pop("next_at", None)
            step.pop("parked", None)
            step.pop("person", None)
    return found


class Migration(migrations.Migration):
    dependencies = [("runtime", "0004_parked_since")]

    operations = [migrations.RunPython(put_right, migrations.RunPython.noop)]
