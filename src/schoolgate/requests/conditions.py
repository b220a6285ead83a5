"""Conditions of an approval: structured, so that they can be counted and acted on, and plain to read."""

from __future__ import annotations

from collections.abc import Mapping
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
        "other": "{detail}",
    }
)
"""Kind -> the sentence it makes; ``{detail}`` is filled in."""


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
        if self.kind == "small-numbers" and not (self.detail.isascii() and self.detail.isdigit()):
            return "The condition small-numbers needs a whole number, as in “small-numbers: 10”."
        return ""
