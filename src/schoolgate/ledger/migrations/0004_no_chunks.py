"""The old layout goes once everything in it is converted."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ("ledger", "0003_convert"),
    ]

    operations = [
        migrations.DeleteModel(
            name="ExposureChunk",
        ),
    ]
