from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("corrections", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Erased",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("agreement_id", models.CharField(max_length=40)),
                (
                    "notice",
                    models.CharField(
                        blank=True, db_index=True, help_text="in which it is told; empty: not yet", max_length=40
                    ),
                ),
                (
                    "token",
                    models.BinaryField(
                        help_text="keyed hash: an erasure done again is told once", max_length=32, unique=True
                    ),
                ),
                ("named", models.BooleanField(help_text="whether what left held references")),
                (
                    "sealed",
                    models.BinaryField(help_text="the reference, or none for every pupil; items; years"),
                ),
                ("recorded_at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="notice",
            name="kind",
            field=models.CharField(default="corrections", help_text="corrections, or erased", max_length=12),
        ),
        migrations.AlterField(
            model_name="notice",
            name="corrections",
            field=models.IntegerField(help_text="how many corrections, or how many erasures"),
        ),
        migrations.AlterField(
            model_name="correction",
            name="kind",
            field=models.CharField(help_text="corrected, annotated or declined", max_length=12),
        ),
        migrations.RemoveIndex(
            model_name="correction",
            name="not_travelled",
        ),
        migrations.AddIndex(
            model_name="correction",
            index=models.Index(
                condition=models.Q(("travelled_at", None), models.Q(("kind", "annotated"), _negated=True)),
                fields=["decided_at"],
                name="not_travelled",
            ),
        ),
    ]
