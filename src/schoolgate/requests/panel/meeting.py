"""Meetings: called for some cases, opened (from then on members see each other's votes), closed with minutes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from django.db import transaction

from schoolgate import people, register
from schoolgate.clock import Clock, custodians_day, day_of
from schoolgate.errors import Refusal, SchoolgateError
from schoolgate.machine import Move, StateTable
from schoolgate.requests.agreement.text import text_hash
from schoolgate.requests.found import request_row
from schoolgate.requests.panel.cases import case_row, subject_of
from schoolgate.requests.panel.clocks import clocks
from schoolgate.requests.panel.conflict import human_of
from schoolgate.requests.panel.minutes import full_text, minutes_text, recorded
from schoolgate.requests.panel.models import CaseMember, Correction, Meeting, MinutesApproval, Present
from schoolgate.requests.panel.rules import reasons_problems
from schoolgate.requests.terms import Refused

MEETINGS = StateTable(
    name="meeting of the panel",
    start="called",
    moves=(
        Move("called", "open", "open", ("custodian", "panel"), "", "Who is present is noted; votes are shown."),
        Move("open", "close", "closed", ("custodian", "panel"), "", "The minutes are made from what was recorded."),
        Move("closed", "correct", "closed", ("custodian", "panel"), "", "A note is added; the minutes stay as made."),
        Move("closed", "publish", "published", ("panel",), "minutes.published", "Two members who were there agree."),
    ),
)
"""The states of a meeting. Only its end is told to the register: until then the minutes are not agreed."""

APPROVALS = 2
"""Members who were present and approve the minutes, before they are published."""

LONGEST_IN_ENTRY = 40_000
"""Bytes of minutes that stand in the register's entry themselves; of longer ones the hash (an entry has 65,535)."""


class UnknownMeeting(SchoolgateError):
    """No meeting has this id."""


def meeting_row(meeting_id: str, *, locked: bool = False) -> Meeting:
    """A meeting's row.

    Raises:
        UnknownMeeting: none has this id.
    """
    match = re.fullmatch(r"M-([0-9]{4,18})", meeting_id)
    rows = Meeting.objects.select_for_update() if locked else Meeting.objects.all()
    row = rows.filter(pk=int(match[1])).first() if match else None
    if row is None:
        raise UnknownMeeting("There is no such meeting.", hint="See `request meetings`.", code="meeting-unknown")
    return row


def call_meeting(day: date, case_ids: Sequence[str], actor: str, clock: Clock) -> str | Refused:
    """Call a meeting about some cases.

    Args:
        day: when.
        case_ids: cases that members were named for.
        actor: the custodian's.
        clock: the time.

    Returns:
        The meeting's id, ``M-0001``.
    """
    person = people.person(actor)
    with transaction.atomic():
        cases = [case_row(one) for one in dict.fromkeys(case_ids)]
        found = []
        if person.role != "custodian":
            found.append(Refusal("not-your-decision", f"A {person.role} may not call a meeting; custodian may."))
        if not cases:
            found.append(Refusal("nothing-to-decide", "A meeting is about at least one case.", where="cases"))
        found += [
            Refusal("not-possible-now", f"{case.public_id} is not before the panel.", where="cases")
            for case in cases
            if case.state != "deciding"
        ]
        if found:
            return Refused(tuple(found))
        row = Meeting.objects.create(day=day, state=MEETINGS.start, called_by=actor, called_at=clock.now())
        row.cases.set(cases)
    return row.public_id


def _moved(row: Meeting, event: str, person: people.PersonView) -> list[Refusal]:
    move = MEETINGS.move(row.state, event, person.role)
    found = [move] if isinstance(move, Refusal) else []
    if person.role == "panel" and not _takes_part(row, person.id):
        found.append(Refusal("not-named", "You take no part in this meeting.", where="actor"))
    return found


def _takes_part(row: Meeting, person_id: str) -> bool:
    return any(case.members.filter(person=person_id).exists() for case in row.cases.all())


def open_meeting(meeting_id: str, present: Sequence[str], actor: str, clock: Clock) -> str | Refused:
    """Open a meeting: note who is there, and show the members each other's votes.

    Members who are not there are no longer waited for; whether the votes are enough is the quorum rules' to say. A
    meeting that was called a few days before only (`clocks.meeting_days`) opens when nobody is missing who has not
    voted.

    Args:
        meeting_id: a meeting that was called.
        present: panel members who are there: at least two.
        actor: the custodian's, or a member who takes part.
        clock: the time.

    Returns:
        The meeting's id.
    """
    person = people.person(actor)
    with transaction.atomic():
        row = meeting_row(meeting_id, locked=True)
        found = _moved(row, "open", person)
        there = [people.person(one) for one in dict.fromkeys(present)]
        if custodians_day(clock) < row.day:
            # Opening shows every vote, so nobody opens early to look.
            found.append(Refusal("too-early", f"The meeting is on {row.day:%-d %B %Y}.", where="day"))
        if len({human_of(one) for one in there}) < APPROVALS:
            found.append(Refusal("panel-too-small", "At least two members are present.", where="present"))
        found += [
            Refusal("not-named", f"{one.id} was named for nothing that is on the agenda.", where="present")
            for one in there
            if not _takes_part(row, one.id)
        ]
        found += _short_notice(row, {one.id for one in there})
        if found:
            return Refused(tuple(found))
        for case in row.cases.all():
            request_row(case.request.application_id, locked=True)  # nobody votes while the votes are shown
        row.cases.filter(state="deciding", shown_at=None).update(shown_at=clock.now())
        row.state, row.opened_at = "open", clock.now()
        row.save()
        Present.objects.bulk_create(Present(meeting=row, person=one.id, seat=one.seat) for one in there)
    return meeting_id


def _short_notice(row: Meeting, there: set[str]) -> list[Refusal]:
    """Who is away from a meeting that was called too late for them to come, and has not voted."""
    if (row.day - day_of(row.called_at)).days >= clocks().meeting_days:
        return []
    cases = row.cases.filter(state="deciding")
    silent = CaseMember.objects.filter(case__in=cases, out="", votes=None).exclude(person__in=there)
    away = sorted(set(silent.values_list("person", flat=True)))
    if not away:
        return []
    what = (
        f"The meeting was called less than {clocks().meeting_days} days before, and these are away: {', '.join(away)}."
    )
    remedy = "Wait until they have voted or come, or call a meeting for a later day."
    return [Refusal("short-notice", what, "clocks of the panel", remedy, "present")]


def close_meeting(meeting_id: str, actor: str, clock: Clock) -> str | Refused:
    """Close a meeting; its minutes are made from what was recorded.

    Returns:
        The meeting's id.
    """
    person = people.person(actor)
    with transaction.atomic():
        row = meeting_row(meeting_id, locked=True)
        found = _moved(row, "close", person)
        if found:
            return Refused(tuple(found))
        row.state, row.closed_at = "closed", clock.now()
        row.minutes = minutes_text(recorded(row))
        row.save()
    return meeting_id


def correct_minutes(meeting_id: str, note: str, actor: str, clock: Clock) -> str | Refused:
    """Add a note under the minutes; who approved them before is asked anew.

    Returns:
        The meeting's id.
    """
    person = people.person(actor)
    with transaction.atomic():
        row = meeting_row(meeting_id, locked=True)
        found = [*_moved(row, "correct", person), *reasons_problems([note], "note")]
        if found:
            return Refused(tuple(found))
        Correction.objects.create(meeting=row, person=actor, note=note.strip(), at=clock.now())
    return meeting_id


def approve_minutes(meeting_id: str, shown_hash: str, actor: str, clock: Clock) -> str | Refused:
    """A member who was there agrees to the minutes and their notes; the second such yes publishes them.

    Args:
        meeting_id: a closed meeting.
        shown_hash: of the text that the member was shown: a note added meanwhile is seen before it is agreed to.
        actor: the member.
        clock: the time.

    Returns:
        ``approved`` or ``published``.
    """
    person = people.person(actor)
    with transaction.atomic():
        row = meeting_row(meeting_id, locked=True)
        move = MEETINGS.move(row.state, "publish", person.role)
        text = full_text(row)
        found = [move] if isinstance(move, Refusal) else []
        if not row.present.filter(person=actor).exists():
            found.append(Refusal("not-present", "Only a member who was at the meeting approves its minutes."))
        if shown_hash != text_hash(text):
            what = "The minutes have changed since they were shown to you. Read them again."
            found.append(Refusal("changed-meanwhile", what, where="shown_hash"))
        if row.approvals.filter(person=actor, text_hash=text_hash(text)).exists():
            found.append(Refusal("approved-already", "You have approved these minutes.", where="actor"))
        if isinstance(move, Refusal) or found:
            return Refused(tuple(found))
        MinutesApproval.objects.create(meeting=row, person=actor, text_hash=text_hash(text), at=clock.now())
        yes = {one.person for one in row.approvals.filter(text_hash=text_hash(text))}
        if len({human_of(people.person(one)) for one in yes}) < APPROVALS:
            return "approved"
        payload: dict[str, object] = {
            "day": row.day.isoformat(),
            "text_hash": text_hash(text),
            "requests": [subject_of(case.request) for case in row.cases.select_related("request").order_by("pk")],
        }
        if len(text.encode("utf-8")) <= LONGEST_IN_ENTRY:
            payload["text"] = text
        row.log_index = register.append_event("minutes.published", row.public_id, payload, clock.now())
        row.state = move.target
        row.save()
    return "published"
