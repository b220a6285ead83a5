from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

_TABLES = (
    "Organisation", "OrganisationName", "Case", "CaseArea", "CaseItem", "CaseYear", "Word", "Release", "Entry", "Tally",
)  # fmt: skip


def make_again(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Forget what was read: the tables hold more of each entry now, and are made again from the log."""
    for table in _TABLES:
        apps.get_model("published", table).objects.all().delete()
    apps.get_model("published", "Read").objects.update(next=0)


class Migration(migrations.Migration):

    dependencies = [
        ('published', '0004_joined'),
    ]

    operations = [
        migrations.RunPython(make_again, migrations.RunPython.noop),
        migrations.AddField("entry", "own", models.BooleanField(default=False)),
        migrations.AddIndex(
            "entry",
            models.Index(condition=models.Q(("own", False)), fields=["-id"], name="published_entry_outside"),
        ),
    ]
