"""Sessions with an owner, sealed notices, drafts and profiles; nobody stays signed in over it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models



class Migration(migrations.Migration):

    dependencies = [
        ('journal', '0001_initial'),
    ]

    operations = [
        migrations.RunSQL("DROP TABLE IF EXISTS django_session", migrations.RunSQL.noop),
        migrations.CreateModel(
            name='DeletedVault',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.AddField(
            model_name='keyring',
            name='notice_key',
            field=models.BinaryField(default=b"", max_length=32),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='keyring',
            name='profile',
            field=models.BinaryField(default=b""),
            preserve_default=False,
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sealed', models.BinaryField()),
                ('keyring', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='notices', to='journal.keyring')),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Session',
            fields=[
                ('session_key', models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name='session key')),
                ('session_data', models.TextField(verbose_name='session data')),
                ('expire_date', models.DateTimeField(db_index=True, verbose_name='expire date')),
                ('user', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='sessions', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'session',
                'verbose_name_plural': 'sessions',
                'abstract': False,
                'default_permissions': (),
            },
        ),
        migrations.DeleteModel(name='UnlockedSession'),
        migrations.CreateModel(
            name='UnlockedSession',
            fields=[
                ('session', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='unlocked', serialize=False, to='journal.session')),
                ('slot', models.BinaryField()),
                ('idle_at', models.BigIntegerField()),
                ('ends_at', models.BigIntegerField()),
                ('idle_seconds', models.PositiveIntegerField()),
                ('keyring', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='unlocked_sessions', to='journal.keyring')),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Draft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('entry', models.UUIDField()),
                ('base', models.PositiveIntegerField()),
                ('head', models.BinaryField()),
                ('body', models.BinaryField()),
                ('keyring', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='drafts', to='journal.keyring')),
            ],
            options={
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('keyring', 'entry'), name='one_draft_of_an_entry')],
            },
        ),
    ]
