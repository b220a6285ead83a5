"""What was looked up, what was declared, and stops: between the pure rules of `pattern` and the database."""

from __future__ import annotations

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Max, Sum
from django.db.models.functions import TruncDate

from schoolgate import people, register, requests
from schoolgate.clock import HERE, Clock
from schoolgate.errors import Refusal, Refused
from schoolgate.gate.releases.letters import write_to
from schoolgate.gate.releases.limits import KINDS, limits, lookup_reasons
from schoolgate.gate.releases.models import LookedUp, LookupTerms, UseStop
from schoolgate.gate.releases.orders import reason_problem
from schoolgate.gate.releases.pattern import Past, Use, breaches, too_fast
from schoolgate.gate.releases.views import LookupDeclared, LookupView, LookupWanted, PastLookup, StopView

_STOPPED = (
    "Use of pupil data was stopped, and we ask why",
    "Use under an agreement that names you did not look like what was applied for. It was stopped. Please say why it"
    " was so: Extracts and look-ups on the site, or: schoolgate stop list",
)

_WINDOW = timedelta(days=30)
_SHOWN = 50


def declared_of(agreement_id: str) -> LookupDeclared | None:
    """What was declared; None when nothing was, and nothing may be looked up."""
    row = LookupTerms.objects.filter(agreement_id=agreement_id).first()
    if row is None:
        return None
    return LookupDeclared(
        tuple(row.kinds), tuple(row.reasons), row.per_day, row.per_month, row.first_hour, row.last_hour
    )


def _declared_problems(declared: LookupDeclared) -> list[Refusal]:
    def bad(what: str) -> Refusal:
        return Refusal("declared", what, remedy="Take it from the application and the panel's decision.")

    found = []
    if not declared.kinds or set(declared.kinds) - set(KINDS):
        found.append(bad(f"Kinds of look-up are {', '.join(KINDS)}."))
    if not declared.reasons or set(declared.reasons) - set(lookup_reasons()):
        found.append(bad(f"Reasons are {', '.join(lookup_reasons())}."))
    if not 1 <= declared.per_day <= declared.per_month <= 1_000_000:
        found.append(bad("A day has at least one look-up, and no more than a month."))
    if not 0 <= declared.first_hour <= declared.last_hour <= 23:
        found.append(bad("Hours go from 0 to 23."))
    return found


def _more_than(new: LookupDeclared, old: LookupDeclared) -> bool:
    return bool(
        set(new.kinds) - set(old.kinds)
        or set(new.reasons) - set(old.reasons)
        or new.per_day > old.per_day
        or new.per_month > old.per_month
        or new.first_hour < old.first_hour
        or new.last_hour > old.last_hour
    )


def declare_lookups(
    agreement_id: str, declared: LookupDeclared, person_id: str, *, clock: Clock
) -> LookupDeclared | Refused:
    """Record what was applied for and approved. Once; afterwards it can be made less, never more.

    Returns:
        What is declared now, or every reason why it is not.
    """
    person, agreement = people.person(person_id), requests.get(agreement_id)
    found = _declared_problems(declared)
    if person.role != "custodian":
        found.append(Refusal("not-your-decision", "A person of the custodian records what was approved."))
    if person.organisation_id == agreement.organisation_id:
        found.append(Refusal("own-organisation", "The agreement is your own organisation's."))
    applied_for = requests.application(agreement_id).spec.kind_of_request
    if set(declared.kinds) - {applied_for}:
        found.append(
            Refusal(
                "not-applied-for",
                "The application was not for this kind of look-up.",
                provision="a matching request and a verification service are applied for as such",
                remedy="Apply for it.",
            )
        )
    with transaction.atomic():
        before = declared_of(agreement_id)
        if before is not None and _more_than(declared, before):
            found.append(
                Refusal(
                    "declared-more",
                    "This is more than was declared before.",
                    provision="look-ups: what was applied for is not widened without the panel",
                    remedy="Apply for a new agreement.",
                )
            )
        if found:
            return Refused(tuple(found))
        LookupTerms.objects.update_or_create(
            agreement_id=agreement_id,
            defaults={
                "kinds": list(declared.kinds), "reasons": list(declared.reasons), "per_day": declared.per_day,
                "per_month": declared.per_month, "first_hour": declared.first_hour, "last_hour": declared.last_hour,
                "set_by": person.id, "set_at": clock.now(),
            },
        )  # fmt: skip
        told = {
            "agreement": agreement_id, "organisation": agreement.organisation_name, "kinds": list(declared.kinds),
            "per_day": declared.per_day, "per_month": declared.per_month, "reasons": list(declared.reasons),
            "hours": f"{declared.first_hour}:00 to {declared.last_hour}:59",
        }  # fmt: skip
        register.append_event("lookup.terms", agreement_id, told, clock.now())
    return declared


_HOW_OFTEN = "how-often"
"""The question of an application about it (``requests/drafting/data/questions.toml``)."""


def lookups_to_declare(person_id: str) -> tuple[LookupWanted, ...]:
    """The agreements in force that were applied for as look-ups, and wait for a person of the custodian."""
    person = people.person(person_id)
    if person.role != "custodian":
        return ()
    done = set(LookupTerms.objects.values_list("agreement_id", flat=True))
    found = []
    for one in requests.agreements():
        if one.built_in or one.state != "active" or one.id in done or one.organisation_id == person.organisation_id:
            continue
        spec = requests.application(one.id).spec
        if spec.kind_of_request in KINDS:
            said = next((answer.text for answer in spec.answers if answer.question == _HOW_OFTEN), "")
            found.append(LookupWanted(one.id, one.organisation_name, spec.kind_of_request, said))
    return tuple(found)


def past_of(agreement_id: str, person_id: str, clock: Clock, kind: str = "") -> Past:
    """What was looked up under an agreement before; for a kind, how many of its people were not found, too."""
    now = clock.now()
    here = now.astimezone(HERE)
    midnight = here.replace(hour=0, minute=0, second=0, microsecond=0)
    rows = LookedUp.objects.filter(agreement_id=agreement_id)
    own = rows.filter(person_id=person_id)

    def total(some: object) -> int:
        return int(some.aggregate(n=Sum("asked"))["n"] or 0)  # type: ignore[attr-defined]

    days = (
        rows.filter(at__gte=midnight - _WINDOW, at__lt=midnight)
        .annotate(day=TruncDate("at", tzinfo=HERE)).values("day").annotate(n=Sum("asked")).order_by("day")
    )  # fmt: skip
    # What was asked about, answered for and let go on is not asked about again.
    lifted = UseStop.objects.filter(agreement_id=agreement_id).aggregate(at=Max("lifted_at"))["at"]
    since = midnight - _WINDOW + timedelta(days=1)
    lately = rows.filter(kind=kind, at__gte=since if lifted is None else max(since, lifted))
    told = lately.aggregate(asked=Sum("asked"), found=Sum("found"))
    answered = int(told["asked"] or 0)
    return Past(
        minute=total(rows.filter(at__gt=now - timedelta(minutes=1))),
        today=total(rows.filter(at__gte=midnight)),
        month=total(rows.filter(at__gte=midnight - _WINDOW + timedelta(days=1))),
        days=tuple(int(day["n"]) for day in days),
        person_today=total(own.filter(at__gte=midnight)),
        person_before=total(own.filter(at__lt=midnight)),
        others_before=total(rows.exclude(person_id=person_id).filter(at__lt=midnight)),
        answered=answered,
        missed=answered - int(told["found"] or 0),
    )


def lookups(person_id: str, *, clock: Clock) -> tuple[LookupView, ...]:
    """What was declared and done under each agreement a person may see: the custodian's people all, others their own.

    To the organisation that looked people up nothing is told that it was not told then.
    """
    person = people.person(person_id)
    found = []
    for agreement_id in LookupTerms.objects.order_by("agreement_id").values_list("agreement_id", flat=True):
        agreement, declared = requests.get(agreement_id), declared_of(agreement_id)
        own = person.role == "researcher" and agreement.organisation_id == person.organisation_id
        if declared is None or not (own or person.role == "custodian"):
            continue
        done = past_of(agreement_id, person_id, clock)
        past = tuple(
            PastLookup(row.at, row.person_id, row.kind, row.reason, row.provision, row.asked, row.found, row.release_id)
            for row in LookedUp.objects.filter(agreement_id=agreement_id).order_by("-pk")[:_SHOWN]
        )
        found.append(
            LookupView(
                agreement_id, agreement.organisation_name, declared, done.today, done.month, limits().list_most, past
            )
        )
    return tuple(found)


def against_use(
    agreement_id: str, person_id: str, kind: str, reasons: frozenset[str], count: int, clock: Clock
) -> tuple[tuple[Refusal, ...], tuple[Refusal, ...]]:
    """What refuses a look-up, and what stops the use under the agreement besides."""
    declared = declared_of(agreement_id)
    if declared is None:
        return (
            Refusal(
                "lookups-not-declared",
                "This agreement is not one for looking people up.",
                provision="a matching request and a verification service are applied for as such",
                remedy="Apply for it. The custodian records how many look-ups, what for, and when.",
            ),
        ), ()
    past = past_of(agreement_id, person_id, clock, kind)
    use = Use(kind, reasons, count, clock.now().astimezone(HERE).hour)
    return too_fast(past, use, limits()), breaches(declared, past, use, limits())


def stop_use(agreement_id: str, person_id: str, reasons: tuple[Refusal, ...], *, clock: Clock) -> bool:
    """Stop every use under an agreement and ask its recipient why; whether this did it, or a stop stood already."""
    agreement = requests.get(agreement_id)
    try:
        with transaction.atomic():
            UseStop.objects.create(
                agreement_id=agreement_id, person_id=person_id, stopped_at=clock.now(),
                reasons=[[one.code, one.reason] for one in reasons],
            )  # fmt: skip
            told = {
                "agreement": agreement_id, "organisation": agreement.organisation_name,
                "reasons": sorted({one.code for one in reasons}),
            }  # fmt: skip
            register.append_event("use.stopped", agreement_id, told, clock.now())
            write_to(agreement.people, *_STOPPED, clock=clock)
    except IntegrityError:
        return False
    return True


def _view(row: UseStop) -> StopView:
    return StopView(
        row.pk, row.agreement_id, requests.get(row.agreement_id).organisation_name,
        tuple(words for _, words in row.reasons), row.stopped_at, row.answer, row.lifted_because, row.lifted_at is None,
    )  # fmt: skip


def stops(person_id: str) -> tuple[StopView, ...]:
    """Every stop a person may see, latest first: the custodian's and the overseer's people all, a recipient its own."""
    person = people.person(person_id)
    rows = UseStop.objects.order_by("-pk")
    if person.role not in ("custodian", "overseer"):
        own = {one.id for one in requests.agreements() if one.organisation_id == person.organisation_id}
        rows = rows.filter(agreement_id__in=own)
    return tuple(_view(row) for row in rows)


def _standing(agreement_id: str) -> UseStop | None:
    return UseStop.objects.select_for_update().filter(agreement_id=agreement_id, lifted_at=None).first()


_NO_STOP = Refusal("no-stop", "No stop stands under this agreement.")


def answer_stop(agreement_id: str, answer: str, person_id: str, *, clock: Clock) -> StopView | Refused:
    """The recipient answers the question; the answer is the custodian's to read, that there is one is public."""
    person, agreement = people.person(person_id), requests.get(agreement_id)
    problem = reason_problem(answer)
    found = [problem] if problem else []
    if person.organisation_id != agreement.organisation_id:
        found.append(Refusal("not-the-recipient", "Only the recipient's own people may answer."))
    with transaction.atomic():
        row = _standing(agreement_id)
        if row is None:
            found.append(_NO_STOP)
        if found or row is None:
            return Refused(tuple(found))
        row.answer, row.answered_by, row.answered_at = answer.strip(), person.id, clock.now()
        row.save()
        register.append_event("use.answered", agreement_id, {"agreement": agreement_id}, clock.now())
    return _view(row)


def lift_stop(agreement_id: str, reason: str, person_id: str, *, clock: Clock) -> StopView | Refused:
    """A person of the custodian lets use go on, with a reason, after an answer."""
    person, agreement = people.person(person_id), requests.get(agreement_id)
    problem = reason_problem(reason)
    found = [problem] if problem else []
    if person.role != "custodian":
        found.append(Refusal("not-your-decision", "A person of the custodian lifts a stop."))
    if person.organisation_id == agreement.organisation_id:
        found.append(Refusal("own-organisation", "The agreement is your own organisation's."))
    with transaction.atomic():
        row = _standing(agreement_id)
        if row is None:
            found.append(_NO_STOP)
        elif not row.answer:
            found.append(Refusal("not-answered", "The recipient has not answered yet.", remedy="Wait for the answer."))
        if found or row is None:
            return Refused(tuple(found))
        row.lifted_by, row.lifted_because, row.lifted_at = person.id, reason.strip(), clock.now()
        row.save()
        told = {"agreement": agreement_id, "reason": row.lifted_because}
        register.append_event("use.lifted", agreement_id, told, clock.now())
    return _view(row)
