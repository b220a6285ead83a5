"""What an author should know before handing in, though nothing of it stops them. Pure but for the panel's rules."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from schoolgate.errors import Refusal
from schoolgate.requests.drafting.reach import Reach, reach_of
from schoolgate.requests.drafting.readability import Readability, measure
from schoolgate.requests.panel.rules import lawful_problems
from schoolgate.requests.terms import ApplicationSpec


@dataclass(frozen=True, slots=True)
class Advice:
    """What the panel will see as well.

    Attributes:
        readability: of the summary in plain words.
        benefit: of what the public gains.
        reach: the most identifying and most sensitive asked for.
        repeated: items that share one reason, word for word, with two others or more; the panel sees it.
        lawful: why no panel could approve it as it stands; it is taken in all the same, and is public.
    """

    readability: Readability
    benefit: Readability
    reach: Reach
    repeated: tuple[str, ...]
    lawful: tuple[Refusal, ...]


def _repeated(spec: ApplicationSpec) -> tuple[str, ...]:
    said = {one.item: " ".join(one.why.casefold().split()) for one in spec.item_reasons if one.item in spec.items}
    often = Counter(said.values())
    return tuple(item for item, text in said.items() if text and often[text] > 2)


def advice(spec: ApplicationSpec) -> Advice:
    """Measure an application."""
    stated = bool(spec.purpose and spec.lawful_basis and spec.gateway and spec.country)
    return Advice(
        readability=measure(spec.purpose_plain),
        benefit=measure(spec.public_benefit),
        reach=reach_of(spec),
        repeated=_repeated(spec),
        lawful=tuple(lawful_problems(spec, ())) if stated else (),
    )
