"""What the faces read of deciding: the queue, one case as one person may see it, meetings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from schoolgate import people
from schoolgate.clock import day_of
from schoolgate.errors import SchoolgateError
from schoolgate.requests.agreement.text import text_hash
from schoolgate.requests.agreement.versions import ORGANISATION, waiting_version
from schoolgate.requests.found import request_row
from schoolgate.requests.models import Request
from schoolgate.requests.panel.cases import (
    case_row,
    items_of,
    live_problems,
    members_of,
    rule_of,
    standing,
    subject_of,
    triage_of,
    votes_of,
)
from schoolgate.requests.panel.clocks import clocks
from schoolgate.requests.panel.complete import checked
from schoolgate.requests.panel.conflict import CONFLICT_KINDS, conflicts_of
from schoolgate.requests.panel.meeting import APPROVALS, meeting_row
from schoolgate.requests.panel.minutes import full_text
from schoolgate.requests.panel.models import Case, CaseMember, Meeting
from schoolgate.requests.panel.quorum import KINDS, Outcome, Vote, rules
from schoolgate.requests.panel.voting import OF_APPLICATIONS
from schoolgate.requests.stored import from_json


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request that waits for somebody.

    Attributes:
        id: the application's or agreement's.
        who: a role.
        since: when it came into this state.
        days: how long ago that is, in the custodian's days.
        late: whether that is longer than the service standard allows.
        cases: ids of what is before the panel about it.
    """

    id: str
    application_id: str
    title: str
    organisation: str
    state: str
    who: str
    since: datetime
    days: int
    late: bool
    cases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MemberView:
    """A member of a case. Who voted what is not said here."""

    person: str
    seat: str
    chair: bool
    out: str
    voted: bool


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case as one person may see it.

    Attributes:
        about: the application's or agreement's id.
        content: of a proposal, in (what, text) pairs.
        reasons: of who proposes it, or why it cannot wait.
        rule: who is needed, as a sentence.
        blind: whether votes are still each member's own.
        votes: those that may be seen: one's own, or all of them.
        own: one's own vote as it stands.
        standing: what the votes come to; None while they are blind.
        items: what a yes would give.
        conflicts: (seat, kind in words) of what was declared.
    """

    id: str
    about: str
    application_id: str
    kind: str
    kind_plain: str
    state: str
    risk: str
    risk_why: tuple[str, ...]
    content: tuple[tuple[str, str], ...]
    reasons: tuple[str, ...]
    opened_at: datetime
    closed_at: datetime | None
    outcome: str
    rule: str
    members: tuple[MemberView, ...]
    blind: bool
    votes: tuple[Vote, ...]
    own: Vote | None
    standing: Outcome | None
    items: tuple[str, ...]
    conflicts: tuple[tuple[str, str], ...]
    seats: dict[str, str]


@dataclass(frozen=True, slots=True)
class MeetingView:
    """A meeting.

    Attributes:
        text: its minutes with their notes; empty until it is closed.
        text_hash: what a member approves.
        approvals: how many who were there have approved this text; `needed` are.
    """

    id: str
    day: date
    state: str
    cases: tuple[str, ...]
    present: tuple[tuple[str, str], ...]
    text: str
    text_hash: str
    approvals: int
    needed: int
    log_index: int | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A panel member, and why they could not be named for a request; empty when they could."""

    person: str
    seat: str
    organisation: str
    conflicts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Risk:
    """How much is at risk in a request, why, and who is needed to decide it."""

    risk: str
    why: tuple[str, ...]
    quorum: str


class NotYours(SchoolgateError):
    """A case that this person may not see; the answer is that of one that does not exist."""


def queue(today: date) -> tuple[Waiting, ...]:
    """Everything that waits for somebody, the longest waiting first."""
    waits = {one.state: one for one in clocks().waits}
    found = []
    for row in Request.objects.filter(state__in=waits, built_in=False).prefetch_related("steps", "panel_cases"):
        last = max(row.steps.all(), key=lambda step: step.log_index)
        days = (today - day_of(last.at)).days
        rule = waits[row.state]
        found.append(_waiting(row, _who_signs(row) or rule.who, last.at, days, days > rule.days))
    for case in Case.objects.filter(request__state="active", state__in=("proposed", "deciding")):
        days = (today - day_of(case.opened_at)).days
        standard = waits["in_review"].days
        who = "custodian" if case.state == "proposed" else "panel"
        found.append(_waiting(case.request, who, case.opened_at, days, days > standard))
    proposed = Case.objects.filter(kind="review-emergency", state__in=("proposed", "deciding")).values("request")
    for row in Request.objects.filter(state="active", review_due__isnull=False).exclude(pk__in=proposed):
        decided = row.steps.filter(event="approve_in_emergency").latest("log_index")
        due = row.review_due
        days = (today - day_of(decided.at)).days
        found.append(_waiting(row, "custodian", decided.at, days, due is not None and today > due))
    return tuple(sorted(found, key=lambda one: (one.since, one.id)))


def _who_signs(row: Request) -> str:
    """Who signs next what the panel decided anew about a re-opened agreement; empty when nothing waits for that."""
    waits = waiting_version(row) if row.state == "reopened" else None
    if waits is None:
        return ""
    return "custodian" if waits.signatures.filter(side=ORGANISATION).exists() else "researcher"


def _waiting(row: Request, who: str, since: datetime, days: int, late: bool) -> Waiting:
    cases: Iterable[Case] = row.panel_cases.all()
    return Waiting(
        id=subject_of(row),
        application_id=row.application_id,
        title=from_json(row.spec).title,
        organisation=people.organisation(row.organisation_id).name,
        state=row.state,
        who=who,
        since=since,
        days=days,
        late=late,
        cases=tuple(case.public_id for case in cases if case.state in ("proposed", "deciding")),
    )


def named_for(person_id: str, request_id: str) -> bool:
    """Whether a panel member was named for a request and is not out: they see it whole, others do not."""
    rows = CaseMember.objects.filter(person=person_id, out="")
    return (
        rows.filter(case__request__application_id=request_id).exists()
        or rows.filter(case__request__agreement_id=request_id).exists()
    )


def cases_for(person: people.PersonView, *, live: bool | None = None, most: int = 1_000) -> tuple[CaseView, ...]:
    """The cases that a person may see, the newest first.

    Args:
        person: who looks.
        live: only those that are still to be decided, or only those that are not; None: all.
        most: at most so many.
    """
    rows = Case.objects.select_related("request").order_by("-pk")
    if person.role not in ("custodian", "overseer"):
        rows = rows.filter(members__person=person.id, members__out="")
    if live is not None:
        waiting = Q(state="proposed") | Q(state="deciding") & ~Q(
            kind__in=OF_APPLICATIONS, request__state__in=("withdrawn", "returned", "approved", "refused")
        )
        rows = rows.filter(waiting) if live else rows.exclude(waiting)
    return tuple(_case_view(row, person) for row in rows[:most])


def cases_of(request_id: str, person: people.PersonView) -> tuple[CaseView, ...]:
    """The cases about one request that a person may see, the oldest first."""
    rows = Case.objects.filter(request__application_id=request_id) | Case.objects.filter(
        request__agreement_id=request_id
    )
    if person.role not in ("custodian", "overseer"):
        rows = rows.filter(members__person=person.id, members__out="")
    return tuple(_case_view(row, person) for row in rows.order_by("pk"))


def case(case_id: str, person: people.PersonView) -> CaseView:
    """One case, as a person may see it.

    Raises:
        NotYours: the person was not named for it, is out, or there is none.
    """
    try:
        row = case_row(case_id)
    except SchoolgateError as unknown:
        raise NotYours("The panel has no such case.", code="case-unknown") from unknown
    seen = person.role in ("custodian", "overseer") or row.members.filter(person=person.id, out="").exists()
    if not seen:
        raise NotYours("The panel has no such case.", code="case-unknown")
    return _case_view(row, person)


def _case_view(row: Case, person: people.PersonView) -> CaseView:
    members = members_of(row)
    votes = votes_of(row)
    voted = {one.person for one in votes}
    counting = {one.person for one in members if not one.out}
    # Each member votes without knowing how the others did, until all have voted or the meeting is open.
    blind = row.state == "deciding" and row.shown_at is None and not counting <= voted
    return CaseView(
        id=row.public_id,
        about=subject_of(row.request),
        application_id=row.request.application_id,
        kind=row.kind,
        kind_plain=KINDS[row.kind],
        # Withdrawn or decided in another way: nothing is left to decide, whoever did it.
        state="stopped" if row.state == "deciding" and _is_over(row) else row.state,
        risk=row.risk,
        risk_why=tuple(row.risk_why),
        content=tuple(
            (key, ", ".join(value) if isinstance(value, list) else str(value)) for key, value in row.content.items()
        ),
        reasons=tuple(row.reasons),
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        outcome=row.outcome,
        rule=rule_of(row).plain,
        members=tuple(MemberView(m.person, m.seat, m.chair, m.out, m.person in voted) for m in members),
        blind=blind,
        votes=tuple(one for one in votes if not blind or one.person == person.id),
        own=next((one for one in votes if one.person == person.id), None),
        standing=None if blind or row.state == "proposed" else standing(row, row.request),
        items=items_of(row.request, row),
        conflicts=tuple((one.seat, CONFLICT_KINDS[one.kind]) for one in row.conflicts.order_by("pk")),
        seats={one.person: one.seat for one in members},
    )


def _is_over(row: Case) -> bool:
    """Whether an application can no longer be decided; an agreement that is stopped for now may come back."""
    return row.kind in OF_APPLICATIONS and bool(live_problems(row.request, row))


def candidates(request_id: str) -> tuple[Candidate, ...]:
    """Every panel member, and why they could not be named for a request."""
    row = request_row(request_id)
    return tuple(
        Candidate(one.id, one.seat, one.organisation_name, conflicts_of(one, row))
        for one in people.persons()
        if one.role == "panel"
    )


def risk(request_id: str) -> Risk:
    """How much is at risk in a request as it stands.

    Raises:
        UnknownRequest: none has this id.
    """
    row = request_row(request_id)
    found = triage_of(row)
    kind = "appeal" if row.state == "appealed" else "application"
    return Risk(found.risk, found.why, rules()[kind, found.risk].plain)


def completeness(request_id: str) -> tuple[str, ...] | None:
    """What the check-list found missing in what was last handed in; None when nobody has looked."""
    row = Request.objects.filter(application_id=request_id).first()
    look = checked(row) if row is not None else None
    return None if look is None else tuple(look.missing)


def meetings(person: people.PersonView) -> tuple[MeetingView, ...]:
    """The meetings that a person may see, the newest first."""
    rows = Meeting.objects.order_by("-day", "-pk")
    if person.role not in ("custodian", "overseer"):
        rows = rows.filter(cases__members__person=person.id).distinct()
    return tuple(_meeting_view(row) for row in rows)


def meeting(meeting_id: str, person: people.PersonView) -> MeetingView:
    """One meeting, as a person may see it.

    Raises:
        NotYours: the person takes no part in it.
        UnknownMeeting: there is none.
    """
    row = meeting_row(meeting_id)
    part = row.cases.filter(members__person=person.id).exists()
    if person.role not in ("custodian", "overseer") and not part:
        raise NotYours("There is no such meeting.", code="meeting-unknown")
    return _meeting_view(row)


def meeting_members(meeting_id: str) -> dict[str, str]:
    """Whoever was named for a case of a meeting and is not out, with their seat."""
    rows = CaseMember.objects.filter(case__in=meeting_row(meeting_id).cases.all(), out="").order_by("pk")
    return {row.person: row.seat for row in rows}


def published_minutes(meeting_id: str) -> MeetingView | None:
    """Published minutes, for anybody; None while they are not."""
    row = meeting_row(meeting_id)
    return _meeting_view(row) if row.state == "published" else None


def _meeting_view(row: Meeting) -> MeetingView:
    text = full_text(row) if row.closed_at is not None else ""
    return MeetingView(
        id=row.public_id,
        day=row.day,
        state=row.state,
        cases=tuple(one.public_id for one in row.cases.order_by("pk")),
        present=tuple((one.person, one.seat) for one in row.present.order_by("pk")),
        text=text,
        text_hash=text_hash(text),
        approvals=row.approvals.filter(text_hash=text_hash(text)).count(),
        needed=APPROVALS,
        log_index=row.log_index,
    )
