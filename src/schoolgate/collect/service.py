"""Taking a return in: read, check and seal in one pass, and only then record that it is there.

A return is never whole in memory and never plain on disk. The paper is sealed as it is read, into a file that
takes its name only when the whole return was read; a hostile file leaves nothing behind.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from django.db import IntegrityError, transaction

from schoolgate import declining
from schoolgate.clock import Clock
from schoolgate.collect.checking import Checked, RuleCount, check
from schoolgate.collect.explanation import explained
from schoolgate.collect.guard import Readable, ReturnUnreadable
from schoolgate.collect.models import Explanation, FindingCount, Return, ReturnFinding
from schoolgate.collect.pack import rules
from schoolgate.collect.paper import PaperReader, PaperWriter
from schoolgate.collect.reader import PupilRow, ReturnHeader, read_return
from schoolgate.collect.rulebook import Census, Finding
from schoolgate.config import Config
from schoolgate.dictionary import NoShape, census_shape, establishment
from schoolgate.errors import SchoolgateError
from schoolgate.ids import Laestab, Term, Urn
from schoolgate.progress import Progress, silent

_OPEN = ("rejected", "needs-explanation")
_STALE_HOURS = 24
_TOGETHER = 20
"""Files of one school that may be recorded at the same moment."""


class UnknownReturn(SchoolgateError):
    """There is no such return."""


@dataclass(frozen=True, slots=True)
class Submission:
    """What became of a file.

    Attributes:
        state: rejected, needs-explanation or accepted.
        findings: what the rules found; of each rule at most `KEPT_PER_RULE`.
        counts: every rule that was broken, with the true number.
        replaces: the return it replaces, when the school had sent one.
        stays_in_force: the accepted return that stays loaded until this one is accepted.
        known: whether exactly this file had been sent before; then nothing new was kept.
    """

    return_id: str
    year: int
    term: str
    state: str
    pupils: int
    findings: tuple[Finding, ...]
    counts: tuple[RuleCount, ...]
    replaces: str
    stays_in_force: str
    known: bool


@dataclass(frozen=True, slots=True)
class ReturnRef:
    """An accepted return."""

    return_id: str
    urn: Urn
    laestab: Laestab
    year: int
    term: Term
    received_at: datetime


def _nothing(step: str) -> None:
    """Called after each durable step; tests end the process here."""


def _school(header: ReturnHeader) -> Urn:
    if not (header.urn.isascii() and header.urn.isdigit() and len(header.urn) == 6):
        raise ReturnUnreadable(
            "The header's URN is not six digits.", hint="Enter the school's URN in the header.", code="return-header"
        )
    found = establishment(int(header.urn))
    if found is None:
        raise ReturnUnreadable(
            "No school has the header's URN.", hint="Check it on Get Information about Schools.", code="return-school"
        )
    if found.laestab != header.laestab:
        raise ReturnUnreadable(
            "The header's LEA and Estab are not those of the school with its URN.",
            hint="Check all three on Get Information about Schools.",
            code="return-school",
        )
    return Urn(header.urn)


def _census(header: ReturnHeader, config: Config) -> Census:
    try:
        shape = census_shape(int(header.year), Term(header.term))
        return Census(header, shape, lambda upns: declining.declined_by_upn(upns, config))
    except NoShape as problem:
        raise ReturnUnreadable(
            problem.what, hint="Check the term and the year in the header.", code="return-census"
        ) from None


def paper_path(return_id: str, config: Config) -> Path:
    """Where a return's sealed paper lies."""
    return config.papers / f"{return_id}.sealed"


class _Spool:
    """The file on its way in: what the parser reads is hashed and, once the return has a name, sealed."""

    def __init__(self, source: Readable) -> None:
        self._source, self._hash = source, hashlib.sha256()
        self._held: list[bytes] = []
        self._writer: PaperWriter | None = None
        self._file: BinaryIO | None = None
        self._fresh: Path | None = None

    def read(self, size: int = -1, /) -> bytes:
        """Read on."""
        piece = self._source.read(size)
        self._hash.update(piece)
        if self._writer is None:
            self._held.append(piece)
        else:
            self._writer.write(piece)
        return piece

    def begin(self, return_id: str, config: Config) -> None:
        """Give the paper its name and start sealing; before the header is read there is none to give."""
        config.papers.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._fresh = paper_path(return_id, config).with_suffix(".new")
        descriptor = os.open(self._fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = os.fdopen(descriptor, "wb")
        self._writer = PaperWriter(self._file, config.keyring(), return_id)
        for piece in self._held:
            self._writer.write(piece)
        self._held.clear()

    @property
    def digest(self) -> str:
        """SHA-256 of what was read."""
        return self._hash.hexdigest()

    def keep(self, step: Callable[[str], None]) -> None:
        """Seal the end, and give the file its name once it is on disk."""
        if self._writer is None or self._file is None or self._fresh is None:
            raise ReturnUnreadable("The file holds no return.", code="return-empty")
        self._writer.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        step("paper written")
        os.replace(self._fresh, self._fresh.with_suffix(".sealed"))
        directory = os.open(self._fresh.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
        self._fresh = None
        step("paper kept")

    def close(self) -> None:
        """Leave nothing behind unless it was kept."""
        if self._file is not None:
            self._file.close()
        if self._fresh is not None:
            self._fresh.unlink(missing_ok=True)


def _sweep(config: Config, clock: Clock) -> None:
    """Remove half-written papers of processes that ended a day ago or longer; they are sealed and nobody's."""
    if not config.papers.is_dir():
        return
    oldest = clock.now().timestamp() - _STALE_HOURS * 3600
    for path in config.papers.glob("*.new"):
        with suppress(FileNotFoundError):  # another submission's paper, kept under its own name meanwhile
            if path.stat().st_mtime < oldest:
                path.unlink()


def submit(
    source: Path | BinaryIO,
    *,
    clock: Clock,
    config: Config,
    actor: str,
    progress: Progress = silent,
    step: Callable[[str], None] = _nothing,
) -> Submission:
    """Take a return in.

    The paper is sealed and on disk before the row that says so; a crash in between leaves a paper nobody
    knows of, and the file can be sent again.

    Raises:
        ReturnUnreadable: hostile or not a return of a known school; nothing was kept.
    """
    _sweep(config, clock)
    if isinstance(source, Path):
        if source.is_dir():
            raise ReturnUnreadable(
                "This is a directory, not a file.", hint="Name the returns that are in it.", code="return-open"
            )
        try:
            opened = source.open("rb")
        except OSError:
            raise ReturnUnreadable("The file cannot be opened.", hint="Check the path.", code="return-open") from None
        with opened as file:
            return submit(file, clock=clock, config=config, actor=actor, progress=progress, step=step)
    with closing(_Spool(source)) as spool:
        header, rows = read_return(spool)
        urn, census = _school(header), _census(header, config)
        return_id = f"{census.year}-{census.term}-{urn}-{os.urandom(4).hex()}"
        spool.begin(return_id, config)
        checked = check(rules(census.year, census.term), census, rows, progress)
        again = _sent_before(urn, census, spool.digest)
        if again is not None:
            return _known(again, census, checked)
        step("checked")
        spool.keep(step)
        row = Return(
            return_id=return_id, urn=int(urn), laestab=header.laestab, year=census.year, term=str(census.term),
            state=checked.state, sha256=spool.digest, pupils=checked.pupils, received_at=clock.now(), actor=actor,
        )  # fmt: skip
    replaces, stays = _record_among_others(row, checked)
    step("recorded")
    return Submission(
        return_id, census.year, str(census.term), checked.state, checked.pupils, checked.findings, checked.counts,
        replaces, stays, False,
    )  # fmt: skip


def _of_school(urn: int, year: int, term: str, *states: str) -> Return | None:
    found: Return | None = (
        Return.objects.select_for_update().filter(urn=urn, year=year, term=term, state__in=states).first()
    )
    return found


def _sent_before(urn: Urn, census: Census, digest: str) -> Return | None:
    """The open or accepted return that is this very file, if there is one."""
    found: Return | None = Return.objects.filter(
        urn=int(urn), year=census.year, term=str(census.term), state__in=(*_OPEN, "accepted"), sha256=digest
    ).first()
    return found


def _known(row: Return, census: Census, checked: Checked) -> Submission:
    """The same file again. A school that sends its accepted file again takes an open correction back."""
    replaces = ""
    if row.state == "accepted":
        with transaction.atomic():
            correction = _of_school(row.urn, row.year, row.term, *_OPEN)
            if correction is not None:
                replaces = correction.return_id
                _replace(correction, row.return_id)
    return Submission(
        row.return_id, census.year, str(census.term), row.state, checked.pupils, checked.findings, checked.counts,
        replaces, "", True,
    )  # fmt: skip


def _replace(row: Return, by: str) -> None:
    row.state, row.replaced_by = "replaced", by
    row.save(update_fields=["state", "replaced_by"])


def _record_among_others(row: Return, checked: Checked) -> tuple[str, str]:
    """Record the return although others of the same school may be recorded at the same moment.

    On PostgreSQL who waited for the return before finds it replaced, and not the one that replaced it, which was not
    there when the question began: the database's rule of one open and one accepted return then refuses, and the
    question is asked anew. Of any number at least one succeeds each time.
    """
    for _ in range(_TOGETHER):
        try:
            return _record(row, checked)
        except IntegrityError:
            row.pk = None
    return _record(row, checked)


def _record(row: Return, checked: Checked) -> tuple[str, str]:
    """Write the return, and what it does to those before it.

    Of a school and census at most one return is accepted and at most one is open. A newer file replaces the open
    one. The accepted one stays in force, and is what the next load reads, until a newer one is accepted: a
    correction that is itself broken must not make a school's pupils vanish from the term.

    Returns:
        The return it replaces, and the accepted one that stays in force; "" for none.
    """
    with transaction.atomic():
        before = _of_school(row.urn, row.year, row.term, *_OPEN)
        accepted = _of_school(row.urn, row.year, row.term, "accepted")
        displaced = [one for one in (before, accepted if row.state == "accepted" else None) if one is not None]
        for one in displaced:
            _replace(one, row.return_id)
        row.save(force_insert=True)
        ReturnFinding.objects.bulk_create(
            (ReturnFinding(of=row, rule=f.rule, row=f.row, item=f.item) for f in checked.findings), batch_size=400
        )
        FindingCount.objects.bulk_create(
            FindingCount(of=row, rule=count.rule, kind=count.kind, times=count.times) for count in checked.counts
        )
    stays = accepted.return_id if accepted is not None and row.state != "accepted" else ""
    return (displaced[-1].return_id if displaced else ""), stays


def explain(return_id: str, rule: str, text: str, *, actor: str, clock: Clock) -> str:
    """Explain what a query asks about; the return is accepted when every query is explained.

    Returns:
        The return's state afterwards.

    Raises:
        UnknownReturn: no such return, or it does not wait for an explanation of this rule.
        SchoolgateError: an empty explanation, or one that points at a pupil.
    """
    words = explained(text)
    with transaction.atomic():
        row = Return.objects.select_for_update().filter(return_id=return_id, state="needs-explanation").first()
        if row is None or not row.findings.filter(rule=rule).exists():
            raise UnknownReturn("No return waits for this explanation.", code="return-unknown")
        Explanation.objects.update_or_create(
            of=row, rule=rule, defaults={"text": words, "actor": actor, "at": clock.now()}
        )
        asked = set(row.findings.values_list("rule", flat=True))
        if asked <= set(row.explanations.values_list("rule", flat=True)):
            accepted = _of_school(row.urn, row.year, row.term, "accepted")
            if accepted is not None:
                _replace(accepted, row.return_id)
            row.state = "accepted"
            row.save(update_fields=["state"])
        return row.state


def accepted_returns(year: int, term: Term) -> tuple[ReturnRef, ...]:
    """Accepted returns of a census, by school."""
    rows = Return.objects.filter(year=year, term=str(term), state="accepted").order_by("urn")
    return tuple(
        ReturnRef(row.return_id, Urn(row.urn), Laestab(row.laestab), row.year, Term(row.term), row.received_at)
        for row in rows
    )


def open_paper(return_id: str, config: Config) -> tuple[ReturnHeader, Iterator[PupilRow]]:
    """A return's header and pupils, from its sealed paper, as they are read.

    Raises:
        UnknownReturn: there is no such paper.
        SealBroken: the paper was changed or cut off; also while the pupils are read.
    """
    try:
        file = paper_path(return_id, config).open("rb")
    except OSError:
        raise UnknownReturn("The return's paper is missing.", code="paper-missing") from None
    try:
        header, rows = read_return(PaperReader(file, config.keyring(), return_id))
    except BaseException:
        file.close()
        raise

    def all_rows() -> Iterator[PupilRow]:
        with file:
            yield from rows

    return header, all_rows()
