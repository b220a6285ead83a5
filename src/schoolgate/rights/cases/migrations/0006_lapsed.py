from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def count_what_lapsed(apps: Apps, schema: BaseDatabaseSchemaEditor) -> None:
    """Cases that were closed in this way before are counted, too: their steps say so."""
    apps.get_model("cases", "Case").objects.filter(steps__event="lapse").update(lapsed=True)


class Migration(migrations.Migration):

    dependencies = [
        ("cases", "0005_letters_on_paper"),
    ]

    operations = [
        migrations.AddField(
            model_name="case",
            name="lapsed",
            field=models.BooleanField(
                default=False, help_text="closed undecided: the family did not say what was asked"
            ),
        ),
        migrations.AddField(
            model_name="caseremains",
            name="was_lapsed",
            field=models.BooleanField(default=False, help_text="closed undecided: the family did not answer"),
        ),
        migrations.RunPython(count_what_lapsed, migrations.RunPython.noop),
    ]
