"""Finding drafts, and who may see which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import Q

from schoolgate import people
from schoolgate.errors import SchoolgateError
from schoolgate.requests.drafting.models import Content, Draft, DraftAttachment, DraftAuthor, DraftComment, DraftVersion
from schoolgate.requests.drafting.views import Attachment, Comment, DraftView, Line, SavedBy, Version
from schoolgate.requests.models import Request
from schoolgate.requests.stored import from_json
from schoolgate.requests.terms import ApplicationSpec

_READS_ALL = frozenset({"custodian", "overseer"})
"""Roles that see every application from the day it was handed in."""


class UnknownDraft(SchoolgateError):
    """There is no such draft, or it is not yours to see: the answer is the same."""


def _unknown() -> UnknownDraft:
    return UnknownDraft("There is no such draft or application.", hint="See your list.", code="draft-unknown")


def is_theirs(person: people.PersonView, organisation_id: str) -> bool:
    """Whether a person is a researcher of an organisation, or of what it became part of: a merger leaves no orphans."""
    if person.role != "researcher" or person.left_on is not None:
        return False
    return person.organisation_id in (organisation_id, people.successor(organisation_id).id)


def is_deserted(row: Draft) -> bool:
    """Whether no author of a draft works there any more."""
    authors = (people.person(one) for one in row.authors.values_list("person", flat=True))
    return not any(is_theirs(one, row.organisation_id) for one in authors)


def spec_now(row: Draft) -> ApplicationSpec:
    """What is being written, for the organisation that the draft belongs to now, whatever it was called when begun."""
    return replace(from_json(row.spec), organisation=people.successor(row.organisation_id).id)


def _is_named(person: people.PersonView, application_id: str) -> bool:
    """Whether the custodian named this panel member for the application, and no conflict took them out."""
    return Request.objects.filter(
        application_id=application_id, panel_cases__members__person=person.id, panel_cases__members__out=""
    ).exists()


def may_see(person: people.PersonView, application_id: str) -> bool:
    """Whether a person may see an application that was handed in, with its versions, files and shared comments.

    The researchers of its own organisation, or of what that became part of, may; the custodian and the overseer may
    see each; a panel member those for which the custodian named them. Nobody sees a rival's.
    """
    row = Request.objects.filter(application_id=application_id, built_in=False).first()
    if row is None or person.left_on is not None:
        return False
    if person.role in _READS_ALL or is_theirs(person, row.organisation_id):
        return True
    return person.role == "panel" and _is_named(person, row.application_id)


def draft_row(reference: str, person: people.PersonView, *, locked: bool = False) -> Draft:
    """The row of a draft that a person may see, by its own id or by that of its application.

    Raises:
        UnknownDraft: there is none, or it is not this person's to see.
    """
    rows = Draft.objects.select_for_update() if locked else Draft.objects.all()
    row = rows.filter(Q(draft_id=reference) | Q(application_id=reference)).first()
    if row is None or person.left_on is not None:
        raise _unknown()
    if is_theirs(person, row.organisation_id):
        return row
    if row.application_id and may_see(person, row.application_id):
        return row
    raise _unknown()


def state_of(row: Draft) -> str:
    """The state of the request that a draft became; ``drafted`` before."""
    if row.application_id is None:
        return "drafted"
    return Request.objects.only("state").get(application_id=row.application_id).state


def is_open(row: Draft) -> bool:
    """Whether its authors may change it: until it is handed in, and whenever it was returned."""
    return state_of(row) in ("drafted", "returned")


def _comment(row: DraftComment) -> Comment:
    return Comment(
        id=row.pk,
        section=row.section,
        by=row.person,
        role=row.role,
        text=row.text,
        shared=row.is_shared,
        at=row.at,
        resolved_by=row.resolved_by,
        resolved_at=row.resolved_at,
    )


def as_attachment(row: DraftAttachment) -> Attachment:
    """The row as a value."""
    return Attachment(row.name, row.kind, row.content.sha256, row.content.size)


def _version(row: DraftVersion) -> Version:
    return Version(
        number=row.number,
        spec=from_json(row.spec),
        attachments=tuple(Attachment(**one) for one in row.attachments),
        by=row.by,
        at=row.at,
        log_index=row.log_index,
    )


def _saved(kept: Mapping[str, Any]) -> dict[str, SavedBy]:
    return {
        section: SavedBy(one["revision"], one["by"], datetime.fromisoformat(one["at"])) for section, one in kept.items()
    }


def view_of(row: Draft, person: people.PersonView) -> DraftView:
    """A draft as a person may see it, who may see it."""
    is_own = is_theirs(person, row.organisation_id)
    versions = tuple(_version(one) for one in row.versions.order_by("number"))
    comments = row.comments.order_by("pk")
    organisation = people.successor(row.organisation_id)
    authors = tuple(row.authors.order_by("pk").values_list("person", flat=True))
    state = state_of(row)
    kept = row.attachments.select_related("content").filter(removed_at=None).order_by("pk")
    return DraftView(
        id=row.draft_id,
        organisation_id=organisation.id,
        organisation_name=organisation.name,
        application_id=row.application_id or "",
        state=state,
        # What is being written in a returned application is the authors' until they hand it in.
        spec=spec_now(row) if is_own or not versions else versions[-1].spec,
        revision=row.revision,
        saved=_saved(row.saved) if is_own else {},
        authors=authors,
        comments=tuple(_comment(one) for one in comments if is_own or one.is_shared),
        attachments=tuple(as_attachment(one) for one in kept) if is_own else versions[-1].attachments,
        versions=versions,
        started_at=row.started_at,
        changed_at=row.changed_at,
        may_write=is_own and person.id in authors and state in ("drafted", "returned"),
        is_author=person.id in authors,
        may_take_over=is_own and person.id not in authors and is_deserted(row),
    )


def find(reference: str, person: people.PersonView) -> DraftView:
    """One draft, by its id or its application's.

    Raises:
        UnknownDraft: there is none, or it is not this person's to see.
    """
    return view_of(draft_row(reference, person), person)


def attachment(reference: str, sha256: str, person: people.PersonView) -> tuple[Attachment, bytes]:
    """A file of a draft or of one of its versions that a person may see.

    Raises:
        UnknownDraft: there is none, or it is not this person's to see.
    """
    view = find(reference, person)
    files = [*view.attachments, *(one for version in view.versions for one in version.attachments)]
    held = next((one for one in files if one.sha256 == sha256), None)
    if held is None:
        raise _unknown()
    return held, bytes(Content.objects.get(sha256=sha256).data)


_WAITS = {"drafted": "finish", "returned": "answer", "approved": "accept", "ended": "destroy"}


def own(person: people.PersonView) -> tuple[Line, ...]:
    """The drafts and applications of a researcher's organisation, the last changed first."""
    if person.role != "researcher":
        return ()
    houses = people.stands_for(person.organisation_id)
    rows = list(Draft.objects.filter(organisation_id__in=houses).order_by("-changed_at", "-pk"))
    requests = {
        one.application_id: one
        for one in Request.objects.filter(organisation_id__in=houses).only("application_id", "agreement_id", "state")
    }
    here = {one.id for one in people.persons(person.organisation_id) if one.left_on is None}
    written: dict[int, set[str]] = {}
    for draft, author in DraftAuthor.objects.filter(draft__in=rows).values_list("draft_id", "person"):
        written.setdefault(draft, set()).add(author)
    # What nobody here is an author of waits for everybody: else its clock would run out unseen.
    mine = {draft for draft, authors in written.items() if person.id in authors or not authors & here}
    open_comments: dict[int, int] = {}
    for draft in (
        DraftComment.objects.filter(draft__in=rows, is_shared=True, resolved_at=None)
        .exclude(role="researcher")
        .values_list("draft_id", flat=True)
    ):
        open_comments[draft] = open_comments.get(draft, 0) + 1
    found = []
    for row in rows:
        request = requests.get(row.application_id or "")
        state = request.state if request else "drafted"
        found.append(
            Line(
                id=row.draft_id,
                application_id=row.application_id or "",
                agreement_id=(request.agreement_id or "") if request else "",
                title=str(row.spec.get("title") or ""),
                state=state,
                changed_at=row.changed_at,
                open_comments=open_comments.get(row.pk, 0),
                waits_for_me=_WAITS.get(state, "") if row.pk in mine else "",
            )
        )
    return tuple(found)
