"""Parts of an application that come in rows: reasons for items, processors, what is linked, answers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ItemReason:
    """Why one item is asked for.

    Attributes:
        item: lake item id.
        why: what it is needed for.
        why_not_less: why the less identifying alternative will not do (UK GDPR Article 5(1)(c)).
    """

    item: str
    why: str = ""
    why_not_less: str = ""


@dataclass(frozen=True, slots=True)
class Processor:
    """Somebody who would process the data for the applicant (UK GDPR Article 28).

    Attributes:
        name: of the organisation.
        role: what it does for the applicant.
        place: where it does it.
        country: the country that place is in.
        organisation: its id in the directory; empty where it is not in it. A family's "no" to it counts by this, or by
            its exact name.
    """

    name: str
    role: str = ""
    place: str = ""
    country: str = ""
    organisation: str = ""


@dataclass(frozen=True, slots=True)
class Linkage:
    """Other data that the pupils' would be joined with.

    Attributes:
        with_what: the other data, and whose it is.
        how: by which items or references.
        by_whom: who joins them.
    """

    with_what: str
    how: str = ""
    by_whom: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a further question.

    Attributes:
        question: its id in ``drafting/data/questions.toml``.
        text: in the applicant's words.
    """

    question: str
    text: str = ""
