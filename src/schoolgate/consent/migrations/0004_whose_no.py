"""Each "no" and each stop is its speaker's own: two adults' are two, and a decision that ends a "no" says why.

An objection that stood before is that of whoever lodged it.
"""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Keeps every row."""

    dependencies = [("consent", "0003_scopes_disputes")]

    operations = [
        migrations.RemoveConstraint(model_name="objection", name="objection_stands_once"),
        migrations.AddConstraint(
            model_name="objection",
            constraint=models.UniqueConstraint(
                condition=models.Q(("withdrawn_at", None)),
                fields=("pupil", "scope", "target", "lodged_by"),
                name="objection_of_each_once",
            ),
        ),
        migrations.RemoveConstraint(model_name="restriction", name="restriction_in_force_once"),
        migrations.AddConstraint(
            model_name="restriction",
            constraint=models.UniqueConstraint(
                condition=models.Q(("lifted_at", None)),
                fields=("pupil", "reason", "placed_by"),
                name="restriction_of_each_once",
            ),
        ),
        migrations.AddField(
            model_name="objection",
            name="ended_ground",
            field=models.CharField(
                max_length=32, blank=True, default="", help_text="why a decision ends it, where one does"
            ),
        ),
        migrations.AddField(
            model_name="objection",
            name="ended_reason",
            field=models.CharField(max_length=500, blank=True, default=""),
        ),
        migrations.AddField(
            model_name="objection",
            name="first_by",
            field=models.CharField(
                max_length=64, blank=True, default="", help_text="who decided first; it takes two people"
            ),
        ),
        migrations.AddField(model_name="objection", name="first_at", field=models.DateTimeField(null=True)),
    ]
