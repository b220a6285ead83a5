"""The desk's part for how families are served: copies, acts on behalf, letters, restrictions, facts held back, shields
lifted and deaths recorded: counts.

An overseer sees what is late, and what soon will be, before it is; never one family.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

from schoolgate import consent, rights
from schoolgate.clock import Clock, custodians_day
from schoolgate.config import Config
from schoolgate.desk.act import Act, Doing
from schoolgate.gate import withholding

DAYS = 91
"""How far back requests and acts are counted: a quarter of a year."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How families are served. Counts.

    Attributes:
        days: how far back copies and acts are counted.
        copies: requests for access that were received in these days.
        copies_soon: asked and not made, and late within five working days.
        helped: acts that staff did on behalf of families in these days.
        letters: about acts on behalf, and records that will be used again.
        case_letters: about cases, to families that are told on paper; those posted in these days are counted, too.
    """

    days: int
    copies: rights.packs.AccessFigures
    copies_soon: int
    helped: int
    letters: rights.helping.LetterFigures
    case_letters: rights.cases.PostFigures
    restrictions: consent.RestrictionFigures
    withheld: withholding.WithholdingFigures
    protections: consent.ProtectionFigures

    @property
    def late(self) -> int:
        """Everything that is late."""
        return (
            self.copies.late
            + self.letters.late
            + self.case_letters.late
            + self.restrictions.due
            + self.withheld.review_late
        )

    @property
    def late_soon(self) -> int:
        """Everything that soon will be."""
        return self.copies_soon + self.letters.late_soon + self.case_letters.late_soon + self.withheld.review_soon


def standing(clock: Clock, config: Config | None = None) -> Standing:
    """How families are served today."""
    today, now = custodians_day(clock), clock.now()
    first = today - timedelta(days=DAYS)
    return Standing(
        days=DAYS,
        copies=rights.packs.access_figures(first, today, today),
        copies_soon=rights.packs.access_soon(today),
        helped=rights.helped_between(now - timedelta(days=DAYS), now + timedelta(seconds=1)),
        letters=rights.helping.letter_figures(clock, config),
        case_letters=rights.cases.post_figures(clock, DAYS, config),
        restrictions=consent.restriction_figures(clock),
        withheld=withholding.withholding_figures(clock),
        protections=consent.protection_figures(timedelta(days=DAYS), clock),
    )


def _figures(doing: Doing) -> Standing:
    return standing(doing.clock, doing.config)


ACTS: Mapping[str, Act] = MappingProxyType(
    {
        "families-standing": Act("see how families are served", ("custodian", "overseer"), {}, Standing, _figures),
    }
)
"""What may be seen of how families are served."""
