"""Changes of an agreement in force: the panel adds to it or extends it, and the custodian tells families.

Each change is a new version of the text, in effect when both sides have signed it. Only additions and a later last
day can be made: another purpose is another application, and taking away is an end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction

from schoolgate import dictionary, people
from schoolgate.clock import Clock, custodians_day, plain_day
from schoolgate.errors import Refusal
from schoolgate.requests.agreement.overdue import overdue_problems
from schoolgate.requests.agreement.parties import built_in
from schoolgate.requests.agreement.text import text_hash
from schoolgate.requests.agreement.versions import compose_text, waiting_version
from schoolgate.requests.drafting.check import LAST_YEAR, items_problems, people_problems
from schoolgate.requests.found import request_row
from schoolgate.requests.lifecycle import LIFECYCLE
from schoolgate.requests.models import Notice, Request, Version
from schoolgate.requests.panel.rules import panel_problems, reasons_problems, room_problems
from schoolgate.requests.steps import take_step
from schoolgate.requests.stored import agreement_of, from_json
from schoolgate.requests.terms import Agreement, Refused


def _person(person_id: str) -> people.PersonView | None:
    try:
        return people.person(person_id)
    except people.UnknownPerson:
        return None


def addition_problems(row: Request, items: Sequence[str], added: Sequence[str], clock: Clock) -> list[Refusal]:
    """Why items or people cannot be added to an agreement."""
    spec = from_json(row.spec)
    if not items and not added:
        return [Refusal("nothing-added", "An amendment adds an item or a person.", where="items")]
    kinds = {item: column.kind for item, column in dictionary.lake_columns().items()}
    home = people.organisation(row.organisation_id)
    named = {person_id: _person(person_id) for person_id in added}
    agreed = agreement_of(row)
    return [
        *items_problems(items, kinds, spec.special_category_basis),
        *people_problems(added, named, home, custodians_day(clock)),
        *(
            Refusal("already-agreed", "This item is in it already.", where="items")
            for one in items
            if one in agreed.items
        ),
        *(
            Refusal("already-agreed", "This person is named already.", where="people")
            for one in added
            if one in agreed.people
        ),
    ]


def _panel_change_problems(
    row: Request, event: str, panel: Sequence[str], reasons: Sequence[str], replacing: bool, clock: Clock
) -> list[Refusal]:
    """What every change by the panel needs: the state, the members, reasons, no other version that waits."""
    move = LIFECYCLE.move(row.state, event, "panel")
    found = [
        *([move] if isinstance(move, Refusal) else []),
        *panel_problems(row.organisation_id, "approve", panel),
        *reasons_problems(reasons, "reasons"),
        *room_problems(reasons),
        *built_in(row),
        *overdue_problems(row.organisation_id, custodians_day(clock)),
    ]
    if not isinstance(move, Refusal) and not replacing and waiting_version(row) is not None:
        found.append(
            Refusal(
                "version-waits",
                "Another version waits for its signatures.",
                remedy="Have it signed first, or put this one in its place.",
            )
        )
    return found


def _new_version(
    row: Request,
    event: str,
    fields: Mapping[str, Any],
    payload: Mapping[str, Any],
    panel: Sequence[str],
    why: Sequence[str],
    clock: Clock,
) -> None:
    """Write the next version of the text, and tell the register; inside the caller's transaction."""
    move = LIFECYCLE.move(row.state, event, "panel")
    if isinstance(move, Refusal):
        raise AssertionError("looked at before")
    last = row.versions.order_by("number").last()
    number = (last.number if last is not None else 1) + 1
    given = {"items": (), "people": (), "valid_until": None, "notice_days": 0, **fields}
    text = compose_text(
        row,
        number,
        items=given["items"],
        added=given["people"],
        valid_until=given["valid_until"],
        notice_days=given["notice_days"],
    )
    row.changed = True
    index = take_step(
        row,
        move,
        actors=list(dict.fromkeys(panel)),
        role="panel",
        reason="\n".join(why),
        subject=str(row.agreement_id),
        payload={**payload, "reasons": list(why), "version": number, "text_hash": text_hash(text)},
        clock=clock,
    )
    Version.objects.create(
        request=row,
        number=number,
        kind="extension" if event == "extend" else "amendment",
        text=text,
        text_hash=text_hash(text),
        made_at=clock.now(),
        log_index=index,
        **{**given, "items": list(given["items"]), "people": list(given["people"])},
    )


def amend(
    agreement_id: str,
    *,
    items: Sequence[str] = (),
    added: Sequence[str] = (),
    reasons: Sequence[str],
    panel: Sequence[str],
    clock: Clock,
    replacing: bool = False,
) -> Agreement | Refused:
    """Add items or people to an agreement in force: a new version, which waits for both signatures and a notice.

    Args:
        agreement_id: an active agreement.
        items: item ids to add.
        added: person ids to add: accredited researchers of the same organisation.
        reasons: why, in plain words; public.
        panel: at least two panel members, none of the applicant's organisation.
        clock: the time.
        replacing: put it in the place of a version that waits for signatures, which then is never in effect.
    """
    with transaction.atomic():
        row = request_row(agreement_id, locked=True)
        found = _panel_change_problems(row, "amend", panel, reasons, replacing, clock)
        found = found or addition_problems(row, items, added, clock)
        if found:
            return Refused(tuple(found))
        days = dictionary.UNTOLD_NOTICE_DAYS
        chosen, named = sorted(set(items)), sorted(set(added))
        payload = {
            "items": chosen,
            "people_count": len(set(from_json(row.spec).people) | set(added)),
            "notice_days": days,
        }
        fields = {"items": chosen, "people": named, "notice_days": days}
        _new_version(row, "amend", fields, payload, panel, [reason.strip() for reason in reasons], clock)
    return agreement_of(row)


def extend(
    agreement_id: str,
    *,
    valid_until: date,
    reasons: Sequence[str],
    panel: Sequence[str],
    clock: Clock,
    replacing: bool = False,
) -> Agreement | Refused:
    """Give an agreement a later last day: a new version, in effect when both sides have signed it.

    Args:
        agreement_id: an active agreement.
        valid_until: the new last day of use.
        reasons: why, in plain words; public.
        panel: at least two panel members, none of the applicant's organisation.
        clock: the time.
        replacing: put it in the place of a version that waits for signatures, which then is never in effect.
    """
    with transaction.atomic():
        row = request_row(agreement_id, locked=True)
        found = _panel_change_problems(row, "extend", panel, reasons, replacing, clock)
        if not found:
            found = later_day_problems(agreement_of(row), valid_until)
        if found:
            return Refused(tuple(found))
        payload = {"valid_until": valid_until.isoformat()}
        why = [reason.strip() for reason in reasons]
        _new_version(row, "extend", {"valid_until": valid_until}, payload, panel, why, clock)
    return agreement_of(row)


def later_day_problems(agreed: Agreement, valid_until: date) -> list[Refusal]:
    """Why a day cannot be the new last day of an agreement."""
    if valid_until.year >= LAST_YEAR:
        return [Refusal("end-too-late", f"A last day is before {LAST_YEAR}.", where="valid_until")]
    if valid_until <= agreed.valid_until:
        what = f"An extension has a later last day than {plain_day(agreed.valid_until)}."
        return [Refusal("not-later", what, remedy="To stop earlier, end it.", where="valid_until")]
    return []


def give_notice(agreement_id: str, title: str, actor: str, clock: Clock) -> Agreement | Refused:
    """Publish a notice to families. It tells of everything agreed before it; the days of waiting begin tomorrow.

    Args:
        agreement_id: an active agreement.
        title: what families are told, in plain words; public.
        actor: person id of the custodian's.
        clock: the time.
    """
    person = people.person(actor)
    with transaction.atomic():
        row = request_row(agreement_id, locked=True)
        move = LIFECYCLE.move(row.state, "give_notice", person.role)
        found = [
            *([move] if isinstance(move, Refusal) else []),
            *reasons_problems([title], "title"),
            *built_in(row),
        ]
        if isinstance(move, Refusal) or found:
            return Refused(tuple(found))
        agreed = agreement_of(row)
        waiting = [one for one in agreed.additions if one.notice_published is None]
        own = [agreed.notice_days] if agreed.notice_published is None else []
        row.changed = True
        index = take_step(
            row,
            move,
            actors=[actor],
            role=person.role,
            reason=title.strip(),
            subject=agreement_id,
            payload={
                "title": title.strip(),
                "agreement": agreement_id,
                "notice_days": max([*own, *(one.notice_days for one in waiting)], default=0),
                "items": sorted({item for one in waiting for item in one.items}),
            },
            clock=clock,
        )
        Notice.objects.create(request=row, title=title.strip(), published_at=clock.now(), log_index=index)
    return agreement_of(row)
