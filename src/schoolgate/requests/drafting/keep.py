"""Attachments: taken in pieces, checked, kept once by their SHA-256."""

from __future__ import annotations

import base64
import binascii
import hashlib

from django.db import transaction

from schoolgate import people
from schoolgate.clock import Clock
from schoolgate.errors import Refusal, Refused
from schoolgate.requests.drafting.filetype import MOST_BYTES, MOST_BYTES_IN_ALL, MOST_FILES, check_file
from schoolgate.requests.drafting.found import as_attachment, draft_row
from schoolgate.requests.drafting.models import Content, Draft, DraftAttachment, UploadPiece
from schoolgate.requests.drafting.views import Attachment
from schoolgate.requests.drafting.write import touch, writer_problems

PIECE = 128 << 10
"""Bytes of a piece: as base64 it fits into a request to the gate's process."""


def attach_piece(reference: str, number: int, data: str, actor: str, clock: Clock) -> int | Refused:
    """Take in one piece of a file; number 0 begins a new one and drops what was left of another.

    Args:
        reference: the draft.
        number: from 0, in order.
        data: at most `PIECE` bytes, as base64.
        actor: who attaches.
        clock: the time.

    Returns:
        How many pieces there are now, or why it is not taken.

    Raises:
        UnknownDraft: there is none, or it is not the actor's to see.
    """
    person = people.person(actor)
    try:
        piece: bytes | None = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        piece = None
    with transaction.atomic():
        row = draft_row(reference, person, locked=True)
        found = writer_problems(row, person)
        if number == 0:
            UploadPiece.objects.filter(draft=row, person=actor).delete()
        have = UploadPiece.objects.filter(draft=row, person=actor).count()
        if piece is None or number != have or len(piece) > PIECE:
            found.append(Refusal("file-piece", "A piece of the file did not arrive whole.", where="file"))
        if number * PIECE >= MOST_BYTES:
            found.append(Refusal("file-size", "A file has at most 5 MB.", where="file"))
        if found or piece is None:
            return Refused(tuple(found))
        UploadPiece.objects.create(draft=row, person=actor, number=number, data=piece, at=clock.now())
    return have + 1


def attach(reference: str, name: str, sha256: str, actor: str, clock: Clock) -> Attachment | Refused:
    """Attach the file whose pieces were taken in.

    Args:
        reference: the draft.
        name: as the writer's machine calls it; it is cleaned.
        sha256: of the whole, in hexadecimal.
        actor: who attaches.
        clock: the time.

    Raises:
        UnknownDraft: there is none, or it is not the actor's to see.
    """
    person = people.person(actor)
    with transaction.atomic():
        row = draft_row(reference, person, locked=True)
        pieces = UploadPiece.objects.filter(draft=row, person=actor).order_by("number")
        content = b"".join(bytes(one.data) for one in pieces)
        pieces.delete()
        found = writer_problems(row, person)
        if hashlib.sha256(content).hexdigest() != sha256:
            found.append(Refusal("file-piece", "A piece of the file did not arrive whole.", where="file"))
        checked = check_file(name, content)
        if isinstance(checked, Refused):
            found += checked.reasons
        elif not found:
            found += _room(row, checked.name, sha256, len(content))
        if found or isinstance(checked, Refused):
            return Refused(tuple(found))
        kept, _ = Content.objects.get_or_create(sha256=sha256, defaults={"size": len(content), "data": content})
        made = DraftAttachment.objects.create(
            draft=row, content=kept, name=checked.name, kind=checked.kind, by=actor, at=clock.now()
        )
        touch(row, clock)
    return as_attachment(made)


def _room(row: Draft, name: str, sha256: str, size: int) -> list[Refusal]:
    present = list(row.attachments.select_related("content").filter(removed_at=None))
    found = []
    if any(one.name == name for one in present):
        found.append(
            Refusal("file-name", "There is an attachment of this name.", remedy="Take it away first.", where="file")
        )
    # A file is known by its content, so one under two names could not be told apart when one is taken away.
    found += [
        Refusal("file-twice", f"This file is attached already, as {one.name}.", where="file")
        for one in present
        if one.content.sha256 == sha256 and one.name != name
    ]
    if len(present) >= MOST_FILES or sum(one.content.size for one in present) + size > MOST_BYTES_IN_ALL:
        found.append(
            Refusal("file-size", f"All attachments together have at most 25 MB and {MOST_FILES} files.", where="file")
        )
    return found


def detach(reference: str, sha256: str, actor: str, clock: Clock) -> str | Refused:
    """Take an attachment away. What no version holds and no other draft has is deleted for good.

    Raises:
        UnknownDraft: there is none, or it is not the actor's to see.
    """
    person = people.person(actor)
    with transaction.atomic():
        row = draft_row(reference, person, locked=True)
        found = writer_problems(row, person)
        held = row.attachments.filter(removed_at=None, content__sha256=sha256).select_related("content").first()
        if held is None:
            found.append(Refusal("file-unknown", "There is no such attachment.", where="file"))
        if found or held is None:
            return Refused(tuple(found))
        handed_in = {one["sha256"] for version in row.versions.all() for one in version.attachments}
        if sha256 in handed_in:
            held.removed_at = clock.now()
            held.save(update_fields=["removed_at"])
        else:
            content = held.content
            held.delete()
            if not DraftAttachment.objects.filter(content=content).exists():
                content.delete()
        touch(row, clock)
    return sha256
