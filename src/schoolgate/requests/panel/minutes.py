"""Minutes: made from what was recorded, with seats and roles and no person; the same record gives the same text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from schoolgate import people
from schoolgate.requests.panel.cases import members_of, subject_of, vote_of, votes_of
from schoolgate.requests.panel.models import Case, CaseVote, Meeting
from schoolgate.requests.panel.quorum import KINDS, by_seat
from schoolgate.requests.stored import from_json

_ITEM = {"refuse": "not given", "coarser": "only {} is given"}
_OUTCOMES = {
    "approved": "Approved.",
    "refused": "Refused.",
    "returned": "Sent back for changes.",
    "not approved": "Not approved in a hurry; it takes the ordinary road.",
}


@dataclass(frozen=True, slots=True)
class Point:
    """One case of the agenda, as it was recorded.

    Attributes:
        about: the application's or agreement's id.
        conflicts: the seats of who declared a conflict.
        first: votes as each member first gave them, counted by seat.
        last: votes as they stood in the end.
        outcome: of the case; empty while it is not decided.
        removed: the seats of whom the custodian took out.
        joined: the seats of who was named after the first members were.
    """

    about: str
    title: str
    organisation: str
    kind: str
    risk: str
    risk_why: tuple[str, ...]
    conflicts: tuple[str, ...]
    first: tuple[str, ...]
    last: tuple[str, ...]
    outcome: str
    reasons: tuple[str, ...]
    conditions: tuple[str, ...]
    items: tuple[str, ...]
    removed: tuple[str, ...] = ()
    joined: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """What was recorded of a meeting; `present` are seats."""

    day: date
    present: tuple[str, ...]
    points: tuple[Point, ...]


def recorded(meeting: Meeting) -> Record:
    """What is recorded of a meeting now."""
    cases = meeting.cases.select_related("request").order_by("pk")
    return Record(
        meeting.day,
        tuple(one.seat for one in meeting.present.order_by("pk")),
        tuple(_point(case) for case in cases),
    )


def _point(case: Case) -> Point:
    members = members_of(case)
    rows = list(case.members.order_by("pk"))
    counting = {one.person for one in members if not one.out}
    first: dict[int, CaseVote] = {}
    for row in CaseVote.objects.filter(member__case=case).select_related("member").order_by("pk"):
        first.setdefault(row.member_id, row)
    spec = from_json(case.request.spec)
    return Point(
        about=subject_of(case.request),
        title=spec.title,
        organisation=people.organisation(case.request.organisation_id).name,
        kind=case.kind,
        risk=case.risk,
        risk_why=tuple(case.risk_why),
        conflicts=tuple(one.seat for one in case.conflicts.order_by("pk")),
        first=by_seat([vote_of(row) for row in first.values() if row.member.person in counting], members),
        last=by_seat([one for one in votes_of(case) if one.person in counting], members),
        outcome=case.outcome,
        reasons=tuple(case.result.get("reasons", ())),
        conditions=tuple(case.result.get("conditions", ())),
        items=tuple(
            f"{item}: {_ITEM[decision].format(instead)}"
            for item, decision, instead in case.result.get("items", ())
            if decision in _ITEM
        ),
        removed=tuple(row.seat for row in rows if row.out == "removed"),
        joined=tuple(row.seat for row in rows if row.named_at != rows[0].named_at),
    )


def _seats(seats: Sequence[str]) -> str:
    counts = Counter(seats)
    return ", ".join(f"{counts[seat]} {seat}" for seat in people.SEATS if counts[seat]) or "nobody"


def minutes_text(record: Record) -> str:
    """The minutes of a record. Pure."""
    lines = [
        f"Minutes of the data-sharing panel’s meeting of {record.day:%-d %B %Y}",
        "",
        f"Present: {_seats(record.present)}.",
    ]
    for point in record.points:
        lines += ["", f"{point.about}: {point.title}", f"Who asks: {point.organisation}."]
        lines.append(f"What was before the panel: {KINDS[point.kind]}.")
        lines.append(f"Risk: {point.risk}." + "".join(f" {why}" for why in point.risk_why))
        if point.conflicts:
            lines.append(f"A conflict was declared by: {_seats(point.conflicts)}. They took no part.")
        else:
            lines.append("No conflict was declared.")
        if point.removed:
            lines.append(f"Taken out by the custodian: {_seats(point.removed)}.")
        if point.joined:
            lines.append(f"Named later: {_seats(point.joined)}.")
        if point.first != point.last:
            lines.append(f"Votes at first, each member alone: {'; '.join(point.first) or 'none'}.")
        lines.append(f"Votes: {'; '.join(point.last) or 'none'}.")
        lines.append(f"Decision: {_OUTCOMES.get(point.outcome, 'None yet.')}")
        lines += [f"Reason: {reason}" for reason in point.reasons]
        lines += [f"Condition: {condition}" for condition in point.conditions]
        lines += [f"Item {item}." for item in point.items]
    return "\n".join(lines) + "\n"


def full_text(meeting: Meeting) -> str:
    """The minutes with the notes under them: what is approved and published."""
    notes = [f"Note of {one.at:%-d %B %Y}: {one.note}" for one in meeting.corrections.order_by("pk")]
    return meeting.minutes + ("\n" + "\n".join(notes) + "\n" if notes else "")
