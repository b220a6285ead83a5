"""Objections to more than a purpose; items in dispute; when a family was told that a restriction will be lifted.

An objection that stood before is one to a purpose: its row stays, with its purpose as the target.
"""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Keeps every row."""

    dependencies = [("consent", "0002_yes_shield_death")]

    operations = [
        migrations.RemoveConstraint(model_name="objection", name="objection_in_force_once"),
        migrations.RemoveIndex(model_name="objection", name="objection_for_gate"),
        migrations.RenameField(model_name="objection", old_name="purpose_id", new_name="target"),
        migrations.AlterField(
            model_name="objection",
            name="target",
            field=models.CharField(
                max_length=64, blank=True, help_text="id of the purpose, kind or organisation; empty where all is meant"
            ),
        ),
        migrations.AddField(
            model_name="objection",
            name="scope",
            field=models.CharField(
                max_length=16, default="purpose", help_text="what kind of thing is said no to"
            ),
        ),
        migrations.AddConstraint(
            model_name="objection",
            constraint=models.UniqueConstraint(
                condition=models.Q(("withdrawn_at", None)),
                fields=("pupil", "scope", "target"),
                name="objection_stands_once",
            ),
        ),
        migrations.AddIndex(
            model_name="objection",
            index=models.Index(
                condition=models.Q(("withdrawn_at", None)),
                fields=["scope", "target", "pupil"],
                name="objection_for_reads",
            ),
        ),
        migrations.AddField(
            model_name="restriction",
            name="told_at",
            field=models.DateTimeField(null=True, help_text="when the family was told that it will be lifted"),
        ),
        migrations.AddField(
            model_name="restriction", name="told_by", field=models.CharField(max_length=64, blank=True, default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="restriction",
            name="lifts_on",
            field=models.DateField(null=True, help_text="the day the family was told of: not lifted before it"),
        ),
        migrations.CreateModel(
            name="ItemDispute",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("pupil", models.BigIntegerField(db_index=True)),
                ("item", models.CharField(max_length=80)),
                ("case", models.CharField(help_text="reference of the case that looks at it", max_length=40)),
                ("opened_at", models.DateTimeField()),
                ("opened_by", models.CharField(max_length=64)),
                ("settled_at", models.DateTimeField(null=True)),
                ("settled_by", models.CharField(blank=True, max_length=64)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("settled_at", None)), fields=["item", "pupil"], name="dispute_for_reads"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("settled_at", None)),
                        fields=("pupil", "item", "case"),
                        name="dispute_stands_once",
                    )
                ],
            },
        ),
    ]
