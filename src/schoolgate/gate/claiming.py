"""What the gate is asked when somebody comes to a child's record: how access stands, and which child is meant.

`access_of` shows nobody anything of a child: it says whether pages open, and is asked again for each page. What finds a
child is a look like any other, on record before the answer leaves, and in the child's own answer; it says the same for
nobody and for several, after the same steps.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from schoolgate import consent, people
from schoolgate.clock import Clock, custodians_day
from schoolgate.config import Config
from schoolgate.errors import Refusal
from schoolgate.gate.failclosed import plainly
from schoolgate.gate.shelter import age_on
from schoolgate.gate.subject import SUBJECT_ACCESS, look
from schoolgate.gate.writing import Entropy, refuse
from schoolgate.ids import Pmr, upn_problem
from schoolgate.records.read import NoData
from schoolgate.records.vault import Identity, UnknownPupil, Vault, same_name

_MATCHED = ("identity.dob", "identity.forename", "identity.surname", "identity.upn")
_BY_UPN = ("identity.upn",)
_BY_LINK = ("census_pupil.pupil",)
_NO_ONE_RECORD = Refusal(
    "no-one-record",
    "We could not find one record that fits.",
    remedy="Check the number and the names, or ask on paper.",
)


@dataclass(frozen=True, slots=True, repr=False)
class ChildAccess:
    """How access to one child's record stands today. Its repr is hidden: it is about a child.

    Attributes:
        shielded_since: when the shield in force was placed; None without one.
        died: whether a death is recorded.
        age: in whole years; None when no date of birth is held.
    """

    shielded_since: datetime | None
    died: bool
    age: int | None


@dataclass(frozen=True, slots=True)
class Claimant:
    """Who somebody is, as a government's sign-in or a paper shows it. Nothing of it is kept."""

    forename: str = field(repr=False)
    surname: str = field(repr=False)
    born: str = field(repr=False)


def access_of(pupil: Pmr, *, config: Config, clock: Clock) -> ChildAccess:
    """How access stands. The same steps for every child."""
    try:
        born = Vault(config).identity(pupil).dob
    except UnknownPupil:
        born = ""
    return ChildAccess(
        shielded_since=consent.shielded_since(pupil),
        died=consent.death_of(pupil) is not None,
        age=age_on(born, custodians_day(clock)),
    )


def _fits(held: Identity, who: Claimant) -> bool:
    surnames = [name for name in (held.surname, held.preferred_surname, held.former_surname) if name]
    return (
        held.dob == who.born and same_name(held.forename, who.forename)
        and any(same_name(name, who.surname) for name in surnames)
    )  # fmt: skip


@plainly()
def find_former_pupil(
    upn: str, who: Claimant, actor: str, *, config: Config, clock: Clock, entropy: Entropy = os.urandom
) -> Pmr | Refusal:
    """An adult's own record of their schooldays, by pupil number, names and date of birth together.

    The names are those of a proven identity, never typed ones. None, several, a shielded child, a child that is no
    adult yet and names that do not fit get one answer.
    """
    vault = Vault(config)
    number = upn.strip().upper()
    holders = vault.holders([number]).get(number, ()) if upn_problem(number) is None else ()
    held = vault.identities(holders)
    today, shielded = custodians_day(clock), set(consent.shielded_pupils())
    found = [
        pupil
        for pupil, identity in held.items()
        if _fits(identity, who) and pupil not in shielded and (age_on(identity.dob, today) or 0) >= _ADULT
    ]
    if len(found) != 1:
        refuse(SUBJECT_ACCESS, (_NO_ONE_RECORD,), config=config, clock=clock)
        return _NO_ONE_RECORD
    look(found[0], _MATCHED, actor, config=config, clock=clock, entropy=entropy)
    return found[0]


_ADULT = 18
"""Family Law Reform Act 1969 s.1."""


@plainly()
def find_for_paper(
    upn: str, actor: str, *, config: Config, clock: Clock, entropy: Entropy = os.urandom
) -> Pmr | Refusal:
    """The child that a paper claim or a proposal to erase is about, by pupil number, for a person of the custodian.

    A look of the custodian's own, and in the child's answer as such. A shielded child is found here: it is the one way
    by which its own safe adult can be confirmed.
    """
    if people.person(actor).role != "custodian":
        return Refusal("not-your-decision", "Only the custodian's people may do this.", remedy="Ask the custodian.")
    number = upn.strip().upper()
    holders = Vault(config).holders([number]).get(number, ()) if upn_problem(number) is None else ()
    if len(holders) != 1:
        refuse(SUBJECT_ACCESS, (_NO_ONE_RECORD,), config=config, clock=clock)
        return _NO_ONE_RECORD
    look(holders[0], _BY_UPN, actor, config=config, clock=clock, entropy=entropy)
    return holders[0]


@plainly()
def look_as_helper(pupil: Pmr, actor: str, *, config: Config, clock: Clock, entropy: Entropy = os.urandom) -> None:
    """Put on record that staff serve somebody who acts for this child: a look of the custodian's, in the child's list.

    Nothing of the record is shown by it; that staff knew of whom they served is what the family may know.
    """
    with suppress(NoData):  # without a lake nobody has a list to see
        look(pupil, _BY_LINK, actor, config=config, clock=clock, entropy=entropy)
