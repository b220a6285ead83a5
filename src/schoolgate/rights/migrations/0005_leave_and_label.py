"""A young person's leave for an adult who has a code and no link yet; an account's own words for a child."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds two empty columns."""

    dependencies = [("rights", "0004_unmatched_paper")]

    operations = [
        migrations.AddField(
            model_name="claimcode",
            name="leave_at",
            field=models.DateTimeField(null=True, help_text="when the young person let whoever uses it look"),
        ),
        migrations.AddField(
            model_name="childlink",
            name="label",
            field=models.BinaryField(null=True, help_text="sealed: the account's own words for which child this is"),
        ),
    ]
