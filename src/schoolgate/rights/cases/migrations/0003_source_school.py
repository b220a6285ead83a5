from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("cases", "0002_remains"),
    ]

    operations = [
        migrations.AddField(
            model_name="case",
            name="source_may_see",
            field=models.BooleanField(default=False, help_text="the family lets that school see the files"),
        ),
        migrations.AddField(
            model_name="case",
            name="source_urn",
            field=models.IntegerField(
                db_index=True,
                help_text="the school whose return the row came from, once the custodian has looked",
                null=True,
            ),
        ),
    ]
