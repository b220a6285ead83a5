"""Writing in a draft: beginning one, saving a section, authors, comments."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db import transaction

from schoolgate import people
from schoolgate.clock import Clock, custodians_day
from schoolgate.errors import Refusal, Refused
from schoolgate.requests.drafting.check import text_problem, texts_of
from schoolgate.requests.drafting.found import draft_row, is_deserted, is_open, is_theirs, spec_now, view_of
from schoolgate.requests.drafting.models import Content, Draft, DraftAttachment, DraftAuthor, DraftComment
from schoolgate.requests.drafting.sections import Section, find_section
from schoolgate.requests.drafting.shown import differences
from schoolgate.requests.drafting.values import read_values
from schoolgate.requests.drafting.views import DraftView, Saved
from schoolgate.requests.steps import next_number
from schoolgate.requests.stored import to_json
from schoolgate.requests.terms import ApplicationSpec

MOST_BYTES = 250_000
"""Of a draft as JSON; a request to the gate's process has at most 256 KiB."""

MOST_COMMENTS = 500
MOST_AUTHORS = 50
MOST_DRAFTS = 50
"""That one person is an author of and nobody handed in: each can hold 25 MB of files."""


def _not_open() -> Refusal:
    return Refusal(
        "not-possible-now",
        "This application was handed in. It can be changed when it is returned.",
        provision="state table request",
    )


def writer_problems(row: Draft, person: people.PersonView) -> list[Refusal]:
    """Why a person may not change a draft they may see."""
    found = []
    if not row.authors.filter(person=person.id).exists():
        found.append(
            Refusal(
                "not-an-author",
                "You may read this draft, not change it.",
                provision="a draft is its authors'",
                remedy="Ask one of its authors to add you.",
                where="actor",
            )
        )
    if not is_open(row):
        found.append(_not_open())
    return found


def touch(row: Draft, clock: Clock) -> None:
    """Count a change of a locked row."""
    row.revision += 1
    row.changed_at = clock.now()
    row.save()


def make(organisation_id: str, spec: ApplicationSpec, actor: str, clock: Clock) -> Draft:
    """A new draft with one author; inside the caller's transaction."""
    row = Draft.objects.create(
        draft_id=next_number(f"D-{custodians_day(clock).year}"),
        organisation_id=organisation_id,
        spec=to_json(spec),
        started_at=clock.now(),
        changed_at=clock.now(),
    )
    DraftAuthor.objects.create(draft=row, person=actor, added_by=actor, added_at=clock.now())
    return row


def start(actor: str, clock: Clock) -> DraftView | Refused:
    """Begin a draft for the actor's own organisation."""
    person = people.person(actor)
    if person.role != "researcher":
        return Refused(
            (Refusal("not-your-decision", f"A {person.role} may not apply; researcher may.", where="actor"),)
        )
    if Draft.objects.filter(application_id=None, authors__person=actor).count() >= MOST_DRAFTS:
        return Refused(
            (
                Refusal(
                    "too-many",
                    f"You are writing {MOST_DRAFTS} applications already.",
                    remedy="Hand one in, or throw one away.",
                    where="actor",
                ),
            )
        )
    with transaction.atomic():
        row = make(person.organisation_id, ApplicationSpec(organisation=person.organisation_id), actor, clock)
    return view_of(row, person)


def _section_problems(section: Section, spec: ApplicationSpec, given: Mapping[str, Any]) -> list[Refusal]:
    found = []
    strange = sorted(set(given) - {field.name for field in section.fields})
    found += [
        Refusal("form-field", "This page of the form has no such field.", "application form", where=name[:60])
        for name in strange
    ]
    missing = [name for name in section.after if not getattr(spec, name)]
    if missing:
        what = {"lawful_basis": "the lawful basis", "gateway": "the power to share", "items": "the items"}
        first = what.get(missing[0], "the purpose")
        found.append(
            Refusal(
                "first-things-first",
                f"Say first {first}: what comes later must fit it, not the other way round.",
                provision="UK GDPR Article 5(1)(b)-(c)",
                where=missing[0],
            )
        )
    return found


def save_section(
    reference: str, section_id: str, revision: int, given: Mapping[str, Any], actor: str, clock: Clock
) -> Saved | Refused:
    """Save what was filled in on one page of the form; what is missing is said when the whole is checked.

    Args:
        reference: the draft.
        section_id: the page.
        revision: of the section as the writer saw it; 0 when nobody had saved it.
        given: field -> value, of the kinds JSON has, dates as ISO texts.
        actor: who writes.
        clock: the time.

    Returns:
        That it is saved, or what somebody else saved meanwhile; or why it cannot be saved.

    Raises:
        UnknownDraft: there is none, or it is not the actor's to see.
    """
    person = people.person(actor)
    with transaction.atomic():
        row = draft_row(reference, person, locked=True)
        section = find_section(section_id)
        if section is None:
            return Refused((Refusal("section-unknown", "The form has no such page.", where="section"),))
        before = spec_now(row)
        values, unread = read_values(given, iso_dates=True)
        found = [
            *writer_problems(row, person),
            *_section_problems(section, before, given),
            *unread,
        ]
        after = replace(before, **{name: value for name, value in values.items() if _is_of(section, name)})
        found += _unkeepable(section, after)
        if found:
            return Refused(tuple({(one.code, one.where): one for one in found}.values()))
        kept = row.saved.get(section_id, {"revision": 0, "by": ""})
        clash = differences(before, after) if kept["revision"] != revision else ()
        if clash:
            return Saved(row.draft_id, section_id, kept["revision"], clash, kept["by"])
        if len(json.dumps(to_json(after))) > MOST_BYTES:
            return Refused((Refusal("form-size", f"A form has at most {MOST_BYTES:,} bytes.", where="form"),))
        row.spec = to_json(after)
        row.saved = row.saved | {
            section_id: {"revision": kept["revision"] + 1, "by": actor, "at": clock.now().isoformat()}
        }
        touch(row, clock)
    return Saved(row.draft_id, section_id, kept["revision"] + 1)


def _is_of(section: Section, name: str) -> bool:
    return name in {field.name for field in section.fields}


def _unkeepable(section: Section, spec: ApplicationSpec) -> list[Refusal]:
    """Texts that could not be shown as they are, or are too long to keep; the database takes no NUL either."""
    found = []
    for where, text in texts_of(spec):
        problem = text_problem(text)
        if problem and _is_of(section, where.partition(",")[0]):
            found.append(Refusal("text", problem, provision="application form", where=where))
    return found


def add_author(reference: str, person_id: str, actor: str, clock: Clock) -> DraftView | Refused:
    """Let a colleague write too; an author adds one, and where no author is left whoever is there, also themselves.

    Raises:
        UnknownDraft: there is none, or it is not the actor's to see.
    """
    person = people.person(actor)
    with transaction.atomic():
        row = draft_row(reference, person, locked=True)
        may_take_over = is_theirs(person, row.organisation_id) and is_deserted(row)
        found = [] if may_take_over else writer_problems(row, person)
        try:
            colleague: people.PersonView | None = people.person(person_id)
        except people.UnknownPerson:
            colleague = None
        # Somebody of another organisation and somebody who is not there get one answer: who works where is not told.
        if colleague is None or not is_theirs(colleague, row.organisation_id):
            found.append(
                Refusal(
                    "person-elsewhere",
                    "This is not a researcher of your organisation.",
                    provision="a draft is its organisation's",
                    where="person",
                )
            )
        elif row.authors.filter(person=person_id).exists():
            found.append(Refusal("person-twice", "This person is an author already.", where="person"))
        if row.authors.count() >= MOST_AUTHORS:
            found.append(Refusal("too-many", f"A draft has at most {MOST_AUTHORS} authors.", where="person"))
        if found:
            return Refused(tuple(found))
        DraftAuthor.objects.create(draft=row, person=person_id, added_by=actor, added_at=clock.now())
        touch(row, clock)
    return view_of(row, person)


def discard(reference: str, actor: str, clock: Clock) -> str | Refused:
    """Throw away a draft that was never handed in: with what was written, said and attached, for good.

    Raises:
        UnknownDraft: there is none, or it is not the actor's to see.
    """
    person = people.person(actor)
    with transaction.atomic():
        row = draft_row(reference, person, locked=True)
        found = writer_problems(row, person)
        if row.application_id is not None:
            found.append(Refusal("not-possible-now", "What was handed in is kept.", where="draft"))
        if found:
            return Refused(tuple(found))
        contents = set(row.attachments.values_list("content_id", flat=True))
        for part in (row.attachments, row.comments, row.authors, row.pieces):
            part.all().delete()
        row.delete()
        Content.objects.filter(pk__in=contents).exclude(
            pk__in=DraftAttachment.objects.filter(content__in=contents).values("content_id")
        ).delete()
    return reference


def _side(person: people.PersonView, row: Draft) -> str:
    return "applicant" if is_theirs(person, row.organisation_id) else "custodian"


def comment(reference: str, section_id: str, text: str, shared: bool, actor: str, clock: Clock) -> int | Refused:
    """Say something about a section.

    Colleagues talk among themselves until they mark a comment as shared, which they can once the application was
    handed in; what the custodian or a panel member says, the authors see.

    Returns:
        The comment's number, or why it cannot be made.

    Raises:
        UnknownDraft: there is none, or it is not the actor's to see.
    """
    person = people.person(actor)
    with transaction.atomic():
        row = draft_row(reference, person, locked=True)
        is_outside = _side(person, row) == "custodian"
        found = []
        if find_section(section_id) is None:
            found.append(Refusal("section-unknown", "The form has no such page.", where="section"))
        if not text.strip():
            found.append(Refusal("text", "Write something first.", where="text"))
        elif problem := text_problem(text):
            found.append(Refusal("text", problem, where="text"))
        if shared and not is_outside and row.application_id is None:
            found.append(
                Refusal(
                    "not-possible-now",
                    "Only you and your colleagues see a draft that was not handed in.",
                    where="shared",
                )
            )
        if person.role == "overseer":
            found.append(Refusal("not-your-decision", "An overseer reads and does not take part.", where="actor"))
        if row.comments.count() >= MOST_COMMENTS:
            found.append(Refusal("too-many", f"A draft takes at most {MOST_COMMENTS} comments.", where="text"))
        if found:
            return Refused(tuple(found))
        made = DraftComment.objects.create(
            draft=row,
            section=section_id,
            person=actor,
            role=person.role,
            text=text.replace("\r\n", "\n").strip(),
            is_shared=shared or is_outside,
            at=clock.now(),
        )
    return int(made.pk)


def resolve(reference: str, comment_id: int, actor: str, clock: Clock) -> int | Refused:
    """Settle a comment: whoever made it, or somebody of the side it was made to. Settled, it stays readable.

    Raises:
        UnknownDraft: there is none, or it is not the actor's to see.
    """
    person = people.person(actor)
    with transaction.atomic():
        row = draft_row(reference, person, locked=True)
        made = row.comments.filter(pk=comment_id).first()
        is_hidden = made is not None and not made.is_shared and _side(person, row) == "custodian"
        if made is None or is_hidden:
            return Refused((Refusal("comment-unknown", "There is no such comment.", where="comment"),))
        if made.resolved_at is not None:
            return Refused((Refusal("not-possible-now", "This comment is settled.", where="comment"),))
        if person.role == "overseer":
            return Refused((Refusal("not-your-decision", "An overseer reads and does not take part."),))
        made.resolved_by, made.resolved_at = actor, clock.now()
        made.save(update_fields=["resolved_by", "resolved_at"])
    return comment_id
