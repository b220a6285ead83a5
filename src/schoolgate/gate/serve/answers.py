"""Answers as frames and back: a result, a refusal, a child's record, a value, a failure."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any, TypeVar

import pyarrow as pa

from schoolgate import consent, ledger, requests
from schoolgate.errors import Refusal, SchoolgateError
from schoolgate.gate.handover import Handover, RefusedQuery, SubjectRecord
from schoolgate.gate.serve.frames import Frame, Malformed
from schoolgate.gate.serve.lane import GateBusy
from schoolgate.gate.serve.values import from_json, to_json
from schoolgate.gate.settle import NotAMember
from schoolgate.gate.writing import write_stream
from schoolgate.records.read import NoData
from schoolgate.records.vault import UnknownPupil

_T = TypeVar("_T")

_FAILURES: Mapping[str, type[SchoolgateError]] = {
    kind.__name__: kind
    for kind in (
        GateBusy, NotAMember, NoData, UnknownPupil,
        requests.UnknownRequest, consent.UnknownPurpose, ledger.UnknownRelease,
    )
}  # fmt: skip
"""Failures that a caller may tell apart; every other is a plain `SchoolgateError` with its code."""


def value_frame(value: object) -> Frame:
    """A plain value."""
    return Frame({"value": to_json(value)})


def failure_frame(problem: SchoolgateError) -> Frame:
    """A failure, in its own words: they hold no value of a pupil (`schoolgate.errors`)."""
    kind = type(problem).__name__ if type(problem) in _FAILURES.values() else ""
    return Frame({"failed": {"kind": kind, "what": problem.what, "hint": problem.hint, "code": problem.code}})


def _stream(table: pa.Table) -> bytes:
    held = io.BytesIO()
    write_stream(table, held)
    return held.getvalue()


def _table(part: bytes) -> pa.Table:
    try:
        with pa.ipc.open_stream(part) as stream:
            return stream.read_all()
    except pa.ArrowException:
        raise _strange() from None


def read_frame(answer: Handover | RefusedQuery) -> Frame:
    """What a read gave. A file that is the result's own stream is sent once."""
    if isinstance(answer, RefusedQuery):
        return Frame({"refused": to_json(answer)})
    parts = [_stream(answer.table)]
    files: dict[str, int] = {}
    for name, data in answer.files.items():
        if data == parts[0]:
            files[name] = 0
        else:
            files[name] = len(parts)
            parts.append(data)
    header = {
        "release_id": answer.release_id, "receipt": answer.receipt, "log_index": answer.log_index, "files": files,
    }  # fmt: skip
    return Frame({"handover": header}, tuple(parts))


def record_frame(record: SubjectRecord) -> Frame:
    """A child's record: each table's rows as Arrow, whose types a JSON number does not have."""
    names, known = list(record.tables), list(record.sources)
    rows = [*(record.tables[name] for name in names), *(record.sources[name] for name in known)]
    tokens = {name: list(own) for name, own in record.tokens.items()}
    told = {"identity": dict(record.identity), "receipt": record.receipt, "tokens": tokens}
    return Frame(
        {"record": {**told, "tables": names, "sources": known}},
        tuple(_stream(pa.Table.from_pylist([dict(row) for row in held])) for held in rows),
    )


def found_frame(found: int | Refusal) -> Frame:
    """A school's own pupil, or the refusal."""
    return Frame({"refusal": to_json(found)}) if isinstance(found, Refusal) else value_frame(int(found))


def _strange() -> Malformed:
    return Malformed("The gate's answer is not understood.", hint="Is it of this release?", code="answer")


def _part_of(frame: Frame, name: str) -> Any:
    """The part of an answer that is called so.

    Raises:
        SchoolgateError: the gate failed, in the gate's words; or the answer is another.
    """
    failed = frame.header.get("failed")
    if isinstance(failed, dict):
        kind = _FAILURES.get(str(failed.get("kind")), SchoolgateError)
        raise kind(str(failed.get("what")), hint=str(failed.get("hint")), code=str(failed.get("code")))
    if name not in frame.header:
        raise _strange()
    return frame.header[name]


def value_of(frame: Frame, kind: Any) -> Any:
    """The plain value."""
    return from_json(kind, _part_of(frame, "value"))


def read_of(frame: Frame) -> Handover | RefusedQuery:
    """What a read gave."""
    if "refused" in frame.header:
        return from_json(RefusedQuery, _part_of(frame, "refused"))
    held = _part_of(frame, "handover")
    try:
        return Handover(
            table=_table(frame.parts[0]),
            release_id=from_json(str, held["release_id"]),
            receipt=held["receipt"],
            log_index=from_json(int, held["log_index"]),
            files={name: frame.parts[at] for name, at in held["files"].items()},
        )
    except (KeyError, IndexError, TypeError, AttributeError):
        raise _strange() from None


def record_of(frame: Frame) -> SubjectRecord:
    """A child's record."""
    held = _part_of(frame, "record")
    try:
        names, known = held["tables"], held["sources"]
        rows = [tuple(_table(part).to_pylist()) for part in frame.parts]
        return SubjectRecord(
            identity=from_json(Mapping[str, str], held["identity"]),  # type: ignore[type-abstract]
            tables={str(name): part for name, part in zip(names, rows[: len(names)], strict=True)},
            receipt=held["receipt"],
            sources={str(name): part for name, part in zip(known, rows[len(names) :], strict=True)},
            tokens=from_json(Mapping[str, tuple[str, ...]], held["tokens"]),  # type: ignore[type-abstract]
        )
    except (KeyError, ValueError, TypeError):
        raise _strange() from None


def found_of(frame: Frame) -> int | Refusal:
    """A school's own pupil, or the refusal."""
    if "refusal" in frame.header:
        return from_json(Refusal, _part_of(frame, "refusal"))
    return int(value_of(frame, int))
