"""Publishing a notice: one transaction keeps it, tells the register, and gives each waiting agreement its notice."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from schoolgate import dictionary, people, post, register, requests
from schoolgate.clock import Clock, FixedClock, day_of
from schoolgate.errors import Refusal, Refused
from schoolgate.notices import differ
from schoolgate.notices.audiences import standard
from schoolgate.notices.awaited import BASELINE, ITEM, is_new
from schoolgate.notices.composing import compose, languages
from schoolgate.notices.gather import take_picture
from schoolgate.notices.kept import Published, latest, published_of, squeezed
from schoolgate.notices.models import Covered, Notice, NoticeText, Told
from schoolgate.notices.picture import LIVE, Picture, fingerprint, to_bytes
from schoolgate.notices.telling import begin_telling

LONGEST_TITLE = 300
LEAST_DAYS, MOST_DAYS = dictionary.UNTOLD_NOTICE_DAYS, 366


@dataclass(frozen=True, slots=True)
class Draft:
    """A notice as it would be published now.

    Attributes:
        picture: what it is made from.
        before: what the last one was made from; None before the first.
        last: the last one; None before the first.
        changes: what changed since.
        waiting: agreements that wait for a notice.
        items: lake items that no notice told of yet.
    """

    picture: Picture
    before: Picture | None
    last: Published | None
    changes: tuple[differ.Change, ...]
    waiting: tuple[str, ...]
    items: tuple[str, ...]

    @property
    def is_needed(self) -> bool:
        """Whether something waits for it."""
        return bool(self.waiting or self.items or any(change.needs_notice for change in self.changes))

    @property
    def seen(self) -> str:
        """The fingerprint of what whoever publishes has seen: if it changed meanwhile, nothing is published."""
        return fingerprint(self.picture)


def draft(clock: Clock) -> Draft:
    """A notice as it would be published now."""
    return _draft(take_picture(clock))


def _draft(picture: Picture) -> Draft:
    found = latest()
    before = found[1] if found is not None else None
    new = [one for one in _lake_items() if is_new(one)]
    told = set(Told.objects.filter(what=ITEM, value__in=new).values_list("value", flat=True))
    return Draft(
        picture=picture,
        before=before,
        last=found[0] if found is not None else None,
        changes=differ.changes(before, picture),
        waiting=tuple(use.agreement for use in picture.uses if use.awaits and use.standing == LIVE),
        items=tuple(item for item in new if item not in told),
    )


def _lake_items() -> list[str]:
    return [c.item_id for table in dictionary.lake_tables() for c in table.columns if c.kind == "item"]


def _problems(actor: people.PersonView, title: str, days: int, seen: str, found: Draft) -> list[Refusal]:
    said = title.strip()
    problems = []
    if actor.role != "custodian":
        problems.append(Refusal("not-your-decision", f"A {actor.role} may not publish a notice; custodian may."))
    if not said or len(said) > LONGEST_TITLE or "\n" in said:
        problems.append(
            Refusal(
                "title", f"Say in one line what the notice is about: at most {LONGEST_TITLE} characters.", where="title"
            )
        )
    if not LEAST_DAYS <= days <= MOST_DAYS:
        problems.append(
            Refusal(
                "notice-days",
                f"Families have at least {LEAST_DAYS} and at most {MOST_DAYS} days.",
                "UK GDPR Articles 12(3) and 13(3)",
                where="days",
            )
        )
    if seen and seen != found.seen:
        problems.append(
            Refusal("changed-meanwhile", "What the notice is made from changed since you looked.", remedy="Look again.")
        )
    return problems


def publish(title: str, actor: str, *, days: int = LEAST_DAYS, seen: str = "", clock: Clock) -> Published | Refused:
    """Publish a notice of everything as it stands, and begin to tell schools and followers.

    In one transaction: the notice with its texts is kept, the register has their fingerprints, each agreement that
    waited is given its notice, and what is new is noted as told. Nothing of it holds unless all of it does.

    Args:
        title: what the notice is about, in one line; public.
        actor: person id of the custodian's.
        days: between the telling and the first use of what is new.
        seen: the fingerprint of the draft that was looked at (`Draft.seen`); empty to publish what is there.
        clock: the time.
    """
    person = people.person(actor)
    try:
        with transaction.atomic():
            register.hold_log()  # of two who publish at once the second sees what the first told
            # One moment for all of it: on two sides of a midnight an agreement's notice would be of another day than
            # the telling that its days wait for.
            clock = FixedClock(clock.now())
            found = draft(clock)
            problems = _problems(person, title, days, seen, found)
            if problems:
                return Refused(tuple(problems))
            return _publish(found, title.strip(), person, days, clock)
    except _NotGiven as no:  # everything was taken back
        return Refused(no.reasons)


class _NotGiven(Exception):
    """An agreement's own notice could not be given."""

    def __init__(self, reasons: tuple[Refusal, ...]) -> None:
        super().__init__()
        self.reasons = reasons


def _publish(found: Draft, title: str, person: people.PersonView, days: int, clock: Clock) -> Published:
    today = day_of(clock.now())
    kept = to_bytes(found.picture)
    sha256 = hashlib.sha256(kept).hexdigest()
    covered = _covered(found)
    number = _next_number(today)
    texts = [
        (whom.key, compose(found.picture, whom, site=post.site_address(), language=code))
        for code, _name in languages()
        for whom in standard()
    ]
    index = register.append_event(
        "notice.published",
        number,
        {
            "title": title,
            "notice_days": days,
            "items": list(found.items),
            "agreements": list(covered),
            "changes": [] if found.before is None else [_said(change) for change in found.changes],
            "picture_hash": sha256,
            "texts": [f"{key} {text.language} {text.sha256}" for key, text in texts],
        },
        clock.now(),
    )
    row = Notice.objects.create(
        number=number,
        title=title,
        picture=squeezed(kept),
        picture_sha256=sha256,
        days=days,
        published_at=clock.now(),
        published_day=today,
        role=person.role,
        actor=person.id,
        log_index=index,
    )
    NoticeText.objects.bulk_create(
        NoticeText(
            notice=row, audience=key, language=text.language, text=squeezed(text.whole.encode()), sha256=text.sha256
        )
        for key, text in texts
    )
    _give(row, covered, f"{title} ({number})", person.id, clock)
    _note_told(row, found, days)
    begin_telling(row, clock)
    return published_of(row)


def _covered(found: Draft) -> tuple[str, ...]:
    """The agreements a notice tells of: those that wait; and, after the first, those that something new comes with."""
    new = (
        []
        if found.before is None
        else [one for change in found.changes if change.needs_notice for one in change.agreements]
    )
    live = {use.agreement for use in found.picture.uses if use.standing == LIVE}
    return tuple(sorted({*found.waiting, *(one for one in new if one in live)}))


def _give(row: Notice, covered: Iterable[str], title: str, actor: str, clock: Clock) -> None:
    reasons: list[Refusal] = []
    for agreement_id in covered:
        outcome = requests.give_notice(agreement_id, title, actor, clock)
        if isinstance(outcome, Refused):
            reasons += [
                Refusal(r.code, f"{agreement_id}: {r.reason}", r.provision, r.remedy, r.where) for r in outcome.reasons
            ]
    if reasons:
        raise _NotGiven(tuple(reasons))
    Covered.objects.bulk_create(Covered(notice=row, agreement_id=one) for one in covered)


def _note_told(row: Notice, found: Draft, days: int) -> None:
    """Note what is told now and was not before: with no days to wait when this is the first notice, but for items.

    What nobody does any longer is told no longer: should it come back, it waits for a notice again.
    """
    facets = dict.fromkeys(facet for use in found.picture.live for facet in differ.facets(use))
    gone = [one.pk for one in Told.objects.exclude(what__in=(ITEM, BASELINE[0])) if (one.what, one.value) not in facets]
    Told.objects.filter(pk__in=gone).delete()
    if found.before is None:
        facets = {BASELINE: None, **facets}
    wait = 0 if found.before is None else days
    rows = [Told(what=what, value=value, notice=row, days=wait) for what, value in facets]
    rows += [Told(what=ITEM, value=item, notice=row, days=days) for item in found.items]
    Told.objects.bulk_create(rows, ignore_conflicts=True)


def _next_number(today: date) -> str:
    """``N-2026-0001``: dense, so that a missing one is seen; two at once are kept apart by its being unique."""
    series = f"N-{today.year}-"
    last = Notice.objects.filter(number__startswith=series).order_by("-number").values_list("number", flat=True).first()
    return f"{series}{(int(last.removeprefix(series)) if last else 0) + 1:04d}"


def _said(change: differ.Change) -> str:
    """A change as the register has it: short and in the names of the published lists."""
    return f"{'' if change.is_new else 'no longer '}{change.what} {change.value}"
