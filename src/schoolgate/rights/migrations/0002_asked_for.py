"""Codes remember, as a keyed hash, which school asked for which pupil."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("rights", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="claimcode",
            name="asked_for",
            field=models.CharField(
                db_index=True,
                default="",
                help_text="keyed hash of school and UPN: a school may close what it opened also when the pupil has left",
                max_length=64,
            ),
        ),
    ]
