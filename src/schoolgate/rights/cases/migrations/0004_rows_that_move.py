"""Where a row came from that a case is about, and whose it is now."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Add the columns."""

    dependencies: ClassVar = [("cases", "0003_source_school")]

    operations: ClassVar = [
        migrations.AddField(
            "case",
            "paper",
            models.CharField(
                blank=True,
                help_text="the return and row it came from, as the gate knows it",
                max_length=160,
                default="",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            "case",
            "pmr",
            models.BigIntegerField(
                db_index=True, help_text="who has that row now, when it is another pupil", null=True
            ),
        ),
        migrations.AddField(
            "case",
            "followed",
            models.BooleanField(default=False, help_text="that is the same child, and the case is about them"),
        ),
    ]
