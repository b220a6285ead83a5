"""What names look like is kept beside them: a row for each organisation, made again at the first search."""

import django.db.models.deletion
from django.db import migrations, models


def begin(apps, schema_editor):
    """One row of no recipe each: the first search makes them by the recipe of that day (`people.shapes`)."""
    shape = apps.get_model("people", "NameShape")
    ids = apps.get_model("people", "Organisation").objects.values_list("pk", flat=True)
    shape.objects.bulk_create(shape(organisation_id=pk, shape="", recipe="") for pk in ids)


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0004_organisation_facts_and_interests"),
    ]

    operations = [
        migrations.CreateModel(
            name="NameShape",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("shape", models.CharField(db_index=True, help_text="SHA-256 of the skeleton", max_length=64)),
                ("recipe", models.CharField(db_index=True, max_length=16)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="shapes", to="people.organisation"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="nameshape",
            constraint=models.UniqueConstraint(fields=("organisation", "shape", "recipe"), name="people_shape_once"),
        ),
        migrations.AddIndex(
            model_name="organisation",
            index=models.Index(fields=["register", "number"], name="people_register_number"),
        ),
        migrations.RunPython(begin, migrations.RunPython.noop),
    ]
