"""The form as data: its sections in order, the fields of each, what each field is called and how it is filled in.

The order is that of the questions that should be settled first: the law comes before the items, so that no power to
share is chosen to fit what was picked already (the regulator's audit of 2020 found that it was).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from django.utils.translation import gettext_noop as _


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the form.

    Attributes:
        name: of `ApplicationSpec`.
        label: what it asks, as the label of its control.
        hint: how to answer it.
        shape: how it is filled in: ``line``, ``long`` (several lines), ``lines`` (one thing a line), ``choice``,
            ``date``, ``yes``, or the name of a shape of its own.
        choices: value -> words, of a choice.
    """

    name: str
    label: str
    hint: str = ""
    shape: str = "long"
    choices: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Section:
    """One page of the form.

    Attributes:
        id: in addresses.
        after: fields that have to be filled in before this section can be saved.
    """

    id: str
    title: str
    fields: tuple[Field, ...]
    after: tuple[str, ...] = ()


COMMERCIAL: Mapping[str, str] = MappingProxyType(
    {
        "none": _("No. Nobody earns money by it"),
        "indirect": _("In part: a firm takes part, pays, or may use what comes out"),
        "direct": _("Yes: it is for something that is sold"),
    }
)

ARTICLE_6: Mapping[str, str] = MappingProxyType(
    {
        f"UK GDPR Article 6(1)({letter}): {words}": f"({letter}) {words}"
        for letter, words in (
            ("a", "consent"),
            ("b", "a contract with the person"),
            ("c", "a legal duty"),
            ("d", "to protect somebody’s life"),
            ("e", "a task in the public interest"),
            ("ea", "a recognised legitimate interest"),
            ("f", "legitimate interests"),
        )
    }
)
"""What is written into the field -> how it is offered."""

ARTICLE_9: Mapping[str, str] = MappingProxyType(
    {
        "": _("No item needs one"),
        **{
            f"UK GDPR Article 9(2)({letter}): {words}": f"({letter}) {words}"
            for letter, words in (
                ("a", "explicit consent"),
                ("c", "to protect somebody’s life"),
                ("g", "substantial public interest, Data Protection Act 2018 Schedule 1"),
                ("h", "health or social care"),
                ("i", "public health"),
                ("j", "research or statistics, with the safeguards of Articles 84A to 84D"),
            )
        },
    }
)

TERMS: Mapping[str, str] = MappingProxyType({"AUT": _("Autumn"), "SPR": _("Spring"), "SUM": _("Summer")})

SECTIONS: tuple[Section, ...] = (
    Section(
        "organisation",
        _("Your organisation"),
        (
            Field("kind_of_request", _("What kind of request is this?"), shape="kind"),
            Field("commercial_interest", _("Does anybody earn money by it?"), shape="choice", choices=COMMERCIAL),
            Field(
                "commercial_detail",
                _("If so: who, and how?"),
                _("Name the firm and what it gets. This is public."),
            ),
            Field("funders", _("Who pays for it?"), _("One on each line. Write “none” when nobody does."), "lines"),
        ),
    ),
    Section(
        "people",
        _("People"),
        (
            Field(
                "people",
                _("Who would use the data?"),
                _("Only people of your organisation with an accreditation in date can use it."),
                "people",
            ),
        ),
    ),
    Section(
        "purpose",
        _("Purpose"),
        (
            Field("title", _("A short name"), _("For example: Free school meals and absence"), "line"),
            Field("purpose", _("Purpose"), _("From the published list."), "purpose"),
            Field(
                "purpose_plain",
                _("Say in plain words what you want to do and why"),
                _("Parents read this. Use short sentences and everyday words. We measure how hard it is to read."),
            ),
        ),
    ),
    Section(
        "benefit",
        _("Benefit and harm"),
        (
            Field("public_benefit", _("What does the public gain?"), _("In plain words. This is public.")),
            Field("harm", _("Who could be harmed, and how?"), _("Think of children, families and schools.")),
            Field("harm_prevention", _("How do you prevent that?")),
        ),
    ),
    Section(
        "law",
        _("The law"),
        (
            Field(
                "lawful_basis",
                _("Lawful basis (UK GDPR Article 6)"),
                _("What makes it lawful for you to use personal data for this purpose."),
                "choice",
                ARTICLE_6,
            ),
            Field(
                "special_category_basis",
                _("Condition for sensitive data (UK GDPR Article 9)"),
                _("Needed for ethnic background and for special needs."),
                "choice",
                ARTICLE_9,
            ),
            Field(
                "gateway",
                _("The power to share, with its provision"),
                _("For example: Education Act 1996 s.537A(5) and SI 2009/1563. It must reach your purpose."),
            ),
        ),
        after=("purpose",),
    ),
    Section(
        "items",
        _("Items of the record"),
        (Field("items", _("Which items do you need?"), _("Choose as few as will do."), "items"),),
        after=("purpose", "lawful_basis", "gateway"),
    ),
    Section(
        "reasons",
        _("Why each item"),
        (
            Field(
                "item_reasons",
                _("Why each item"),
                _("For each: what you need it for, and why something less identifying will not do."),
                "reasons",
            ),
        ),
        after=("items",),
    ),
    Section(
        "pupils",
        _("Years and pupils"),
        (
            Field("years", _("Which years?"), _("One on each line: 2026, or 2024 to 2026."), "years"),
            Field("terms", _("Which terms?"), _("None marked means all three."), "several", TERMS),
            Field(
                "cohort",
                _("Which pupils?"),
                _("One condition on each line, as in: ncyearactual: 7, 8, 9. Empty means all pupils."),
                "cohort",
            ),
            Field(
                "regions",
                _("Only schools in these regions"),
                _("Names or codes, one on each line. Empty means all of England."),
                "lines",
            ),
            Field(
                "authorities",
                _("Only schools of these local authorities"),
                _("Three-digit numbers, one on each line."),
                "lines",
            ),
            Field("schools", _("Only these schools"), _("URNs, one on each line."), "lines"),
            Field("deceased", _("Pupils who have died are needed too"), shape="yes"),
        ),
    ),
    Section(
        "linkage",
        _("Linking with other data"),
        (
            Field(
                "linkage",
                _("Other data you would join it with"),
                _("Leave it empty when you join it with nothing."),
                "linkage",
            ),
        ),
    ),
    Section(
        "place",
        _("Place and processors"),
        (
            Field(
                "processed_at", _("Where would the data be used?"), _("The safe setting is the usual place."), "line"
            ),
            Field("country", _("In which country is that?"), shape="line"),
            Field(
                "transfer_safeguard",
                _("If outside the United Kingdom: what protects it there?"),
                _("UK GDPR Article 46, for example an international data transfer agreement."),
            ),
            Field(
                "processors",
                _("Others who would process it for you"),
                _("Leave it empty when nobody does."),
                "processors",
            ),
        ),
    ),
    Section(
        "time",
        _("Time, keeping and destruction"),
        (
            Field("valid_from", _("First day of use"), shape="date"),
            Field("valid_until", _("Last day of use"), shape="date"),
            Field("retention_until", _("The day by which everything is destroyed"), shape="date"),
            Field("retention_why", _("Why do you keep it until then?")),
            Field("destruction", _("How will you destroy it?"), _("Say it for copies and backups too.")),
        ),
    ),
    Section(
        "publication",
        _("Publication"),
        (
            Field("publication_plan", _("What will you publish, where and when?")),
            Field("publish_queries", _("The register may show each query, with its values taken out"), shape="yes"),
        ),
    ),
    Section(
        "ethics",
        _("Ethics and impact assessment"),
        (
            Field("ethics_body", _("Who gave ethics approval?"), shape="line"),
            Field("ethics_reference", _("Its reference"), shape="line"),
            Field("ethics_date", _("Its date"), shape="date"),
            Field("ethics_why_none", _("If there is none: why not?")),
            Field("dpia_date", _("Date of the data protection impact assessment"), shape="date"),
            Field("dpia_summary", _("What does it find, in a few sentences?")),
            Field(
                "dpia_reference",
                _("Where is it?"),
                _("The name of the file you attached, or where it is kept."),
                "line",
            ),
        ),
    ),
    Section(
        "conflicts",
        _("Conflicts of interest"),
        (
            Field(
                "conflicts",
                _("Does anybody involved have an interest of their own in the result, or a tie to the panel?"),
                _("Write “none” when nobody has."),
            ),
        ),
    ),
    Section(
        "questions",
        _("Further questions"),
        (Field("answers", _("Further questions"), _("They follow from what you ask for."), "answers"),),
    ),
)

FIELDS: Mapping[str, Field] = MappingProxyType({part.name: part for one in SECTIONS for part in one.fields})
"""Name -> field; the organisation is not among them: it is the author's own."""

_OF: Mapping[str, Section] = MappingProxyType({part.name: one for one in SECTIONS for part in one.fields})


def find_section(section_id: str) -> Section | None:
    """The section of this id, or None."""
    return next((one for one in SECTIONS if one.id == section_id), None)


def section_of(where: str) -> Section:
    """The section in which something is put right: `where` is a refusal's, as in ``people, number 2``."""
    return _OF.get(where.partition(",")[0].strip(), SECTIONS[0])
