"""Whether an application is complete, and what goes back."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from django.db import transaction

from schoolgate import people
from schoolgate.clock import Clock
from schoolgate.errors import Refusal
from schoolgate.machine import Move
from schoolgate.requests.found import request_row
from schoolgate.requests.lifecycle import LIFECYCLE
from schoolgate.requests.models import Request
from schoolgate.requests.panel.cases import standing, stop_cases
from schoolgate.requests.panel.conflict import official_problems
from schoolgate.requests.panel.models import Completeness
from schoolgate.requests.panel.rules import reasons_problems, room_problems
from schoolgate.requests.steps import take_step
from schoolgate.requests.terms import Refused


@cache
def checklist() -> Mapping[str, tuple[str, str]]:
    """Line of the check-list -> (what the custodian asks, what the applicant is told when it is missing)."""
    text = (files("schoolgate.requests.panel") / "data" / "checklist.toml").read_text(encoding="utf-8")
    return MappingProxyType({one["id"]: (one["asks"], one["missing"]) for one in tomllib.loads(text)["line"]})


def only_custodian(person: people.PersonView, what: str) -> list[Refusal]:
    """The refusal for whoever is not of the custodian."""
    if person.role == "custodian":
        return []
    return [Refusal("not-your-decision", f"A {person.role} may not {what}; custodian may.", where="actor")]


def _submission(request: Request) -> int:
    """The register entry of what was last handed in."""
    step = request.steps.filter(event__in=("submit", "resubmit")).order_by("-log_index").first()
    return -1 if step is None else step.log_index


def checked(request: Request) -> Completeness | None:
    """The custodian's last look at what was last handed in; None when nobody looked."""
    return Completeness.objects.filter(request=request, log_index=_submission(request)).order_by("-pk").first()


def check_completeness(request_id: str, missing: Sequence[str], actor: str, clock: Clock) -> str | Refused:
    """Note whether an application is complete.

    Args:
        request_id: a submitted application.
        missing: lines of `checklist` that are not met; none when it is complete.
        actor: the custodian's.
        clock: the time.

    Returns:
        The application's id.
    """
    person = people.person(actor)
    with transaction.atomic():
        row = request_row(request_id, locked=True)
        found = [*only_custodian(person, "check an application"), *official_problems(person, row)]
        if row.state != "submitted":
            found.append(Refusal("not-possible-now", "Only what has just come in is checked."))
        found += [
            Refusal("line-unknown", "The check-list has no such line.", where=f"missing, number {number}")
            for number, one in enumerate(missing, start=1)
            if one not in checklist()
        ]
        if found:
            return Refused(tuple(found))
        lines = [one for one in checklist() if one in missing]
        Completeness.objects.create(
            request=row, missing=lines, person=actor, at=clock.now(), log_index=_submission(row)
        )
    return row.application_id


def return_application(request_id: str, reasons: Sequence[str], actor: str, clock: Clock) -> str | Refused:
    """Send an application back; the applicant may hand in a new version.

    Args:
        request_id: an application that is not decided.
        reasons: what is missing, in plain words; public. What the check-list found missing is added.
        actor: the custodian's. The panel's members vote to ask for changes: none of them sends it back alone.
        clock: the time.

    Returns:
        The application's id.
    """
    person = people.person(actor)
    with transaction.atomic():
        row = request_row(request_id, locked=True)
        move = LIFECYCLE.move(row.state, "return", person.role)
        look = checked(row)
        told = [checklist()[one][1] for one in (look.missing if look is not None else ()) if one in checklist()]
        why = [*told, *(reason.strip() for reason in reasons if reason.strip())]
        found = [*reasons_problems(why, "reasons"), *room_problems(why), *official_problems(person, row)]
        if isinstance(move, Refusal):
            found.append(move)
        elif person.role == "panel":
            what = "No member sends an application back alone."
            found.append(Refusal("not-your-decision", what, "nobody decides alone", "Vote for changes.", "actor"))
        elif row.panel_cases.filter(state="deciding", kind="appeal").exists():
            found.append(Refusal("appeal-changes", "An appeal is decided: it does not go back."))
        elif any(standing(case, row).result != "not-yet" for case in row.panel_cases.filter(state="deciding")):
            # Else whoever sees how it comes out could stop a decision that they do not like.
            what = "The panel’s votes are enough for a decision."
            found.append(Refusal("votes-are-there", what, "quorum rules", "Write the decision down."))
        if isinstance(move, Refusal) or found:
            return Refused(tuple(found))
        send_back(row, move, why, [actor], person.role, clock)
    return row.application_id


def send_back(row: Request, move: Move, why: Sequence[str], actors: Sequence[str], role: str, clock: Clock) -> int:
    """Take the step; what was before the panel is not any more."""
    stop_cases(row)
    return take_step(
        row,
        move,
        actors=actors,
        role=role,
        reason="\n".join(why),
        subject=row.application_id,
        payload={"reasons": list(why), "by": role},
        clock=clock,
    )
