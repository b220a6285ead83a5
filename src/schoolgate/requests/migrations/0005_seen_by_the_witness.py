"""A certificate holds when its witness has said so; those there are were certified with one entry."""

from typing import Any

from django.db import migrations, models


def _as_they_were(apps: Any, _editor: Any) -> None:
    apps.get_model("requests", "Certificate").objects.update(seen_index=models.F("log_index"))


class Migration(migrations.Migration):
    dependencies = [
        ("requests", "0004_help_texts"),
    ]

    operations = [
        migrations.AlterField(
            model_name="certificate",
            name="log_index",
            field=models.BigIntegerField(help_text="the entry that states it", unique=True),
        ),
        migrations.AddField(
            model_name="certificate",
            name="seen_index",
            field=models.BigIntegerField(
                help_text="the entry with which the witness said so; None: they have not", null=True, unique=True
            ),
        ),
        # Last: PostgreSQL changes no table that has rows waiting to be checked.
        migrations.RunPython(_as_they_were, migrations.RunPython.noop),
    ]
