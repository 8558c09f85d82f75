from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("designer", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="mappingtemplate",
            name="source",
            field=models.CharField(blank=True, default="", max_length=160),
        ),
        migrations.RemoveConstraint(model_name="mappingtemplate", name="one_template_per_name"),
        migrations.AddConstraint(
            model_name="mappingtemplate",
            constraint=models.UniqueConstraint(
                fields=("workspace", "source", "name"), name="one_template_per_name"
            ),
        ),
    ]
