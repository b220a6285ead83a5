"""Applications that were handed in before there were drafts get a paper of their own, so that they can be returned."""

from django.db import migrations


def make(apps, schema_editor):
    Request = apps.get_model("requests", "Request")
    RequestStep = apps.get_model("requests", "RequestStep")
    Draft = apps.get_model("drafting", "Draft")
    DraftAuthor = apps.get_model("drafting", "DraftAuthor")
    DraftVersion = apps.get_model("drafting", "DraftVersion")
    for row in Request.objects.filter(built_in=False).order_by("pk"):
        step = RequestStep.objects.filter(request=row, event="submit").order_by("log_index").first()
        if step is None:
            continue
        by = step.actors[0] if step.actors else ""
        draft = Draft.objects.create(
            draft_id=f"D-{row.application_id}",
            organisation_id=row.organisation_id,
            application_id=row.application_id,
            spec=row.spec,
            started_at=step.at,
            changed_at=step.at,
        )
        DraftAuthor.objects.create(draft=draft, person=by, added_by=by, added_at=step.at)
        DraftVersion.objects.create(draft=draft, number=1, spec=row.spec, by=by, at=step.at, log_index=step.log_index)


class Migration(migrations.Migration):

    dependencies = [
        ("drafting", "0001_drafts"),
        ("requests", "0002_notice_and_amendments"),
    ]

    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
