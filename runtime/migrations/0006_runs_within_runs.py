"""Runs that runs make, questions to people, and runs that wait for a connection."""

import django.db.models.deletion
import ipaas.tenancy.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('runtime', '0005_allowance'),
        ('tenancy', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Approval',
            fields=[
                ('id', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('environment', models.CharField(max_length=40)),
                ('flow_id', models.CharField(max_length=40)),
                ('node_id', models.CharField(max_length=40)),
                ('node_name', models.CharField(max_length=200)),
                ('text', models.TextField()),
                ('assignee_kind', models.CharField(max_length=10)),
                ('assignee', models.CharField(max_length=150)),
                ('status', models.CharField(default='open', max_length=10)),
                ('escalated', models.BooleanField(default=False)),
                ('asked_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField(null=True)),
                ('decided_at', models.DateTimeField(null=True)),
                ('decided_by', models.CharField(blank=True, max_length=150)),
                ('note', models.TextField(blank=True)),
            ],
        ),
        migrations.CreateModel(
            name='Family',
            fields=[
                ('id', models.CharField(max_length=100, primary_key=True, serialize=False)),
                ('node_id', models.CharField(max_length=40)),
                ('kind', models.CharField(max_length=10)),
                ('total', models.IntegerField()),
                ('made', models.IntegerField()),
                ('released', models.IntegerField(default=0)),
                ('succeeded', models.IntegerField(default=0)),
                ('failed', models.IntegerField(default=0)),
                ('cancelled', models.IntegerField(default=0)),
                ('parallel', models.IntegerField()),
                ('stops', models.BooleanField()),
                ('waits', models.BooleanField()),
                ('closed', models.BooleanField(default=False)),
                ('version', models.IntegerField(default=0)),
                ('looked', models.IntegerField(default=0)),
                ('created_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Parked',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('environment', models.CharField(max_length=40)),
                ('connection', models.CharField(max_length=80)),
            ],
        ),
        migrations.RemoveIndex(
            model_name='run',
            name='run_list',
        ),
        migrations.AddField(
            model_name='run',
            name='family_id',
            field=models.CharField(blank=True, db_default='', default='', max_length=100),
        ),
        migrations.AddField(
            model_name='run',
            name='item_index',
            field=models.IntegerField(null=True),
        ),
        migrations.AddField(
            model_name='run',
            name='parent_id',
            field=models.CharField(blank=True, db_default='', default='', max_length=40),
        ),
        migrations.AddField(
            model_name='run',
            name='revision',
            field=models.CharField(blank=True, db_default='', default='', max_length=120),
        ),
        migrations.AddField(
            model_name='run',
            name='scope',
            field=ipaas.tenancy.fields.JsonText(null=True),
        ),
        migrations.AddIndex(
            model_name='run',
            index=models.Index(condition=models.Q(('parent_id', '')), fields=['workspace', 'environment', '-id'], name='run_roots'),
        ),
        migrations.AddIndex(
            model_name='run',
            index=models.Index(condition=models.Q(('family_id', ''), _negated=True), fields=['family_id', 'item_index'], name='run_family'),
        ),
        migrations.AddIndex(
            model_name='run',
            index=models.Index(condition=models.Q(('parent_id', ''), _negated=True), fields=['parent_id'], name='run_parent'),
        ),
        migrations.AddField(
            model_name='approval',
            name='run',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='approvals', to='runtime.run'),
        ),
        migrations.AddField(
            model_name='approval',
            name='workspace',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.workspace'),
        ),
        migrations.AddField(
            model_name='family',
            name='run',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='families', to='runtime.run'),
        ),
        migrations.AddField(
            model_name='family',
            name='workspace',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.workspace'),
        ),
        migrations.AddField(
            model_name='parked',
            name='run',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='runtime.run'),
        ),
        migrations.AddField(
            model_name='parked',
            name='workspace',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenancy.workspace'),
        ),
        migrations.AddIndex(
            model_name='approval',
            index=models.Index(fields=['workspace', 'environment', 'status', '-id'], name='runtime_app_workspa_c2d87c_idx'),
        ),
        migrations.AddConstraint(
            model_name='approval',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'open')), fields=('run', 'node_id'), name='one_open_question_per_step'),
        ),
        migrations.AddIndex(
            model_name='family',
            index=models.Index(condition=models.Q(('version__gt', models.F('looked'))), fields=['id'], name='family_news'),
        ),
        migrations.AddIndex(
            model_name='family',
            index=models.Index(condition=models.Q(('closed', False), ('released__lt', models.F('made'))), fields=['id'], name='family_held'),
        ),
        migrations.AddConstraint(
            model_name='parked',
            constraint=models.UniqueConstraint(fields=('workspace', 'environment', 'connection', 'run'), name='parked_once_per_connection'),
        ),
    ]
