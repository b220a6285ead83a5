"""Conditions of an approval: structured, so that they can be counted and acted on, and plain to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

CONDITION_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "safe-setting": "The data may be used only inside the safe setting; nothing leaves it unchecked.",
        "no-linkage": "The data may not be joined with other data about the same people.",
        "no-onward": "The data may not be passed on to anybody.",
        "no-decisions": "The data may not be used to decide anything about a single person.",
        "small-numbers": "Numbers of pupils below {detail} may not be published.",
        "publish-results": "The results must be published by {detail}.",
        "report-by": "A report on the use must reach the custodian by {detail}.",
        "without-item": "The item {detail} was asked for and is not given.",
        "coarser-item": "In place of the item asked for, a less telling one is given: {detail}.",
        "aggregate-only": "Only numbers about at least {detail} pupils are given out, never single records.",
        "row-budget": "At most {detail} rows may be taken in all.",
        "query-budget": "At most {detail} queries may be run.",
        "not-together": "One query may not read all of: {detail}; no reference of a pupil leaves to join two by.",
        "no-pseudonym": "The reference of a pupil may be matched and counted, never given out.",
        "setting-output": "Results stay in the safe setting; the gate hands none over.",
        "only-in": "The data may be processed only in: {detail}.",
        "notice": "Families have {detail} days of notice before the first use.",
        "other": "{detail}",
    }
)
"""Kind -> the sentence it makes; ``{detail}`` is filled in."""

ENFORCED = frozenset(
    {
        "without-item", "coarser-item", "aggregate-only", "row-budget", "query-budget", "not-together", "no-pseudonym",
        "setting-output", "only-in", "notice",
    }
)  # fmt: skip
"""Kinds that the gate itself holds to; the others bind people."""

_NUMBERS: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        # With fewer than three, each of two pupils behind a number can tell the other's part of it.
        "aggregate-only": (3, 1_000_000),
        "row-budget": (1, 1_000_000_000),
        "query-budget": (1, 1_000_000),
        "notice": (1, 366),
        "small-numbers": (0, 1_000_000_000),
    }
)
"""Kind -> smallest and largest number it takes."""


def _number_problem(kind: str, detail: str) -> str:
    least, most = _NUMBERS[kind]
    if not (detail.isascii() and detail.isdigit() and len(detail) < 12):
        return f"The condition {kind} needs a whole number, as in “{kind}: {max(least, 10)}”."
    if not least <= int(detail) <= most:
        return f"The condition {kind} takes a number from {least:,} to {most:,}."
    return ""


def _parts(detail: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in detail.split(",") if part.strip()))


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition.

    Attributes:
        kind: one of `CONDITION_KINDS`.
        detail: a number, a date, an item id or, for ``other``, the sentence itself.
    """

    kind: str
    detail: str = ""

    @classmethod
    def parse(cls, text: str) -> Condition:
        """Read ``kind`` or ``kind: detail``; any other sentence is of the kind ``other``."""
        kind, _, detail = text.partition(":")
        if kind.strip() in CONDITION_KINDS and kind.strip() != "other":
            return cls(kind.strip(), detail.strip())
        return cls("other", text.strip())

    @property
    def plain(self) -> str:
        """The condition as a sentence. The detail is put in as it is: never read as a template."""
        return CONDITION_KINDS[self.kind].replace("{detail}", self.detail)

    @property
    def problem(self) -> str:
        """What is missing or too much, or empty."""
        if self.kind not in CONDITION_KINDS:
            return "This kind of condition is not known."
        wants = "{detail}" in CONDITION_KINDS[self.kind]
        if wants and not self.detail:
            return f"The condition {self.kind} needs a detail, as in “{self.kind}: …”."
        if not wants and self.detail:
            return f"The condition {self.kind} takes no detail."
        if self.kind in _NUMBERS:
            return _number_problem(self.kind, self.detail)
        if self.kind == "not-together" and len(self.parts) < 2:
            return "The condition not-together names at least two items, with commas between them."
        if self.kind == "coarser-item" and len(self.parts) != 2:
            return "The condition coarser-item names two items with a comma: what was asked for, what is given."
        return ""

    @property
    def parts(self) -> tuple[str, ...]:
        """What a detail with commas lists."""
        return _parts(self.detail)


@dataclass(frozen=True, slots=True)
class Enforced:
    """What the conditions of an agreement mean for the gate; of two on one matter the stricter counts.

    Attributes:
        minimum_cell: fewest pupils behind each row; 0 when single records may be given.
        row_budget, query_budget: most rows and reads in all; None without limit.
        not_together: sets of items that one query may not read all of.
        pseudonyms: whether the pupil reference may be given out.
        setting_only: whether results stay in the safe setting.
        only_in: countries, empty when the panel set no limit.
        notice_days: days of notice the panel asked for; 0 when it asked for none.
    """

    minimum_cell: int = 0
    row_budget: int | None = None
    query_budget: int | None = None
    not_together: tuple[tuple[str, ...], ...] = ()
    pseudonyms: bool = True
    setting_only: bool = False
    only_in: tuple[str, ...] = ()
    notice_days: int = 0


def _only_in(conditions: Sequence[Condition]) -> tuple[str, ...]:
    lists = [one.parts for one in conditions if one.kind == "only-in"]
    if not lists:
        return ()
    common = [place for place in lists[0] if all(place in other for other in lists[1:])]
    return tuple(common) or ("nowhere",)  # two limits with nothing in common leave no place, not every place


def enforced(conditions: Sequence[Condition]) -> Enforced:
    """What these conditions mean for the gate."""
    numbers: dict[str, list[int]] = {}
    for one in conditions:
        if one.kind in _NUMBERS:
            numbers.setdefault(one.kind, []).append(int(one.detail))
    kinds = {one.kind for one in conditions}
    return Enforced(
        minimum_cell=max(numbers.get("aggregate-only", [0])),
        row_budget=min(numbers["row-budget"]) if "row-budget" in numbers else None,
        query_budget=min(numbers["query-budget"]) if "query-budget" in numbers else None,
        not_together=tuple(one.parts for one in conditions if one.kind == "not-together"),
        # Two extracts of records under one pseudonym could be put together into what one query may not read.
        pseudonyms=kinds.isdisjoint(("no-pseudonym", "not-together")),
        setting_only="setting-output" in kinds,
        only_in=_only_in(conditions),
        notice_days=max(numbers.get("notice", [0])),
    )
