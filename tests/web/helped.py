"""Parts of the furnished house: who has no computer, a fact that is held back, what is to be destroyed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.db import transaction

from schoolgate import people, register
from schoolgate.clock import Clock
from tests.world import CHILDREN

Done = Callable[..., Any]
"""Does an act and gives what came of it."""


def of_who_has_no_computer(done: Done, custodian: str) -> dict[str, Mapping[str, Any]]:
    """Somebody whom the custodian serves, and a letter about what a colleague did for the same person."""
    colleague = people.add_person(people.person(custodian).organisation_id, "custodian").id
    claim = done("paper-open", colleague, upn=CHILDREN[5].upn, standing="carer", evidence={"passport": ""})
    link = done("paper-decide", custodian, claim=claim.id, agree=True, way="held", reason="").link_id
    known = {"link": link, "channel": "letter", "how": "signature-and-reference"}
    serving, before = done("behalf-begin", custodian, **known), done("behalf-begin", colleague, **known)
    said = {"kind": "complaint", "text": "Nobody wrote to me."}
    # A fact that a colleague proposed to hold back; the custodian's page has the buttons to decide.
    done(
        "withhold-propose", colleague, upn=CHILDREN[5].upn, rule="serious-harm", item="census_pupil.ethnicity",
        professional="Somebody (synthetic)", reason="Seeing it would be likely to cause serious harm.",
        until=date(2026, 12, 31),
    )  # fmt: skip
    letter = {"letter_id": done(
        "on-behalf", colleague, serving=before, link=link, act="case-open", given=said, reason="Asked by letter."
    )}  # fmt: skip
    # A colleague answered a case of the same person's: the letter waits to be posted.
    (child,) = done("behalf-show", custodian, serving=serving).children
    decision = {"outcome": "upheld", "text": "You were not told.", "provision": "", "value": "", "row": ""}
    answered = child.cases[0].reference
    done("recourse-decide", colleague, reference=answered, event="decide", **decision)
    of_case = {"case_ref": answered, "letter_number": 2}
    return {
        **dict.fromkeys(("custodian-case-letter", "custodian-case-letter-pdf"), of_case),
        "custodian-behalf-person": {"serving_id": serving},
        "custodian-behalf-act": {"serving_id": serving, "link_id": link, "what": "no"},
        **dict.fromkeys(("custodian-letter", "custodian-letter-copy", "custodian-letter-posted"), letter),
    }


def of_what_is_destroyed(done: Done, custodian: str, clock: Clock) -> dict[str, Mapping[str, Any]]:
    """A destruction that a colleague proposed, and returns of 2016, which are past their last day."""
    colleague = people.add_person(people.person(custodian).organisation_id, "custodian").id
    given = {"items": ("return.nationality",), "years": (), "ground": "no-longer-asked", "because": "No longer asked."}
    number = done("destroy-items", colleague, **given).number
    with transaction.atomic():
        told = {"year": 2016, "term": "SPR", "schools": 1, "snapshot": 1}
        register.append_event("term.loaded", "2016 SPR", told, clock.now())
    of_it = ("custodian-destruction", "custodian-destruction-decide", "custodian-destruction-withdraw")
    one = {name: {"number": number} for name in of_it}
    return {**one, "custodian-destroy-rule": {"rule_id": "paper", "year": 2016}}
