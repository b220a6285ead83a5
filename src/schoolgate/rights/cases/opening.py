"""A family begins a case: it asks, complains, or says that a fact is wrong."""

from __future__ import annotations

from datetime import date

from django.db import IntegrityError, transaction

from schoolgate import dictionary
from schoolgate.clock import Clock, custodians_day
from schoolgate.config import Config
from schoolgate.errors import Refusal, Refused
from schoolgate.rights.cases import effects
from schoolgate.rights.cases.kept import new_reference, note
from schoolgate.rights.cases.models import Case
from schoolgate.rights.cases.moved import place_of
from schoolgate.rights.cases.states import KINDS, LIFE
from schoolgate.rights.cases.views import Said
from schoolgate.rights.claims import pupil_of
from schoolgate.rights.views import ChildLink

LONGEST = 5_000
"""Characters of what is written at once."""
MOST_OPEN = 20
"""Open cases of one account: more than a family needs, and too few to drown a custodian in."""


def text_problems(text: str, where: str = "text", longest: int = LONGEST) -> list[Refusal]:
    """Why a text cannot be taken."""
    if not text.strip():
        return [Refusal("text-missing", "Nothing was written.", remedy="Say it in your own words.", where=where)]
    if len(text) > longest:
        return [
            Refusal(
                "text-long", f"This has more than {longest:,} characters.",
                remedy="Say it more briefly, or attach a file.", where=where,
            )
        ]  # fmt: skip
    return []


def open_case(link: ChildLink, kind: str, text: str, *, config: Config, clock: Clock) -> str | Refused:
    """Begin a case that is not about one item.

    Args:
        link: the account's link to the child.
        kind: of `KINDS`.
        text: what the family asks, in its own words; sealed at rest.
        config: the installation.
        clock: the time: a request is received at this moment, also on a Sunday.

    Returns:
        The case's reference, or every reason why it was not begun.

    Raises:
        UnknownLink: not this account's child.
    """
    found = text_problems(text)
    if kind not in KINDS or KINDS[kind].about_item:
        found.append(Refusal("case-kind", "This is not something to ask for.", where="kind"))
    return _begin(link, kind, Said(text=text.strip()), found, config=config, clock=clock)


def challenge(
    link: ChildLink,
    item: str,
    row: str,
    said: Said,
    wrong_since: date | None,
    *,
    config: Config,
    clock: Clock,
) -> str | Refused:
    """Say that one item of the record is wrong. It is kept out of every query from the next one on.

    Args:
        link: the account's link to the child.
        item: id in the dictionary, ``table.column`` or ``identity.name``.
        row: the row's token, as the family's record shows it; empty for an item of the identity, or when it is not
            known which row.
        said: `text` why, `should_be` what it should be, `stands` what the family sees there.
        wrong_since: since when it is wrong, if known.
        config: the installation.
        clock: the time.

    Returns:
        The case's reference, or every reason why it was not begun; then nothing is kept out.

    Raises:
        UnknownLink: not this account's child.
    """
    found = [*text_problems(said.text), *text_problems(said.should_be, "should_be", 500)]
    if item not in dictionary.lake_columns() and item not in {one.id for one in dictionary.identity_items()}:
        found.append(Refusal("item-unknown", "The record has no such fact.", where="item"))
    if len(row) > 80:
        found.append(Refusal("row-unknown", "The record has no such row.", where="row"))
    if len(said.stands) > 500:
        found.append(Refusal("text-long", "What stands there now is too long.", where="stands"))
    if wrong_since is not None and wrong_since > custodians_day(clock):
        found.append(Refusal("day-to-come", "This day is still to come.", where="wrong_since"))
    return _begin(link, "rectification", said, found, item, row, wrong_since, config=config, clock=clock)


def _begin(
    link: ChildLink,
    kind: str,
    said: Said,
    found: list[Refusal],
    item: str = "",
    row: str = "",
    wrong_since: date | None = None,
    *,
    config: Config,
    clock: Clock,
) -> str | Refused:
    pupil = pupil_of(link)
    if Case.objects.filter(account_id=link.account_id, closed_on=None).count() >= MOST_OPEN:
        found.append(
            Refusal("too-many-cases", f"You have {MOST_OPEN} open cases.", remedy="Take one back that is settled.")
        )
    if found:
        return Refused(tuple(found))
    today = custodians_day(clock)
    paper = place_of(pupil, item, row, config) if row else ""
    try:
        with transaction.atomic():
            made = Case.objects.create(
                reference=new_reference(), kind=kind, state=LIFE.start, pupil=pupil, account_id=link.account_id,
                link_id=link.id, item=item, row=row, wrong_since=wrong_since, received_at=clock.now(),
                received_on=today, waits_since=today, disputed=bool(item), paper=paper,
            )  # fmt: skip
            actor = link.actor
            note(made, "receive", "", "family", actor, said, config, clock)
            if item:
                effects.dispute(pupil, item, case=made.reference, actor=actor, clock=clock)
    except IntegrityError:  # a second click, or the same said again
        open_one = Case.objects.filter(
            account_id=link.account_id, pupil=pupil, item=item, row=row, kind=kind, closed_on=None
        ).first()
        if open_one is None:
            raise
        words = f"You have said so already: case {open_one.reference}."
        return Refused((Refusal("said-already", words, remedy="Add what is new to that case."),))
    return made.reference
