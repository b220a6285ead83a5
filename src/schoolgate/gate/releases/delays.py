"""A lawful delay in telling one family of one agreement's uses: with a law, a reason and a last day.

Nothing indefinite can be expressed: a delay without a last day, or with one further off than the limit, is refused; a
renewal is a new row with a new reason, by another person, made in the last days of the old one, and counted. The day
after the last day the family's page shows what it left out, by itself; what it has shown, no later delay takes away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from schoolgate import people, register, requests
from schoolgate.clock import Clock, day_of
from schoolgate.config import Config
from schoolgate.errors import Refusal, Refused
from schoolgate.gate.releases.limits import limits, names_a_law
from schoolgate.gate.releases.models import TellingDelay
from schoolgate.gate.releases.orders import reason_problem
from schoolgate.gate.releases.views import DelayView
from schoolgate.ids import Pmr, upn_problem
from schoolgate.records.vault import Vault


def length_problem(until: date, today: date) -> Refusal | None:
    """Why a delay cannot last until this day; None when it can."""
    last = today + timedelta(days=limits().delay_days)
    if today <= until <= last:
        return None
    return Refusal(
        "delay-length",
        f"A delay ends between today and {last.day} {last:%B %Y}.",
        provision="telling a family can be delayed, not left out",
        remedy=f"Name a day. In its last {limits().renew_days} days it can be renewed with a new reason.",
    )


def renewal_problem(standing: date | None, reason: str, before: tuple[str, ...], today: date) -> Refusal | None:
    """Why a delay that stands cannot be renewed so; None when it can, or when none stands.

    Args:
        standing: the last day of the delay that stands; None when none does.
        reason: the new reason.
        before: the reasons given so far.
        today: the custodian's day.
    """
    if standing is not None and (standing - today).days >= limits().renew_days:
        return Refusal(
            "delay-stands",
            f"A delay stands until {standing.day} {standing:%B %Y}.",
            remedy=f"It can be renewed in its last {limits().renew_days} days.",
        )
    if " ".join(reason.split()).casefold() in {" ".join(one.split()).casefold() for one in before}:
        return Refusal(
            "delay-reason-again", "This reason was given before.", remedy="Say why the family cannot be told even now."
        )
    return None


def same_hands_problem(setter: people.PersonView, before: Sequence[str]) -> Refusal | None:
    """Why this person cannot renew what the last of `before` set; None when it can, or when there is none."""
    if not before:
        return None
    last = people.person(before[-1])
    same_being = setter.account_id is not None and setter.account_id == last.account_id
    if setter.id != last.id and not same_being:
        return None
    return Refusal(
        "delay-same-hands",
        "You set the last delay for this family yourself.",
        provision="nobody alone keeps a family from being told for longer",
        remedy="Another person of the custodian looks at it anew, and sets it if the reason holds.",
    )


def _view(row: TellingDelay, today: date) -> DelayView:
    in_force = row.lifted_at is None and today <= row.until
    return DelayView(row.pk, row.agreement_id, row.provision, row.reason, row.until, row.set_by, in_force)


def _count(today: date, clock: Clock) -> None:
    """Tell the public how many families are told later, in the caller's transaction."""
    standing = TellingDelay.objects.filter(lifted_at=None, until__gte=today).values("pupil").distinct().count()
    totals = {
        "delayed": register.round_count(standing),
        "delays_set": register.round_count(TellingDelay.objects.count()),
    }
    register.append_event("delay.totals", "telling families", totals, clock.now())


def set_delay(
    upn: str,
    agreement_id: str,
    until: date,
    provision: str,
    reason: str,
    person_id: str,
    *,
    config: Config,
    clock: Clock,
) -> DelayView | Refused:
    """Delay telling one child's family of what was read under one agreement, or renew such a delay.

    Args:
        upn: the child's.
        agreement_id: whose reads are left out of the family's page.
        until: the last day.
        provision: the law, with its place.
        reason: why; not public, the count is.
        person_id: who sets it, a person of the custodian and not of the recipient.
        config: the installation.
        clock: the time.

    Returns:
        The delay, or every reason against it.
    """
    person, today = people.person(person_id), day_of(clock.now())
    against = [one for one in (length_problem(until, today), reason_problem(reason)) if one is not None]
    if person.role != "custodian":
        against.append(Refusal("not-your-decision", "Only a person of the custodian may delay telling a family."))
    if not names_a_law(provision):
        against.append(Refusal("delay-provision", "A law and its place, as in Data Protection Act 2018 sch. 2."))
    try:
        agreement = requests.get(agreement_id)
        if agreement.built_in:
            against.append(Refusal("delay-own-look", "A family's own look at the record is never kept from it."))
        elif agreement.organisation_id == person.organisation_id:
            against.append(Refusal("own-organisation", "The agreement is your own organisation's."))
    except requests.UnknownRequest as unknown:
        against.append(Refusal(unknown.code, unknown.what))
    if against:
        return Refused(tuple(against))
    holders = Vault(config).holders([upn]).get(upn, ()) if upn_problem(upn) is None else ()
    if len(holders) != 1:
        return Refused((Refusal("pupil-unclear", "No pupil has this UPN, or several do.", remedy="Check it."),))
    with transaction.atomic():
        mine = TellingDelay.objects.select_for_update().filter(pupil=int(holders[0]), agreement_id=agreement_id)
        rows = list(mine.order_by("pk"))
        standing = max((row.until for row in rows if row.lifted_at is None and today <= row.until), default=None)
        refused = renewal_problem(standing, reason, tuple(row.reason for row in rows), today)
        against = [
            one for one in (refused, same_hands_problem(person, [row.set_by for row in rows])) if one is not None
        ]
        if against:
            return Refused(tuple(against))
        row = TellingDelay.objects.create(
            pupil=int(holders[0]), agreement_id=agreement_id, provision=provision, reason=reason.strip(), until=until,
            set_by=person.id, set_at=clock.now(),
        )  # fmt: skip
        _count(today, clock)
    return _view(row, today)


def lift_delay(delay_id: int, person_id: str, *, clock: Clock) -> DelayView | Refused:
    """End a delay before its day: the family is told from now on."""
    person, today = people.person(person_id), day_of(clock.now())
    if person.role != "custodian":
        return Refused((Refusal("not-your-decision", "Only a person of the custodian may end a delay."),))
    with transaction.atomic():
        row = TellingDelay.objects.select_for_update().filter(pk=delay_id).first()
        if row is None or row.lifted_at is not None or today > row.until:
            return Refused((Refusal("no-delay", "No such delay stands."),))
        row.lifted_by, row.lifted_at = person.id, clock.now()
        row.save(update_fields=["lifted_by", "lifted_at"])
        _count(today, clock)
    return _view(row, today)


def count_ended(*, config: Config, clock: Clock) -> bool:
    """Tell the public the new total once delays have ended by themselves. Idempotent, whoever else does it meanwhile.

    A delay that was renewed before its last day goes on, and its old row's end says nothing new.

    Returns:
        Whether a total was written.
    """
    today = day_of(clock.now())
    with transaction.atomic():
        ended = TellingDelay.objects.filter(lifted_at=None, until__lt=today, end_counted=False)
        goes_on = TellingDelay.objects.filter(
            pupil=OuterRef("pupil"), agreement_id=OuterRef("agreement_id"), lifted_at=None, until__gte=today
        )
        ended.filter(Exists(goes_on)).update(end_counted=True)
        # Whoever changes the rows counts: of two workers the second waits for the first, and finds none left.
        told = ended.update(end_counted=True) > 0
        if told:
            _count(today, clock)
    if told:
        register.publish(clock, config)
    return told


def delays(person_id: str, *, clock: Clock) -> tuple[DelayView, ...]:
    """Every delay, latest first, without the child: for the custodian's people and those who watch them."""
    if people.person(person_id).role not in ("custodian", "overseer"):
        return ()
    return tuple(_view(row, day_of(clock.now())) for row in TellingDelay.objects.order_by("-pk"))


_ALWAYS = datetime.min.replace(tzinfo=UTC)


def untold(pupil: Pmr, clock: Clock) -> Mapping[str, datetime]:
    """The agreements of which this child's family is told later today -> from which read on.

    A delay that follows on one that had ended hides what was read since it was set: the earlier lines were shown.
    """
    today, found = day_of(clock.now()), {}
    own: dict[str, list[TellingDelay]] = {}
    for row in TellingDelay.objects.filter(pupil=int(pupil)).order_by("pk"):
        own.setdefault(row.agreement_id, []).append(row)
    for agreement_id, rows in own.items():
        if any(row.lifted_at is None and today <= row.until for row in rows):
            found[agreement_id] = _since(rows)
    return found


def _since(rows: Sequence[TellingDelay]) -> datetime:
    """When the delays that follow on each other without a day between began; the very first hides what was before."""
    began = _ALWAYS
    for at, row in enumerate(rows):
        stood = any(
            day_of(row.set_at) <= one.until and (one.lifted_at is None or one.lifted_at > row.set_at)
            for one in rows[:at]
        )
        if at and not stood:
            began = row.set_at
    return began


def is_untold(agreement_id: str, at: datetime, later: Mapping[str, datetime]) -> bool:
    """Whether a read at this moment is one of which the family is told later."""
    return agreement_id in later and at >= later[agreement_id]
