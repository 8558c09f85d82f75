"""When the call left for which a run waits: what was mended later may let it go on."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("runtime", "0003_no_pattern_indexes")]

    operations = [
        migrations.AddField(
            model_name="parked",
            name="since",
            field=models.DateTimeField(null=True),
        ),
    ]
