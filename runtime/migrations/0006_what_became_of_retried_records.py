"""Which job retried a record, so that it can say what became of it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("runtime", "0005_words_of_cancelled_steps")]

    operations = [
        migrations.AddField(
            model_name="deadletter",
            name="retried_by_job",
            field=models.CharField(blank=True, db_default="", default="", max_length=40),
        ),
        migrations.AddIndex(
            model_name="deadletter",
            index=models.Index(
                condition=models.Q(("retried_by_job", ""), _negated=True),
                fields=["retried_by_job"],
                name="letter_job",
            ),
        ),
        migrations.AddField(
            model_name="bulkjob",
            name="followed",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddIndex(
            model_name="bulkjob",
            index=models.Index(
                condition=models.Q(("followed", True)), fields=["followed"], name="bulk_followed"
            ),
        ),
    ]
