"""An application with every field filled in, for tests whose subject is something else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from schoolgate import requests
from schoolgate.requests.drafting.reach import all_questions

KIND_OF = {
    "crime-investigation": "law-enforcement",
    "immigration-enforcement": "law-enforcement",
    "school-funding": "operational",
    "safeguarding": "operational",
    "commercial-product": "media",
    "subject-access": "other",
    "own-pupils": "other",
}
"""The kind of request that goes with a purpose; research with the others."""

_TEXTS: dict[str, Any] = {
    "commercial_interest": "none",
    "funders": ("none",),
    "public_benefit": "Schools learn where help is missing.",
    "harm": "A child in a small school could be recognised.",
    "harm_prevention": "Only numbers about ten and more pupils leave the safe setting.",
    "retention_why": "So that what was found can be checked.",
    "destruction": "Erased, backups too.",
    "publication_plan": "An open article within a year.",
    "ethics_body": "Committee of Example (synthetic)",
    "ethics_reference": "EX-1",
    "ethics_date": date(2026, 3, 2),
    "dpia_date": date(2026, 4, 1),
    "dpia_summary": "The risk is low.",
    "dpia_reference": "Kept by the data protection officer",
    "conflicts": "none",
}


def filled(spec: requests.ApplicationSpec) -> requests.ApplicationSpec:
    """The same application, with what nobody filled in; what was said stays."""
    given: dict[str, Any] = {name: value for name, value in _TEXTS.items() if not getattr(spec, name)}
    if spec.retention_until is None or (spec.valid_until and spec.retention_until < spec.valid_until):
        given["retention_until"] = spec.valid_until
    if not spec.kind_of_request:
        given["kind_of_request"] = KIND_OF.get(spec.purpose, "research")
    said = {one.item for one in spec.item_reasons}
    reasons = tuple(
        requests.ItemReason(item, "It is what we study.", "Less would not show it.")
        for item in dict.fromkeys(spec.items)
        if item not in said
    )
    answered = {one.question for one in spec.answers}
    answers = tuple(
        requests.Answer(question.id, "We thought of it.") for question in all_questions() if question.id not in answered
    )
    return replace(spec, **given, item_reasons=spec.item_reasons + reasons, answers=spec.answers + answers)
