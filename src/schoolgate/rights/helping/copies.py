"""A copy of the record that goes out with a letter: printed by staff, and the family sees that staff printed it."""

from __future__ import annotations

from django.db import transaction

from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.errors import Refusal, Refused
from schoolgate.rights import packs
from schoolgate.rights.claims import UnknownLink, child
from schoolgate.rights.helping.models import PaperLetter
from schoolgate.rights.models import OnBehalf


def copy_to_post(letter: int, at: int, *, actor: str, config: Config, clock: Clock) -> str | Refused:
    """A part of the PDF that goes with a letter that waits, from a byte on, as base64; empty at the end.

    Who prints it can read it, so that it was printed is noted with its first part, for the family to see.
    """
    row = PaperLetter.objects.select_related("link").filter(public_id=letter, posted_at=None).first()
    if row is None or row.link is None or row.about.get("act") != "copy-ask":
        return _not_there()
    try:
        link = child(row.link.account_id, row.link.public_id, config=config, clock=clock)
    except UnknownLink:
        return _not_there()
    pack = packs.own_pack(link)
    if pack is None or not pack.can_be_fetched:
        return _not_there()
    with transaction.atomic():
        piece = packs.pack_piece(link, pack.id, "pdf", at, config=config, clock=clock)
        if at == 0 and not isinstance(piece, Refused):
            why = "The copy was printed, to be posted."
            OnBehalf.objects.create(link=row.link, person=actor, act="copy-piece", reason=why, at=clock.now())
    return piece


def _not_there() -> Refused:
    return Refused((Refusal("copy-unknown", "There is no copy to print.", remedy="It may not be made yet."),))
