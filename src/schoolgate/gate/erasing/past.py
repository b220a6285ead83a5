"""Declining reaches the past: earlier values of a declined item are replaced by the code for "declined".

The ethnic background, first language and the like are given of a family's own will (DfE, School census guide): when it
takes its word back there is no ground left to hold what it said before (UK GDPR Article 17(1)(b), (c)); what the law
obliges a school to send cannot be declined at all. The change is a correction of the lake, with a new version; earlier
versions end with the next destruction. Recipients who were given the old value hear of it as of any correction
(`corrections.taking_back`).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from django.db import transaction

from schoolgate import collect, declining, work
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError
from schoolgate.gate.corrections.rows import rows_of
from schoolgate.gate.corrections.taking_back import TakenBack, empty, take_back
from schoolgate.gate.erasing.carrying import is_about, needles
from schoolgate.ids import Pmr
from schoolgate.records.amend import LoadUnderWay, one_writer
from schoolgate.records.read import NoData, current_snapshot
from schoolgate.records.vault import UnknownPupil, Vault


def decline_item(pupil: Pmr, item: str, *, actor: str, config: Config, clock: Clock) -> declining.DeclinedItem:
    """Record that a family declines an item; from the next return on, and for the past.

    Raises:
        declining.NotDeclinable: the item may not be declined.
    """
    declining.declinable(item)
    who = Vault(config).identity(pupil)
    with transaction.atomic():
        found = declining.decline(
            pupil, item, upns=(who.upn, *who.former_upns), actor=actor, config=config, clock=clock
        )
        if not found.past_done:
            work.later(replace_past, again=True)
    return found


def withdraw_declined(
    pupil: Pmr, item: str, *, actor: str, config: Config, clock: Clock, of: Collection[str] | None = None
) -> bool:
    """Take it back; whether it was declined by any of `of`, or else by who takes it back.

    What was replaced does not come back: the school asks again.
    """
    return declining.withdraw(pupil, item, actor=actor, clock=clock, of=of)


def replace_all(*, config: Config, clock: Clock) -> int:
    """Replace the earlier values of everything declined since the last time, as one lake version; how many values.

    Raises:
        LoadUnderWay: the lake is being changed; it is done after that.
    """
    while waiting := declining.past_to_do():
        try:
            return _replace(waiting, config, clock)
        except _Meanwhile:
            continue
    return 0


class _Meanwhile(Exception):
    """A family no longer declines what was just being replaced, or a term was loaded: nothing was done; once more."""


def _replace(waiting: Collection[tuple[Pmr, str]], config: Config, clock: Clock) -> int:
    in_lake = [(pupil, item) for pupil, item in waiting if declining.declinable(item).in_lake]
    before = _version(config)
    changes = _changes(in_lake, config)

    def done() -> None:
        if len(declining.in_force(waiting, locked=True)) < len(waiting) or _version(config) != before + bool(changes):
            raise _Meanwhile
        empty(((pupil, item, declining.declinable(item).code) for pupil, item in in_lake), config)
        declining.note_past_done(waiting, clock)

    _in_papers([(pupil, item) for pupil, item in waiting if not declining.declinable(item).in_lake], config)
    if changes:
        take_back(changes, config=config, clock=clock, in_transaction=done)
    else:
        with one_writer(config), transaction.atomic():  # a load that began before would bring in what it knew then
            done()
    return len(changes)


def _version(config: Config) -> int:
    try:
        return current_snapshot(config).version
    except NoData:
        return 0


def _changes(waiting: list[tuple[Pmr, str]], config: Config) -> list[TakenBack]:
    if not waiting:
        return []
    tables = sorted({item.partition(".")[0] for _, item in waiting})
    try:
        held = rows_of({int(pupil) for pupil, _ in waiting}, tables, current_snapshot(config), config)
    except NoData:
        return []
    found: list[TakenBack] = []
    for pupil, item in waiting:
        table, _, column = item.partition(".")
        code = declining.declinable(item).code
        for row in held.get(table, {}).get(pupil, ()):
            if row[column] is not None and row[column] != code:
                found.append(TakenBack(pupil, item, code, row))
    return found


def _in_papers(waiting: list[tuple[Pmr, str]], config: Config) -> None:
    """What only returns hold is replaced in the sealed returns themselves, of the years that asked for it."""
    vault = Vault(config)
    years = {year for _, item in waiting for _, year in declining.declinable(item).asked}
    people = {}
    for pupil in dict.fromkeys(pupil for pupil, _ in waiting):
        try:
            people[pupil] = vault.identity(pupil)
        except UnknownPupil:
            continue
    if not people:
        return
    for return_id in collect.papers(config):
        if int(return_id.split("-", 1)[0]) not in years:
            continue
        found: dict[int, Pmr] = {}
        for pupil, who in people.items():
            if collect.mentions(return_id, needles(who), config):
                found |= dict.fromkeys(collect.rows_about(return_id, is_about(pupil, who, vault), config), pupil)
        codes = _codes(waiting) if found else {}
        rows = {row: codes[pupil] for row, pupil in found.items() if pupil in codes}
        if rows:
            collect.redact(return_id, collect.Redaction(codes=rows), config)


def _codes(waiting: Collection[tuple[Pmr, str]]) -> dict[Pmr, dict[str, str]]:
    """Child -> return's column -> code, of what is declined still: returns are many, and families change their mind."""
    codes: dict[Pmr, dict[str, str]] = {}
    for pupil, item in declining.in_force(waiting):
        one = declining.declinable(item)
        codes.setdefault(pupil, {})[one.column] = one.code
    return codes


def _waits(config: Config) -> bool:
    return bool(declining.past_to_do())


@work.job
def replace_past(*, config: Config, clock: Clock) -> None:
    """Replace earlier values of what families declined."""
    try:
        replace_all(config=config, clock=clock)
    except LoadUnderWay as wait:
        raise SchoolgateError(wait.what, hint="It is taken up again by itself.", code=wait.code) from None


work.every(timedelta(hours=1), replace_past, _waits)
