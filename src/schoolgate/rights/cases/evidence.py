"""Files that belong to a case: taken in pieces, checked whole, sealed, and handed out to be saved."""

from __future__ import annotations

import base64
import binascii
import hashlib

from django.db import transaction
from django.db.models import Sum

from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.errors import Refusal, Refused
from schoolgate.rights.cases.kept import locked, note, seal, unknown, unseal
from schoolgate.rights.cases.models import Case, Evidence, EvidencePiece
from schoolgate.rights.cases.scanning import MOST_BYTES, MOST_BYTES_IN_ALL, MOST_FILES, checked
from schoolgate.rights.cases.states import OVER
from schoolgate.rights.cases.views import FileOut, Said

PIECE = 128 << 10
"""Bytes of a piece: as base64 it fits into a request to the gate's process."""

_NOT_WHOLE = Refusal("file-piece", "A piece of the file did not arrive whole.", where="file")


def take_piece(row: Case, number: int, data: str, actor: str, *, config: Config, clock: Clock) -> int | Refused:
    """Take in one piece of a file; number 0 begins a new one and drops what was left of another.

    Args:
        row: the case, which whoever asks may see.
        number: from 0, in order.
        data: at most `PIECE` bytes, as base64.
        actor: who sends it.
        config: the installation.
        clock: the time.

    Returns:
        How many pieces there are now, or why it is not taken.
    """
    try:
        piece: bytes | None = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        piece = None
    with transaction.atomic():
        case = locked(row.reference)
        found = _closed(case)
        pieces = EvidencePiece.objects.filter(case=case, actor=actor)
        if number == 0:
            pieces.delete()
        if piece is None or number != pieces.count() or len(piece) > PIECE:
            found.append(_NOT_WHOLE)
        if number * PIECE >= MOST_BYTES:
            found.append(Refusal("file-size", "A file has at most 10 MB.", where="file"))
        if found or piece is None:
            return Refused(tuple(found))
        sealed = seal(config, piece, case.reference, actor, "piece", number)
        EvidencePiece.objects.create(case=case, actor=actor, number=number, data=sealed, at=clock.now())
    return number + 1


def _closed(case: Case) -> list[Refusal]:
    if case.state in OVER:
        return [Refusal("case-over", "This case is closed.", remedy="Begin a new one.")]
    return []


def add_file(
    row: Case, name: str, sha256: str, role: str, actor: str, *, config: Config, clock: Clock
) -> int | Refused:
    """Keep the file whose pieces were taken in, as it was put together anew.

    Looking into it can take a minute: meanwhile the case is not locked, and other families' writing does not wait.

    Args:
        row: the case, which whoever asks may see.
        name: as the sender's machine calls it; it is cleaned.
        sha256: of the whole, in hexadecimal.
        role: ``family`` or ``custodian``.
        actor: who sends it.
        config: the installation.
        clock: the time.

    Returns:
        The file's number in the case, or every reason why it is not kept; what was taken in of it is gone then.
    """
    content = _taken_in(row, actor, config)
    whole = hashlib.sha256(content).hexdigest() == sha256
    file = checked(name, content, config)
    with transaction.atomic():
        case = locked(row.reference)
        found = [*_closed(case), *([] if whole else [_NOT_WHOLE])]
        if isinstance(file, Refused):
            found += file.reasons
        held = case.evidence.aggregate(size=Sum("size"))["size"] or 0
        size = len(content) if isinstance(file, Refused) else len(file.content)
        if case.evidence.count() >= MOST_FILES or held + size > MOST_BYTES_IN_ALL:
            words = f"A case has at most {MOST_FILES} files, and 25 MB in all."
            found.append(Refusal("file-size", words, where="file"))
        if found or isinstance(file, Refused):
            return Refused(tuple(found))
        number = case.evidence.count() + 1
        Evidence.objects.create(
            case=case, number=number, kind=file.kind, size=size, role=role, actor=actor, at=clock.now(),
            name=seal(config, file.name.encode(), case.reference, "name", number),
            content=seal(config, file.content, case.reference, "content", number),
        )  # fmt: skip
        note(case, "add_file", case.state, role, actor, Said(text=file.name), config, clock)
    return number


def _taken_in(row: Case, actor: str, config: Config) -> bytes:
    """The pieces put together; they are taken away, so that of two orders for one file only the first finds it."""
    with transaction.atomic():
        case = locked(row.reference)
        pieces = list(EvidencePiece.objects.filter(case=case, actor=actor).order_by("number"))
        EvidencePiece.objects.filter(case=case, actor=actor).delete()
    return b"".join(unseal(config, one.data, case.reference, actor, "piece", one.number) for one in pieces)


def file_of(row: Case, number: int, config: Config) -> FileOut:
    """One file, whole.

    Raises:
        UnknownCase: the case has no such file.
    """
    held = row.evidence.filter(number=number).first()
    if held is None:
        raise unknown()
    content = unseal(config, held.content, row.reference, "content", number)
    name = unseal(config, held.name, row.reference, "name", number).decode()
    return FileOut(name, held.kind, base64.b64encode(content).decode())
