"""A page of the application form as controls, and what a browser sent back. No rule of its own.

Each control's id is made from where a refusal says the problem is, so that each problem can lead to its field.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _

from schoolgate import dictionary, people
from schoolgate.requests import drafting
from schoolgate.web.researcher.rows import ROW_SHAPES


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of several."""

    value: str
    label: str
    hint: str = ""
    is_chosen: bool = False
    id: str = ""


@dataclass(frozen=True, slots=True)
class Control:
    """One control, or a group of them.

    Attributes:
        kind: ``line``, ``long``, ``date``, ``radios``, ``select``, ``checkboxes``, ``yes`` or ``group``.
        parts: of a date (day, month, year) or of a group.
        errors: in words; empty when nothing is wrong.
        notes: lines shown under a group's heading.
    """

    id: str
    name: str
    kind: str
    label: str
    hint: str = ""
    value: str = ""
    options: tuple[Option, ...] = ()
    parts: tuple[Control, ...] = ()
    errors: tuple[str, ...] = ()
    rows: int = 4
    notes: tuple[str, ...] = ()

    @property
    def described_by(self) -> str:
        """Ids of the hint and of the error, for a screen reader."""
        said = [f"{self.id}-hint"] if self.hint else []
        return " ".join([*said, *([f"{self.id}-error"] if self.errors else [])])


@dataclass(frozen=True, slots=True)
class Sent:
    """What a browser sent, or what is stored, in the names the controls have.

    Attributes:
        values: name -> values.
    """

    values: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def one(self, name: str) -> str:
        """The last value of a name; empty when there is none."""
        found = self.values.get(name) or [""]
        return found[-1]

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a name."""
        return tuple(self.values.get(name) or ())


def anchor(where: str) -> str:
    """The id of the control a refusal speaks of: ``people, number 2`` is ``f-people``."""
    name, _comma, rest = where.partition(",")
    inside = rest.strip().removeprefix("number ").strip()
    if name not in ("item_reasons", "answers", *ROW_SHAPES) or not inside:
        inside = ""
    return "-".join(["f", *(re.sub(r"[^A-Za-z0-9_.-]", "_", part) for part in (name.strip(), inside) if part)])


def _choices(given: Mapping[str, str], chosen: str, at: str) -> tuple[Option, ...]:
    listed = dict(given)
    if chosen and chosen not in listed:
        listed[chosen] = chosen  # written in another way, in a file or by an earlier release: it is kept as it is
    return tuple(
        Option(value, _(label), is_chosen=value == chosen, id=at if number == 0 else f"{at}-{number}")
        for number, (value, label) in enumerate(listed.items())
    )


def _date(name: str, one: drafting.Field, sent: Sent) -> Control:
    words = (("day", _("Day")), ("month", _("Month")), ("year", _("Year")))
    at = anchor(name)
    parts = tuple(
        Control(
            at if part == "day" else f"{at}-{part}", f"{name}-{part}", "line", word, value=sent.one(f"{name}-{part}")
        )
        for part, word in words
    )
    return Control(f"{at}-group", name, "date", _(one.label), _("For example, 31 3 2028"), parts=parts)


def _item_options(sent: Sent) -> tuple[Control, ...]:
    chosen, groups = set(sent.all("items")), []
    at = anchor("items")
    number = 0
    for table in dictionary.lake_tables():
        options = []
        for column in table.columns:
            if column.kind != "item":
                continue
            hint = _("Level %(level)s of 5, sensitivity %(letter)s. Less identifying: %(less)s.") % {
                "level": column.identifiability,
                "letter": column.sensitivity,
                "less": _less(column.item_id),
            }
            options.append(
                Option(
                    column.item_id,
                    column.title,
                    hint,
                    column.item_id in chosen,
                    at if number == 0 else f"{at}-{number}",
                )
            )
            number += 1
        groups.append(
            Control(f"{at}-{table.name}", "items", "checkboxes", table.title, table.description, options=tuple(options))
        )
    return tuple(groups)


def _less(item: str) -> str:
    words = [one.words for one in drafting.alternatives().get(item, ())]
    return _(" or ").join(
        word[0].lower() + word[1:] if word[1:2].islower() or word.startswith("A ") else word for word in words
    )


def _reason_groups(spec_items: Sequence[str], sent: Sent) -> tuple[Control, ...]:
    groups = []
    for item in dict.fromkeys(spec_items):
        at, name = anchor(f"item_reasons, {item}"), f"item_reasons:{item}"
        notes = tuple(
            _("Less identifying: %(words)s. %(why)s") % {"words": one.words, "why": one.why}
            for one in drafting.alternatives().get(item, ())
        )
        why = Control(at, f"{name}:why", "long", _("What do you need it for?"), value=sent.one(f"{name}:why"), rows=2)
        less = Control(
            f"{at}-less",
            f"{name}:why_not_less",
            "long",
            _("Why will something less identifying not do?"),
            value=sent.one(f"{name}:why_not_less"),
            rows=2,
        )
        groups.append(Control(f"{at}-group", name, "group", drafting.item_words(item), parts=(why, less), notes=notes))
    return tuple(groups)


def _row_groups(name: str, one: drafting.Field, sent: Sent) -> tuple[Control, ...]:
    shape = ROW_SHAPES[name]
    used = [
        number
        for number in range(1, shape.most + 1)
        if any(sent.one(f"{name}:{number}:{key}") for key in shape.columns)
    ]
    count = min(max(used, default=0) + 1, shape.most)
    groups = []
    for number in range(1, count + 1):
        at = anchor(f"{name}, number {number}")
        parts = tuple(
            Control(
                at if place == 0 else f"{at}-{key}",
                f"{name}:{number}:{key}",
                "line",
                _(label),
                value=sent.one(f"{name}:{number}:{key}"),
            )
            for place, (key, label) in enumerate(shape.columns.items())
        )
        heading = _(shape.heading) % {"n": number}
        groups.append(Control(f"{at}-group", f"{name}:{number}", "group", heading, parts=parts))
    head = Control(anchor(name), name, "note", _(one.label), _(one.hint))
    return (head, *groups)


def _answers(spec: drafting.DraftView, sent: Sent) -> tuple[Control, ...]:
    return tuple(
        Control(
            anchor(f"answers, {question.id}"),
            f"answers:{question.id}",
            "long",
            question.words,
            _("%(why)s (%(provision)s)") % {"why": question.why, "provision": question.provision},
            sent.one(f"answers:{question.id}"),
        )
        for question in drafting.questions(spec.spec)
    )


def _people_options(draft: drafting.DraftView, sent: Sent) -> tuple[Option, ...]:
    chosen, at = set(sent.all("people")), anchor("people")
    colleagues = [
        one for one in people.persons(draft.organisation_id) if one.role == "researcher" and one.left_on is None
    ]
    listed = [one.id for one in colleagues]
    said = {
        one.id: _("accredited until %(day)s") % {"day": f"{one.accredited_until:%-d %B %Y}"}
        if one.accredited_until
        else _("not accredited")
        for one in colleagues
    }
    listed += sorted(chosen - set(listed))
    return tuple(
        Option(person, person, said.get(person, ""), person in chosen, at if number == 0 else f"{at}-{number}")
        for number, person in enumerate(listed)
    )


def _simple(draft: drafting.DraftView, one: drafting.Field, sent: Sent) -> Control:
    at, label, hint, value = anchor(one.name), _(one.label), _(one.hint) if one.hint else "", sent.one(one.name)
    made = Control(at, one.name, "long", label, hint, value)
    if one.shape == "kind":
        options = tuple(
            Option(kind.id, kind.name, kind.words, kind.id == value, at if number == 0 else f"{at}-{number}")
            for number, kind in enumerate(drafting.kinds().values())
        )
        return replace(made, kind="radios", options=options)
    if one.shape == "choice":
        return replace(made, kind="radios", options=_choices(one.choices, value, at))
    if one.shape == "purpose":
        # What is built in for families and schools is not applied for.
        offered = {
            "": _("Choose one"),
            **{p.id: p.name for p in dictionary.purposes() if p.id not in drafting.RESERVED_PURPOSES},
        }
        return replace(made, kind="select", options=_choices(offered, value, at))
    if one.shape == "people":
        return replace(made, kind="checkboxes", options=_people_options(draft, sent))
    if one.shape == "several":
        chosen = set(sent.all(one.name))
        options = tuple(
            Option(key, _(words), is_chosen=key in chosen, id=at if number == 0 else f"{at}-{number}")
            for number, (key, words) in enumerate(one.choices.items())
        )
        return replace(made, kind="checkboxes", options=options)
    if one.shape == "yes":
        return replace(made, kind="yes", options=(Option("yes", label, is_chosen=value == "yes", id=at),))
    return replace(made, kind="line" if one.shape == "line" else "long")


def controls(draft: drafting.DraftView, section: drafting.Section, sent: Sent) -> tuple[Control, ...]:
    """The controls of a page, filled with what was sent or stored."""
    made: list[Control] = []
    for one in section.fields:
        if one.shape == "date":
            made.append(_date(one.name, one, sent))
        elif one.shape == "items":
            made += _item_options(sent)
        elif one.shape == "reasons":
            made += _reason_groups(draft.spec.items, sent)
        elif one.name in ROW_SHAPES:
            made += _row_groups(one.name, one, sent)
        elif one.shape == "answers":
            made += _answers(draft, sent)
        else:
            made.append(_simple(draft, one, sent))
    return tuple(made)


def with_errors(made: Sequence[Control], errors: Mapping[str, Sequence[str]]) -> tuple[Control, ...]:
    """The controls, each with the errors whose anchor it is."""

    def told(one: Control) -> Control:
        own = tuple(errors.get(one.id, ()))
        if one.kind == "date":
            own += tuple(errors.get(one.parts[0].id, ()))
            return replace(one, errors=own)
        if one.options:
            own += tuple(errors.get(one.options[0].id, ())) if one.options[0].id != one.id else ()
        return replace(one, errors=own, parts=tuple(told(part) for part in one.parts))

    return tuple(told(one) for one in made)
