"""What is left of a case when its child's record is erased; and what a case's row knows of its own steps for that."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import migrations, models


def from_steps(apps: Any, _schema: Any) -> None:
    """Fill the new columns of cases that were decided before; whether in time, by the month as it was counted then."""
    from schoolgate import statutory
    from schoolgate.clock import day_of

    step = apps.get_model("cases", "CaseStep")
    for row in apps.get_model("cases", "Case").objects.all():
        events = {one.event: day_of(one.at) for one in step.objects.filter(case=row).order_by("-number")}
        row.was_appealed, row.was_overseen = "appeal" in events, "escalate" in events
        row.decided_on = events.get("decide")
        if row.decided_on is not None:
            pauses = tuple(
                statutory.Pause(one.asked_on, one.answered_on)
                for one in row.pauses.all()
                if row.kind == "access-question"
            )
            running = statutory.Running(
                row.received_on, row.identity_asked_on, row.identity_received_on, pauses, row.extended_on
            )
            row.decided_late = statutory.answer_by(running).is_late(row.decided_on)
        row.save()


class Migration(migrations.Migration):
    """Add the table."""

    dependencies: ClassVar = [("cases", "0001_initial")]

    operations: ClassVar = [
        migrations.AddField(
            "case", "decided_on", models.DateField(help_text="the day of the first decision", null=True)
        ),
        migrations.AddField(
            "case",
            "decided_late",
            models.BooleanField(default=False, help_text="the first decision came after its last day"),
        ),
        migrations.AddField("case", "was_appealed", models.BooleanField(default=False)),
        migrations.AddField(
            "case",
            "was_overseen",
            models.BooleanField(default=False, help_text="the family brought it before the overseer"),
        ),
        migrations.RunPython(from_steps, migrations.RunPython.noop),
        migrations.CreateModel(
            name="CaseRemains",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=24)),
                (
                    "outcome",
                    models.CharField(
                        blank=True, help_text="what stood at the end; empty: never decided", max_length=24
                    ),
                ),
                ("year", models.IntegerField(help_text="in which it was received")),
                ("took", models.IntegerField(help_text="days to the first decision", null=True)),
                ("was_late", models.BooleanField(default=False)),
                ("was_appealed", models.BooleanField(default=False)),
                (
                    "was_overseen",
                    models.BooleanField(default=False, help_text="the family brought it before the overseer"),
                ),
            ],
        ),
    ]
