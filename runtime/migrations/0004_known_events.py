from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('runtime', '0003_triggers'),
    ]

    operations = [
        migrations.AddField(
            model_name='missedevent',
            name='reason',
            field=models.CharField(db_default='off', default='off', max_length=10),
        ),
        migrations.RemoveIndex(model_name='run', name='run_backfill'),
        migrations.RemoveField(model_name='run', name='backfill_id'),
        migrations.AddField(
            model_name='run',
            name='backfill_id',
            field=models.CharField(max_length=40, null=True),
        ),
        migrations.AddIndex(
            model_name='run',
            index=models.Index(
                condition=models.Q(('backfill_id__isnull', False)),
                fields=['backfill_id', 'status'],
                name='run_backfill',
            ),
        ),
    ]
