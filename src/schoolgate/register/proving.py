"""Proofs from the published log, and comparing the database's entries with it."""

from __future__ import annotations

import base64
from itertools import islice

from django.conf import settings

from schoolgate.config import Config
from schoolgate.progress import Progress, silent
from schoolgate.register.files import TileHashes, read_tile
from schoolgate.register.journal import LogAhead, NotPublished, bodies
from schoolgate.register.note import parse_checkpoint, split_note
from schoolgate.register.publisher import published
from schoolgate.register.tiles import WIDTH, Tile
from schoolgate.register.tree import inclusion_proof, leaf_hash


def check_journal(config: Config, progress: Progress = silent) -> int:
    """Compare the database's entries with the published log's: the public page is made from the former.

    Returns:
        How many entries were compared.

    Raises:
        LogAhead: names the first entry that differs, or is missing.
    """
    checkpoint = published(config)
    size = checkpoint.size if checkpoint else 0
    entries = bodies(0, size)
    for number in range((size + WIDTH - 1) // WIDTH):
        width = min(WIDTH, size - number * WIDTH)
        hashes = read_tile(config.log, Tile(0, number, width))
        for at, body in enumerate(islice(entries, width)):
            if leaf_hash(body) != hashes[32 * at : 32 * at + 32]:
                raise LogAhead(
                    f"Entry {number * WIDTH + at} of the database is not the one that was published.",
                    hint="The database was changed; the published log is the evidence of what it held.",
                    code="log-diverged",
                )
        progress("comparing the database with the log", number * WIDTH + width, size)
    return size


def receipt_proof(index: int, config: Config | None = None) -> str:
    """The C2SP tlog-proof of one entry against the published checkpoint.

    Raises:
        NotPublished: the entry is not covered by a published checkpoint.
    """
    place: Config = config or settings.CONFIG
    path = place.log / "checkpoint"
    if not path.exists():
        raise NotPublished("Nothing has been published yet.", code="not-published")
    signed = path.read_text(encoding="utf-8")
    checkpoint = parse_checkpoint(signed)
    if index >= checkpoint.size:
        raise NotPublished("This entry is not published yet.", code="not-published")
    proof = inclusion_proof(
        index, checkpoint.size, TileHashes(checkpoint.size, lambda tile: read_tile(place.log, tile))
    )
    lines = "".join(f"{base64.b64encode(part).decode()}\n" for part in proof)
    return f"c2sp.org/tlog-proof@v1\nindex {index}\n{lines}\n{signed}"


def cosigners(config: Config) -> tuple[str, ...]:
    """The names below the published checkpoint that are not the log's own; nothing is checked here."""
    try:
        body, lines = split_note((config.log / "checkpoint").read_bytes())
    except FileNotFoundError:
        return ()
    own = parse_checkpoint(body).origin
    return tuple(dict.fromkeys(line.name for line in lines if line.name != own))
