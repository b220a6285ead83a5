"""Taking a return in: read, check, keep sealed, and only then record that it is there."""

from __future__ import annotations

import hashlib
import io
import os
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from django.db import transaction

from schoolgate.clock import Clock
from schoolgate.collect.models import Explanation, Return, ReturnFinding
from schoolgate.collect.reader import MAX_BYTES, PupilRow, ReturnHeader, ReturnUnreadable, read_return
from schoolgate.collect.rulebook import Census, Finding, RulePack, census_day, pack_for
from schoolgate.collect.rules_identity import RULES
from schoolgate.config import Config
from schoolgate.dictionary import census_shape, establishment
from schoolgate.errors import SchoolgateError
from schoolgate.ids import Laestab, Term, Urn
from schoolgate.progress import Progress, silent

_IN_FORCE = ("rejected", "needs-explanation", "accepted")


class UnknownReturn(SchoolgateError):
    """There is no such return."""


@dataclass(frozen=True, slots=True)
class Submission:
    """What became of a file.

    Attributes:
        state: rejected, needs-explanation or accepted.
        replaces: the return it replaces, when the school had sent one.
        known: whether exactly this file had been sent before; then nothing changed.
    """

    return_id: str
    state: str
    pupils: int
    findings: tuple[Finding, ...]
    replaces: str
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


def rules(year: int, term: Term) -> RulePack:
    """The rule pack in force for a census."""
    return pack_for(RULES, year, term)


def _read_all(source: Path | BinaryIO) -> bytes:
    if isinstance(source, Path):
        try:
            with source.open("rb") as file:
                return _read_all(file)
        except OSError:
            raise ReturnUnreadable("The file cannot be opened.", hint="Check the path.", code="return-open") from None
    data = source.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise ReturnUnreadable("The file is larger than 512 MiB.", hint="Send one school a file.", code="return-size")
    return data


def _school(header: ReturnHeader) -> Urn:
    if not header.urn.isdigit() or len(header.urn) != 6:
        raise ReturnUnreadable("The header's URN is not six digits.", code="return-header")
    found = establishment(int(header.urn))
    if found is None:
        raise ReturnUnreadable(
            "No school has the header's URN.", hint="Check it in the register.", code="return-school"
        )
    if found.laestab != header.laestab:
        raise ReturnUnreadable(
            "The header's LEA and Estab are not those of the school with its URN.", code="return-school"
        )
    return Urn(header.urn)


def _findings(header: ReturnHeader, rows: Iterator[PupilRow], tell: Progress) -> tuple[list[Finding], int]:
    year, term = int(header.year), Term(header.term)
    pack = rules(year, term)
    census = Census(header, census_shape(year, term), census_day(year, term))
    found: list[Finding] = []
    if header.reference_date != census.census_day:
        found.append(
            Finding(
                "100",
                "error",
                0,
                "referencedate",
                "The reference date is not census day.",
                f"It is {census.census_day}.",
            )
        )
    seen: Counter[str] = Counter()
    places: dict[str, list[int]] = {}
    count = 0
    for row in rows:
        count += 1
        found += pack.check_row(row, census)
        upn = hashlib.sha256(row.fields.get("upn", "").encode()).hexdigest()
        if row.fields.get("upn"):
            seen[upn] += 1
            places.setdefault(upn, []).append(row.row)
        if count % 500 == 0:
            tell("checking pupils", count, None)
    for upn, times in seen.items():
        if times > 1:
            found += [
                Finding("1520", "error", row, "upn", "More than one pupil of this return has this UPN.", "Check both.")
                for row in places[upn]
            ]
    return found, count


def paper_path(return_id: str, config: Config) -> Path:
    """Where a return's sealed paper lies."""
    return config.papers / f"{return_id}.sealed"


def _keep(return_id: str, data: bytes, config: Config, step: Callable[[str], None]) -> None:
    config.papers.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = paper_path(return_id, config)
    fresh = path.with_suffix(".new")
    with open(fresh, "wb") as file:
        file.write(config.keyring().seal("paper", zlib.compress(data, 6), return_id.encode()))
        file.flush()
        os.fsync(file.fileno())
    step("paper written")
    os.replace(fresh, path)
    step("paper kept")


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
    data = _read_all(source)
    digest = hashlib.sha256(data).hexdigest()
    header, rows = read_return(io.BytesIO(data))
    urn = _school(header)
    found, pupils = _findings(header, rows, progress)
    year, term = int(header.year), Term(header.term)
    before = Return.objects.filter(urn=int(urn), year=year, term=str(term), state__in=_IN_FORCE).first()
    if before is not None and before.sha256 == digest:
        return Submission(before.return_id, before.state, pupils, tuple(found), "", True)
    kinds = {finding.kind for finding in found}
    state = "rejected" if "error" in kinds else "needs-explanation" if "query" in kinds else "accepted"
    return_id = f"{year}-{term}-{urn}-{os.urandom(4).hex()}"
    step("checked")
    _keep(return_id, data, config, step)
    with transaction.atomic():
        replaced = (
            Return.objects.select_for_update()
            .filter(urn=int(urn), year=year, term=str(term), state__in=_IN_FORCE)
            .first()
        )
        row = Return.objects.create(
            return_id=return_id, urn=int(urn), laestab=header.laestab, year=year, term=str(term), state=state,
            sha256=digest, pupils=pupils, received_at=clock.now(), actor=actor,
        )  # fmt: skip
        ReturnFinding.objects.bulk_create(
            (ReturnFinding(of=row, rule=f.rule, row=f.row, item=f.item) for f in found), batch_size=400
        )
        if replaced is not None:
            replaced.state, replaced.replaced_by = "replaced", return_id
            replaced.save(update_fields=["state", "replaced_by"])
    step("recorded")
    return Submission(return_id, state, pupils, tuple(found), replaced.return_id if replaced else "", False)


def explain(return_id: str, rule: str, text: str, *, actor: str, clock: Clock) -> str:
    """Explain what a query asks about; the return is accepted when every query is explained.

    Returns:
        The return's state afterwards.

    Raises:
        UnknownReturn: no such return, or it does not wait for an explanation of this rule.
        SchoolgateError: an empty explanation.
    """
    if len(text.strip()) < 10:
        raise SchoolgateError("Explain in a sentence why this is right.", code="explanation-short")
    with transaction.atomic():
        row = Return.objects.select_for_update().filter(return_id=return_id, state="needs-explanation").first()
        if row is None or not row.findings.filter(rule=rule).exists():
            raise UnknownReturn("No return waits for this explanation.", code="return-unknown")
        Explanation.objects.update_or_create(
            of=row, rule=rule, defaults={"text": text.strip(), "actor": actor, "at": clock.now()}
        )
        asked = set(row.findings.values_list("rule", flat=True))
        if asked <= set(row.explanations.values_list("rule", flat=True)):
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
    """A return's header and pupils, from its sealed paper.

    Raises:
        UnknownReturn: there is no such paper.
    """
    try:
        sealed = paper_path(return_id, config).read_bytes()
    except OSError:
        raise UnknownReturn("The return's paper is missing.", code="paper-missing") from None
    return read_return(io.BytesIO(zlib.decompress(config.keyring().unseal("paper", sealed, return_id.encode()))))
