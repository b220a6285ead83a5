"""What two columns say of themselves; nothing in the tables changes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("requests", "0003_versions_signatures_certificates"),
    ]

    operations = [
        migrations.AlterField(
            model_name="request",
            name="spec",
            field=models.JSONField(
                help_text="the application as it was last handed in; earlier versions are its draft's"
            ),
        ),
        migrations.AlterField(
            model_name="version",
            name="kind",
            field=models.CharField(help_text="agreement, amendment, extension or reaffirmation", max_length=16),
        ),
    ]
