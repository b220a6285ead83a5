"""Putting a value right: checked, made a fact with its provenance, and visible to the very next query.

Who decides, and on whose answer, is the case's affair (`rights`); here a decision is carried out. Many are carried out
at once as one lake version. What a correction changes in the vault keeps the old value beside the new, so that a
return that still says the old one finds the child and brings nothing back.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction

from schoolgate import declining, register
from schoolgate.clock import Clock
from schoolgate.config import Config, gate_only
from schoolgate.dictionary import lake_items
from schoolgate.errors import Refusal
from schoolgate.gate.corrections.history import PURPOSE, views_of
from schoolgate.gate.corrections.models import ANNOTATED, CORRECTED, Correction
from schoolgate.gate.corrections.rows import rows_of
from schoolgate.gate.corrections.tokens import IDENTITY, row_token
from schoolgate.gate.corrections.values import NOT_CORRECTABLE, as_text, column_of, read_value
from schoolgate.gate.corrections.views import CorrectionView, Wrong
from schoolgate.gate.corrections.who import NAMES, identity_problem, identity_row, identity_token, put_identities
from schoolgate.ids import Pmr, Term
from schoolgate.records.amend import LakeVersionView, LoadUnderWay, Put, RowChanged, amend
from schoolgate.records.read import current_snapshot
from schoolgate.records.vault import Vault

Entropy = Callable[[int], bytes]
Beside = Callable[[], None]

_NOTE_MOST = 2_000


def nothing() -> None:
    """What belongs to a change beside it: nothing."""


_CHANGED = Refusal(
    "value-changed",
    "What was to be put right has changed meanwhile.",
    provision="a correction names the row as it is",
    remedy="Look at the record again, and say what is still wrong.",
)
_BUSY = Refusal("lake-busy", "A census is being loaded just now.", remedy="Try again when it has ended.")
_NOT_GIVEN = Refusal(
    "item-declined",
    "The family would rather not give this item, so no value of it is held.",
    provision="UK GDPR Article 17(1)(b), (c)",
    remedy="There is nothing to put right. If the family wants it held, it takes back that it declined.",
)
_SAME = Refusal("no-change", "The new value is the one that is held already.", remedy="Say what it should be.")


@dataclass(frozen=True, slots=True)
class Ready:
    """One correction that is about to be made."""

    id: str
    wrong: Wrong
    put: Put | None = field(repr=False)
    old: str = field(repr=False)
    row: Mapping[str, str] = field(repr=False)
    year: int | None
    term: str
    note: str = field(repr=False, default="")


def _codes() -> Mapping[str, frozenset[str]]:
    """Item -> every code it has had: a value of 2015 is put right by the codes of 2015."""
    found: dict[str, frozenset[str]] = {}
    for item in lake_items():
        sets = [code_set.codes for code_set in item.code_sets]
        found[item.id] = frozenset(code.code for codes in (item.codes, *sets) for code in codes)
    return found


def new_id(entropy: Entropy) -> str:
    """A fresh number of a correction."""
    return "C-" + entropy(8).hex()


class _Makers:
    """Looks the rows up and makes each correction ready, or says why not."""

    def __init__(self, wrongs: Sequence[Wrong], config: Config, entropy: Entropy) -> None:
        self._config, self._entropy, self._keys = config, entropy, config.keyring()
        self._codes, self._vault = _codes(), Vault(config)
        self._declined = declining.in_force((Pmr(wrong.pupil), wrong.item) for wrong in wrongs)
        tables = sorted({wrong.item.partition(".")[0] for wrong in wrongs} - {IDENTITY})
        pupils = {wrong.pupil for wrong in wrongs}
        known = [table for table in tables if any(item.startswith(f"{table}.") for item in self._codes)]
        held = rows_of(pupils, known, current_snapshot(config), config) if known else {}
        self._rows: dict[tuple[str, Pmr, str], Mapping[str, Any]] = {
            (table, pupil, row_token(self._keys, table, pupil, row)): row
            for table, by_pupil in held.items()
            for pupil, rows in by_pupil.items()
            for row in rows
        }

    def _new_id(self) -> str:
        return new_id(self._entropy)

    def ready(self, wrong: Wrong, note: str = "") -> Ready | Refusal:
        """One correction, or one note beside a value when `note` is given."""
        if wrong.item.startswith(f"{IDENTITY}."):
            return self._of_identity(wrong, note)
        column = column_of(wrong.item)
        if isinstance(column, Refusal):
            return column
        if (Pmr(wrong.pupil), wrong.item) in self._declined:
            return _NOT_GIVEN
        table = wrong.item.partition(".")[0]
        row = self._rows.get((table, Pmr(wrong.pupil), wrong.row))
        if row is None:
            return _CHANGED
        old, year, term = as_text(row[column.name]), int(row["year"]), str(row["term"])
        plain = {name: as_text(value) for name, value in row.items()}
        if note:
            return Ready(self._new_id(), wrong, None, old, plain, year, term, note)
        value, problem = read_value(column, wrong.new, self._codes.get(wrong.item, frozenset()))
        if problem is not None:
            return problem
        if as_text(value) == old:
            return _SAME
        made = self._new_id()
        # When a row was recorded is not among what it is found by: engines write moments in ways of their own.
        was = {name: held for name, held in row.items() if name not in ("year", "term", "recorded_at")}
        put = Put(table, year, Term(term), Pmr(wrong.pupil), {column.name: value}, was, made)
        return Ready(made, wrong, put, old, plain, year, term)

    def _of_identity(self, wrong: Wrong, note: str) -> Ready | Refusal:
        name, pupil = wrong.item.partition(".")[2], Pmr(wrong.pupil)
        if name not in NAMES:
            return NOT_CORRECTABLE
        who = self._vault.identities([pupil]).get(pupil)
        if who is None or identity_token(who, self._config) != wrong.row:
            return _CHANGED
        row = identity_row(who)
        if note:
            return Ready(self._new_id(), wrong, None, row[name], row, None, "", note)
        problem = identity_problem(name, wrong.new, self._codes.get("census_pupil.sex", frozenset()))
        if problem is not None:
            return problem
        if wrong.new.strip() == row[name]:
            return _SAME
        return Ready(self._new_id(), wrong, None, row[name], row, None, "")


def sealed(name: str, plain: Mapping[str, Any], config: Config) -> bytes:
    """What is kept of a correction, as `history.opened` opens it."""
    return config.keyring().seal(PURPOSE, json.dumps(plain).encode(), name.encode())


def keep_rows(made: Sequence[Ready], kind: str, version: int | None, actor: str, config: Config, clock: Clock) -> None:
    """Write what was decided down, in the caller's transaction: from here on it travels, if it is to."""
    Correction.objects.bulk_create(
        (
            Correction(
                correction_id=one.id,
                kind=kind,
                pupil=one.wrong.pupil,
                item=one.wrong.item,
                year=one.year,
                term=one.term,
                sealed=sealed(
                    one.id,
                    {
                        "old": one.old,
                        "new": one.old if kind == ANNOTATED else one.wrong.new.strip(),
                        "note": one.note,
                        "row": dict(one.row),
                    },
                    config,
                ),
                wrong_since=one.wrong.wrong_since,
                case_ref=one.wrong.case,
                actor=actor,
                evidence_sha256=one.wrong.evidence_sha256,
                decided_at=clock.now(),
                version=version,
            )
            for one in made
        ),
        batch_size=1_000,
    )


def correct_items(
    wrongs: Sequence[Wrong], *, actor: str, config: Config, clock: Clock, entropy: Entropy = os.urandom
) -> list[CorrectionView | Refusal]:
    """Put many values right, as one lake version.

    Args:
        wrongs: what is wrong and what it should be; several of one row each name it as it is now.
        actor: who decided, a person id.
        config: the installation.
        clock: the time.
        entropy: randomness.

    Returns:
        For each, in order, the correction or why it was not made; those that can be made are.
    """
    return _correct(wrongs, nothing, actor=actor, config=config, clock=clock, entropy=entropy)


def _correct(
    wrongs: Sequence[Wrong], beside: Beside, *, actor: str, config: Config, clock: Clock, entropy: Entropy = os.urandom
) -> list[CorrectionView | Refusal]:
    if config.gate is not None:
        raise gate_only("puts values right")
    makers = _Makers(wrongs, config, entropy)
    ready: list[Ready | Refusal] = _each_once([makers.ready(wrong) for wrong in wrongs])
    _put_in_lake(ready, beside, actor, config, clock)
    vaulted = [one for one in ready if isinstance(one, Ready) and one.put is None]
    if vaulted:
        with transaction.atomic():
            put_identities(
                (
                    (Pmr(one.wrong.pupil), one.wrong.item.partition(".")[2], one.old, one.wrong.new.strip())
                    for one in vaulted
                ),
                config,
            )
            keep_rows(vaulted, CORRECTED, None, actor, config, clock)
            beside()
    made = views_of([one.id for one in ready if isinstance(one, Ready)], config)
    return [made[one.id] if isinstance(one, Ready) else one for one in ready]


def _put_in_lake(ready: list[Ready | Refusal], beside: Beside, actor: str, config: Config, clock: Clock) -> None:
    """Put what is ready into the lake; what cannot be becomes a refusal in its place."""
    while lake := {at: one for at, one in enumerate(ready) if isinstance(one, Ready) and one.put is not None}:
        order, made = list(lake), list(lake.values())

        def on_record(version: LakeVersionView, made: Sequence[Ready] = made) -> None:
            keep_rows(made, CORRECTED, version.number, actor, config, clock)
            beside()
            _nobody_declined(made)

        puts = [one.put for one in made if one.put is not None]
        try:
            amend(puts, config=config, clock=clock, in_transaction=on_record)
        except RowChanged as changed:
            for lost in changed.at:
                ready[order[lost]] = _CHANGED
        except _DeclinedMeanwhile as since:
            for lost in since.at:
                ready[order[lost]] = _NOT_GIVEN
        except LoadUnderWay:
            for at in order:
                ready[at] = _BUSY
        else:
            return


class _DeclinedMeanwhile(Exception):
    """A family declined while its item was being put right."""

    def __init__(self, at: Sequence[int]) -> None:
        super().__init__()
        self.at = tuple(at)


def _nobody_declined(made: Sequence[Ready]) -> None:
    """Look again, in the transaction that makes it visible: whoever declines from here on is done after it.

    Last of all in it: declining writes an entry, and so does a case's step, while it holds its case.
    """
    register.hold_log()
    since = declining.in_force((Pmr(one.wrong.pupil), one.wrong.item) for one in made)
    if since:
        raise _DeclinedMeanwhile([at for at, one in enumerate(made) if (one.wrong.pupil, one.wrong.item) in since])


def _each_once(ready: list[Ready | Refusal]) -> list[Ready | Refusal]:
    """Of two corrections of one item of one identity the first is made; of one lake row the lake itself sees to it."""
    seen: set[tuple[int, str]] = set()
    for at, one in enumerate(ready):
        if isinstance(one, Ready) and one.put is None:
            key = (one.wrong.pupil, one.wrong.item)
            if key in seen:
                ready[at] = _CHANGED
            seen.add(key)
    return ready


def correct_item(
    pupil: Pmr,
    item: str,
    row: str,
    new: str,
    *,
    wrong_since: date | None,
    case: str,
    actor: str,
    config: Config,
    clock: Clock,
    evidence_sha256: str = "",
    beside: Beside = nothing,
) -> CorrectionView | Refusal:
    """Put one value right.

    Args:
        pupil: whose.
        item: ``table.column``, or ``identity.name``.
        row: the row's token (`SubjectRecord.tokens`).
        new: the value as it should be, as text; "" when there should be none.
        wrong_since: the first day on which it was wrong; None: since it was first recorded.
        case: reference of the case.
        actor: who decided, a person id.
        config: the installation.
        clock: the time.
        evidence_sha256: of what the decision rests on, hexadecimal.
        beside: called in the transaction that makes it a fact, so that what it writes stands if and only if the
            correction does; what it raises undoes both.

    Returns:
        The correction; or why it was not made, and nothing was changed.
    """
    wrong = Wrong(int(pupil), item, row, new, wrong_since, case, evidence_sha256)
    return _correct([wrong], beside, actor=actor, config=config, clock=clock)[0]


def annotate_item(
    pupil: Pmr,
    item: str,
    row: str,
    note: str,
    *,
    case: str,
    actor: str,
    config: Config,
    clock: Clock,
    beside: Beside = nothing,
) -> CorrectionView | Refusal:
    """Put a note beside a value that stays as it is: where what is right cannot be found out.

    Args:
        pupil: whose.
        item: ``table.column``, or ``identity.name``.
        row: the row's token.
        note: the words, at most 2,000 characters; shown to the child's own family and to who decides its case.
        case: reference of the case.
        actor: who decided, a person id.
        config: the installation.
        clock: the time.
        beside: called in the transaction that writes it down, as of a correction.
    """
    if config.gate is not None:
        raise gate_only("puts notes beside values")
    note = note.strip()
    if not note or len(note) > _NOTE_MOST:
        return Refusal("note-length", f"A note has 1 to {_NOTE_MOST:,} characters.")
    wrong = Wrong(int(pupil), item, row, "", None, case)
    one = _Makers([wrong], config, os.urandom).ready(wrong, note)
    if isinstance(one, Refusal):
        return one
    with transaction.atomic():
        keep_rows([one], ANNOTATED, None, actor, config, clock)
        beside()
    return views_of([one.id], config)[one.id]
