"""Rules for the parts of an application beyond who, what and when: interest, harm, each item, keeping, ethics."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING

from schoolgate.errors import Refusal
from schoolgate.people import COMMERCIAL as COMMERCIAL_KINDS
from schoolgate.requests.drafting.reach import all_questions, kinds, questions
from schoolgate.requests.drafting.sections import COMMERCIAL
from schoolgate.requests.terms import ApplicationSpec, Processor

if TYPE_CHECKING:
    from schoolgate.requests.drafting.check import Known

FORM = "application form"

MOST: Mapping[str, int] = {
    "people": 200, "funders": 20, "linkage": 20, "processors": 20, "cohort": 20, "years": 60, "terms": 3,
    "item_reasons": 200, "answers": 100, "items": 200, "authorities": 200, "regions": 10, "schools": 2_000,
}  # fmt: skip
"""How many of a thing a form takes: whoever reads it must come to its end."""


FEWEST_WORDS = 3
"""Of a reason: “needed” or “n/a” is none."""

MOST_PUBLIC_BYTES = 45_000
"""Of what the register tells of an application or of its agreement. One entry has room for 65,535 (C2SP tlog-tiles);
the rest is for the panel's reasons and conditions and for the frame."""

_PUBLIC = (
    "purpose_plain", "public_benefit", "commercial_detail", "funders", "lawful_basis", "special_category_basis",
    "gateway", "processed_at", "country", "transfer_safeguard", "items", "authorities", "regions", "schools",
)  # fmt: skip


def _room(spec: ApplicationSpec, known: Known) -> Iterator[Refusal]:
    """Whether it fits into the register: an application that does not could be handed in by nobody, or never signed."""
    sizes = {name: _bytes(getattr(spec, name)) for name in _PUBLIC}
    if sum(sizes.values()) > MOST_PUBLIC_BYTES:
        yield Refusal(
            "too-long-in-public",
            f"What the public register tells of this form has more than {MOST_PUBLIC_BYTES:,} bytes.",
            provision="the register's entries",
            remedy="Say it in fewer words, or put the details into a file.",
            where=max(sizes, key=lambda name: sizes[name]),
        )


def _bytes(value: str | tuple[str, ...]) -> int:
    # A place is written with its kind before it, as in "school 123456".
    more = 12 * len(value) if isinstance(value, tuple) else 0
    return more + len(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))


def _missing(what: str, where: str, provision: str = FORM) -> Refusal:
    return Refusal("field-missing", f"This is missing: {what}.", provision=provision, where=where)


def _many(spec: ApplicationSpec, known: Known) -> Iterator[Refusal]:
    for field, most in MOST.items():
        if len(getattr(spec, field)) > most:
            yield Refusal("too-many", f"A form takes at most {most:,} of these.", provision=FORM, where=field)


def _kind(spec: ApplicationSpec, known: Known) -> Iterator[Refusal]:
    if not spec.kind_of_request:
        return
    kind = kinds().get(spec.kind_of_request)
    if kind is None:
        yield Refusal(
            "kind-unknown",
            "This is not a kind of request.",
            remedy="There are: " + ", ".join(kinds()) + ".",
            where="kind_of_request",
        )
    elif kind.purposes and spec.purpose in known.purposes and spec.purpose not in kind.purposes:
        yield Refusal(
            "kind-purpose",
            f"A request of the kind “{kind.name}” cannot have this purpose.",
            provision="UK GDPR Article 5(1)(b)",
            remedy="Choose the kind that fits the purpose; each has questions of its own.",
            where="kind_of_request",
        )


def _interest(spec: ApplicationSpec, known: Known) -> Iterator[Refusal]:
    if spec.commercial_interest and spec.commercial_interest not in COMMERCIAL:
        yield Refusal(
            "commercial-unknown", "Say none, indirect or direct.", provision=FORM, where="commercial_interest"
        )
    if spec.commercial_interest in ("indirect", "direct") and not spec.commercial_detail:
        yield _missing("who earns money by it, and how", "commercial_detail")
    home = known.organisation
    earns = home is not None and home.commercial in ("indirect", "direct")
    # How many must decide depends on this answer, so it is not the applicant's alone.
    if home and earns and spec.commercial_interest == "none" and not spec.commercial_detail:
        yield Refusal(
            "commercial-otherwise",
            f"The directory says of your organisation that it {COMMERCIAL_KINDS[home.commercial]}.",
            provision=FORM,
            remedy="Say who earns by this use, or in a few words why nobody does. It is public.",
            where="commercial_detail",
        )


def _reasons(spec: ApplicationSpec, known: Known) -> Iterator[Refusal]:
    given = {one.item: one for one in spec.item_reasons}
    for item in dict.fromkeys(spec.items):
        if known.kinds.get(item) != "item":
            continue  # year, term and the reference come with every agreement; the unknown is named elsewhere
        reason = given.get(item)
        if reason is None or not reason.why:
            yield _missing(f"what {item} is needed for", f"item_reasons, {item}", "UK GDPR Article 5(1)(c)")
        if reason is None or not reason.why_not_less:
            yield _missing(
                f"why something less identifying than {item} will not do",
                f"item_reasons, {item}",
                "UK GDPR Articles 5(1)(c) and 25",
            )
        short = [text for text in (reason.why, reason.why_not_less) if text] if reason else []
        if any(len(text.split()) < FEWEST_WORDS for text in short):
            yield Refusal(
                "reason-too-short",
                f"A reason for {item} is no sentence. The panel decides on each item by what is said of it.",
                provision="UK GDPR Article 5(1)(c)",
                remedy="Say it in a few words of your own.",
                where=f"item_reasons, {item}",
            )


def _rows(spec: ApplicationSpec, known: Known) -> Iterator[Refusal]:
    for number, link in enumerate(spec.linkage, start=1):
        if not (link.with_what and link.how and link.by_whom):
            yield _missing("with what, how and by whom it is joined", f"linkage, number {number}")
    for number, one in enumerate(spec.processors, start=1):
        if not (one.name and one.role and one.place and one.country):
            yield _missing(
                "name, role, place and country of the processor", f"processors, number {number}", "UK GDPR Article 28"
            )
        yield from _which_processor(one, known, f"processors, number {number}")


def _which_processor(one: Processor, known: Known, where: str) -> Iterator[Refusal]:
    """A processor that the directory has is named by its number, so that a family's “no” to it is heard here, too."""
    law = "UK GDPR Articles 21 and 28"
    if one.organisation:
        found = known.processors.get(one.organisation)
        if found is None:
            yield Refusal("processor-unknown", "There is no organisation of this number.", law, where=where)
        elif one.name not in (found.name, *found.former_names):
            yield Refusal(
                "processor-name",
                f"{found.id} is {found.name}, and not what is named here.",
                law,
                remedy="Give the name that stands in the list of organisations, or another number.",
                where=where,
            )
    elif alike := known.alike.get(one.name, ()):
        yield Refusal(
            "processor-registered",
            f"This is, or looks like, {' or '.join(f'{org.name} ({org.id})' for org in alike)}.",
            law,
            remedy="Give its number, so that families who said no to it are left out here, too.",
            where=where,
        )


def _keeping(spec: ApplicationSpec, known: Known) -> Iterator[Refusal]:
    if spec.retention_until and spec.valid_until and spec.retention_until < spec.valid_until:
        yield Refusal(
            "retention-order",
            "Everything would be destroyed before the last day of use.",
            provision="UK GDPR Article 5(1)(e)",
            where="retention_until",
        )


def _ethics(spec: ApplicationSpec, known: Known) -> Iterator[Refusal]:
    if not spec.ethics_why_none:
        for field, what in (
            ("ethics_body", "who gave ethics approval, or why there is none"),
            ("ethics_reference", "the reference of the ethics approval"),
            ("ethics_date", "the date of the ethics approval"),
        ):
            if not getattr(spec, field) and field not in {one.where for one in spec.unread}:
                yield _missing(what, field, "UK Statistics Authority: ethics self-assessment; Article 84C")
                if field == "ethics_body":
                    break
    dated: tuple[tuple[str, date | None], ...] = (("ethics_date", spec.ethics_date), ("dpia_date", spec.dpia_date))
    for field, day in dated:
        if day and day > known.today:
            yield Refusal("not-yet", "This day has not come yet.", provision=FORM, where=field)


def _answers(spec: ApplicationSpec, known: Known) -> Iterator[Refusal]:
    given = {one.question: one.text for one in spec.answers}
    there_are = {question.id for question in all_questions()}
    for strange in sorted(set(given) - there_are):
        yield Refusal(
            "question-unknown", "There is no such question.", provision=FORM, where=f"answers, {strange[:60]}"
        )
    for question in questions(spec):
        if not given.get(question.id):
            yield Refusal(
                "question-open",
                f"This question is open: {question.words}",
                provision=question.provision,
                where=f"answers, {question.id}",
            )


RULES: tuple[Callable[[ApplicationSpec, Known], Iterator[Refusal]], ...] = (
    _many,
    _room,
    _kind,
    _interest,
    _reasons,
    _rows,
    _keeping,
    _ethics,
    _answers,
)
"""In the form's order."""

REQUIRED: Mapping[str, str] = {
    "kind_of_request": "what kind of request it is",
    "commercial_interest": "whether anybody earns money by it",
    "funders": "who pays for it; “none” when nobody does",
    "public_benefit": "what the public gains",
    "harm": "who could be harmed, and how",
    "harm_prevention": "how harm is prevented",
    "retention_until": "the day by which everything is destroyed",
    "retention_why": "why it is kept until then",
    "destruction": "how it will be destroyed",
    "publication_plan": "what is published, where and when",
    "dpia_date": "the date of the data protection impact assessment",
    "dpia_summary": "what the data protection impact assessment finds",
    "dpia_reference": "where the data protection impact assessment is",
    "conflicts": "conflicts of interest; “none” when there are none",
}
"""Field that must be filled in -> what it says."""
