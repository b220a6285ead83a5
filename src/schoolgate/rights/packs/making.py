"""Making a pack: one read through the gate, written in every form, sealed; then the row says that it is ready.

Run by the worker of the gate's user. Ended at any point, it is begun again from the start: the read that was made
stays in the log as a read, for it was one, and the files of a pack that is not ready are written over.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.db import transaction

from schoolgate import consent, dictionary, oversight
from schoolgate.clock import Clock, day_of
from schoolgate.config import Config, gate_only
from schoolgate.errors import SchoolgateError
from schoolgate.ids import Pmr
from schoolgate.rights.claims import UnknownLink, child
from schoolgate.rights.corrected import items_held
from schoolgate.rights.lines import lines_for
from schoolgate.rights.packs import forms, keep
from schoolgate.rights.packs.asking import KEPT_DAYS, emptied, names_places, note, step
from schoolgate.rights.packs.document import Held, as_values
from schoolgate.rights.packs.known import controller_lines, known_of
from schoolgate.rights.packs.models import Pack
from schoolgate.rights.packs.withheld import Decision, Facts, identity_without, told, without
from schoolgate.rights.record import my_record
from schoolgate.rights.views import ChildLink

_CLOSED = frozenset({"subject-access-closed", "link-unknown"})
"""What closes the way to a pack for good: access is closed, or the account's link has ended."""


_READS = 3
"""Reads that one pack is tried with: each is in the child's list, and a fault of ours must not fill it."""


def _nothing(step: str) -> None:
    """Called after each durable step; tests end the process here to show that nothing is half done."""


def make_pack(pack: str, *, config: Config, clock: Clock, at: Callable[[str], None] = _nothing) -> bool:
    """Make one pack; whether it was made now.

    Raises:
        SchoolgateError: this is not the gate's process; or it could not be made now and is tried again later.
    """
    if config.gate is not None:
        raise gate_only("makes a family's copy")
    row = Pack.objects.filter(public_id=pack, state="asked").first()
    if row is None:
        return False
    if row.steps.filter(event="read").count() >= _READS:
        raise SchoolgateError(
            "A family's copy could not be written after several reads of the record.",
            hint="Look at the task's first failure; nothing is read again until it is mended.",
            code="pack-stuck",
        )
    try:
        link = child(row.account_id, row.link_id, config=config, clock=clock)
        _stage(pack, "reads")
        held, items, keeping = _gathered(row, link, config, clock)
    except SchoolgateError as closed:
        if closed.code not in _CLOSED:
            raise
        _close(pack, clock)
        return False
    with transaction.atomic():
        note(row, "read", None, clock.now())
    at("read")
    _stage(pack, "writes")
    made = forms.made(as_values(held, items, keeping))
    sealed_key = keep.seal(pack, made, config)
    at("sealed")
    with transaction.atomic():
        row = Pack.objects.select_for_update().get(public_id=pack)
        if row.state != "asked":
            return False
        now = clock.now()
        step(row, "make", "gate", "made", None, now)
        row.stage, row.made_at, row.until = "", now, day_of(now) + timedelta(days=KEPT_DAYS)
        row.sealed_key, row.sizes = sealed_key, {form: len(data) for form, data in made.items()}
        row.release_id = str(held.receipt.get("release", ""))
        row.save()
    return True


def _stage(pack: str, stage: str) -> None:
    Pack.objects.filter(public_id=pack, state="asked").update(stage=stage)


def _close(pack: str, clock: Clock) -> None:
    with transaction.atomic():
        row = Pack.objects.select_for_update().get(public_id=pack)
        if row.state == "asked":
            step(row, "close", "gate", "closed", None, clock.now())
            row.save(update_fields=["state"])


def _gathered(
    row: Pack, link: ChildLink, config: Config, clock: Clock
) -> tuple[Held, dictionary.Dictionary, dict[str, str]]:
    """Everything a pack is made of: the one read, and what the rooms know."""
    record = my_record(link, clock=clock, config=config, for_copy=True)
    pupil = Pmr(row.pupil)
    decided = tuple(Decision(rule, item) for rule, item in record.held_back)
    facts = Facts(today=day_of(clock.now()), shielded=consent.shielded_since(pupil) is not None, decided=decided)
    tables, sources = without(record.tables, record.sources, facts)
    items = dictionary.open_dictionary(config.dictionary)
    shown = items_held(tables) | {f"identity.{name}" for name in record.identity}
    held = Held(
        pack=row.public_id,
        asked_at=row.asked_at,
        made_at=clock.now(),
        identity=identity_without(record.identity, facts),
        tables=tables,
        sources=sources,
        known=known_of(pupil, link, items, facts, shown, config=config, clock=clock),
        lines=lines_for(link, config=config),
        withheld=told(facts, items_held(record.tables) | {one.item for one in decided}),
        receipt=dict(record.receipt),
        controller=controller_lines(oversight.custodian()),
    )
    keeping = {item: rule.in_words for item, rule in oversight.kept_until().items()}
    return held, items, keeping


def tend_packs(*, config: Config, clock: Clock) -> int:
    """Delete what is past its last day, what belongs to a link that has ended, what was made before the child was
    shielded, and files that no row stands for.

    Returns:
        How many packs were deleted.
    """
    if config.gate is not None:
        raise gate_only("deletes families' copies")
    gone, today = 0, day_of(clock.now())
    for row in list(Pack.objects.filter(state="ready")):
        late = row.until is not None and today > row.until
        if not late and not names_places(row) and _has_link(row, config, clock):
            continue
        with transaction.atomic():
            found = Pack.objects.select_for_update().filter(pk=row.pk, state="ready").first()
            if found is None:
                continue
            emptied(found, "expire" if late else "drop", "gate", None, clock.now())
        gone += 1
    standing = set(Pack.objects.filter(state__in=("ready", "asked")).values_list("public_id", flat=True))
    for pack in keep.lying_about(config) - standing:
        keep.delete(pack, config)
    return gone


def _has_link(row: Pack, config: Config, clock: Clock) -> bool:
    try:
        child(row.account_id, row.link_id, config=config, clock=clock)
    except UnknownLink:
        return False
    return True
