"""What connections, accounts and apps have used of their vendors' limits."""

from django.db import migrations, models

import ipaas.tenancy.fields


class Migration(migrations.Migration):
    dependencies = [("runtime", "0004_known_events")]

    operations = [
        migrations.CreateModel(
            name="AllowanceRow",
            fields=[
                ("key", models.CharField(max_length=160, primary_key=True, serialize=False)),
                ("state", ipaas.tenancy.fields.JsonText(default=dict)),
                ("updated_at", models.DateTimeField()),
            ],
            options={"db_table": "runtime_allowance"},
        ),
    ]
