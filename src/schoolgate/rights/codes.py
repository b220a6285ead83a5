"""Codes: a school, or the custodian after papers were seen, gives one adult one way in, once.

What a wrong code is told, and the work done for it, is the same whether the code never existed, was used, has expired
or was revoked, or is not for this account: the answer must not help somebody who guesses or who found an old letter.
"""

from __future__ import annotations

import os
from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet

from schoolgate import gate as the_gate
from schoolgate import people
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.errors import Refusal
from schoolgate.ids import Pmr, Urn
from schoolgate.rights.claims import bar, standing_of, view
from schoolgate.rights.code import Entropy, code_text, normalised
from schoolgate.rights.competence import PUPIL, competence
from schoolgate.rights.linking import a_pupil, like_by_code, link_by_code, was_another
from schoolgate.rights.models import ChildLink as LinkRow
from schoolgate.rights.models import ClaimAttempt, ClaimCode, PaperClaim
from schoolgate.rights.ports import REAL_GATE, installation
from schoolgate.rights.views import ChildLink, ClaimRules, GatePort, IssuedCode, OpenedWay

RULES = ClaimRules()
PARENT = "parental-responsibility"
BY_SCHOOL = ("parental-responsibility", "carer", "corporate-parent", "pupil")
"""For whom a school may give a code out: what it knows from its own admission register."""

_DOES_NOT_FIT = Refusal(
    "code-does-not-fit",
    "This code does not fit, was used before, or is too old.",
    remedy="Check it against the letter, or ask the school for a new one.",
)
TOO_MANY = Refusal(
    "too-many-tries",
    "There were too many tries.",
    remedy="Wait an hour, then try again with the letter in hand.",
)
_NOT_THE_CHILDS_ACCOUNT = Refusal(
    "not-the-childs-account",
    "A young person’s account is theirs alone. This account is linked to the child as somebody else than this code is"
    " for, or it was.",
    provision="UK GDPR Articles 15 to 22: the rights are the young person’s",
    remedy="Use the code with an account of its own; it is still good. If a mistake was made, ask us on paper.",
)
NOT_A_FAMILY = Refusal(
    "family-account-needed",
    "This account is for work. A family’s code needs a family’s own account.",
    remedy="Sign out and create one with another e-mail address. The code is still good.",
)
_UNKNOWN_STANDING = Refusal(
    "standing-unknown", "A code says for whom it is.", remedy="Choose one of the list.", where="standing"
)
_TOO_YOUNG = Refusal(
    "not-old-enough",
    "This pupil is not old enough to take over yet.",
    provision="ICO, “Children and the UK GDPR”",
    remedy="Give the code to an adult who is responsible for the child.",
    where="standing",
)


def _digest(code: str, config: Config) -> str:
    """The keyed hash under which a code is kept.

    HMAC-SHA-256 under the installation's own key: the database alone does not let anyone test a guess, and
    80 random bits need no slow hash, which is for passwords that people choose. Looking it up compares
    digests that nobody without the key can steer, so the time it takes tells nothing about a code.
    """
    return config.site_keys().blind("claim-code", normalised(code)).hex()


def _asked_for(urn: Urn | int | str, upn: str, config: Config) -> str:
    """The keyed hash of which school asked for which pupil: it is found again, and says nothing without the key."""
    return config.site_keys().blind("claim-asked-for", f"{int(urn)} {upn.strip().upper()}").hex()


def issue_code(
    urn: Urn | int | str,
    upn: str,
    *,
    school_actor: str,
    clock: Clock,
    standing: str = PARENT,
    rng: Entropy = os.urandom,
    config: Config | None = None,
    gate: GatePort = REAL_GATE,
    rules: ClaimRules = RULES,
) -> IssuedCode | Refusal:
    """Issue a one-time code for a child, as its own school.

    `school_actor` says who asks, without a name, e.g. ``school:100000``; `standing` for whom the code is, one of
    `BY_SCHOOL`; `rng` gives random bytes by number.

    Returns:
        The code, to be shown once; or a refusal when this is not the school's own pupil, enough codes are open, or
        the pupil is not old enough to take over.

    Raises:
        InvalidIdentifier: the URN cannot be one.
    """
    if standing not in BY_SCHOOL:
        return _UNKNOWN_STANDING
    places = installation(config)
    pupil = gate.find_own_pupil(Urn(urn), upn.strip().upper(), school_actor, config=places, clock=clock)
    if isinstance(pupil, Refusal):
        return pupil
    if standing == PUPIL and (gate.access_of(pupil, config=places, clock=clock).age or 0) < competence().takes_over:
        return _TOO_YOUNG
    return give_code(
        pupil, standing, actor=school_actor, clock=clock, config=places, rng=rng, rules=rules, urn=int(urn),
        asked_for=_asked_for(urn, upn, places),
    )  # fmt: skip


def give_code(
    pupil: Pmr,
    standing: str,
    *,
    actor: str,
    clock: Clock,
    config: Config,
    rng: Entropy = os.urandom,
    rules: ClaimRules = RULES,
    urn: int | None = None,
    asked_for: str = "",
    paper: PaperClaim | None = None,
) -> IssuedCode | Refusal:
    """Write a code down for a child that was found. Who calls has made sure that the child is theirs to give."""
    now, text = clock.now(), code_text(rng)
    with transaction.atomic():
        live = ClaimCode.objects.filter(pupil=pupil, used_at=None, revoked_at=None, expires_at__gt=now)
        # Locked first, in one order for all, and then counted anew: a question that waited does not see what it
        # waited for. Before a child's first code there is nothing to lock, and two at once may both be given.
        list(live.select_for_update().order_by("pk"))
        if live.count() >= rules.live_codes:
            return Refusal(
                "codes-open",
                f"{rules.live_codes} codes are open for this child already.",
                remedy="Give out one of them, or wait until they expire.",
            )
        row = ClaimCode.objects.create(
            digest=_digest(text, config),
            pupil=pupil,
            urn=urn,
            asked_for=asked_for,
            standing=standing,
            paper=paper,
            issued_by=actor,
            issued_at=now,
            expires_at=now + rules.lifetime,
        )
    return IssuedCode(text=text, expires_at=row.expires_at, standing=standing, letter=_letter(row))


def _letter(code: ClaimCode | None) -> str:
    """A letter's number: the beginning of the keyed hash, by which nobody finds the code or another letter."""
    return "" if code is None else code.digest[:6].upper()


def is_closed(account_id: int, now: datetime, rules: ClaimRules) -> bool:
    """Whether this try, which is already written down, is one too many.

    It is written first and counted afterwards, so that tries made at the same moment count one another.
    """
    recent = ClaimAttempt.objects.filter(at__gt=now - rules.window, fitted=False)
    return recent.filter(account_id=account_id).count() > rules.tries_of_account or recent.count() > rules.tries_in_all


def redeem_code(
    account_id: int,
    code: str,
    clock: Clock,
    *,
    rng: Entropy = os.urandom,
    config: Config | None = None,
    gate: GatePort = REAL_GATE,
    rules: ClaimRules = RULES,
) -> ChildLink | Refusal:
    """Use a code: the account may act for the child from now on, as far as the code's standing allows.

    An account of a school, a researcher or the custodian cannot: what is seen at work and what is seen as a parent
    would be one sign-in, and a letter found on an office's desk would open a child's record to whoever works there.

    Returns:
        The link; or a refusal, which is the same for a code that is unknown, used, expired, revoked, or opens nothing
        to this account today. What opens nothing is not used up: it may be somebody else's letter. A young person's
        code with an adult's account, or the other way, is refused in plain words.

    Raises:
        SchoolgateError: no such account.
    """
    if people.account(account_id).role != "family":
        return NOT_A_FAMILY  # before the code is looked at: it tells nothing about it
    now, places = clock.now(), installation(config)
    attempt = ClaimAttempt.objects.create(account_id=account_id, at=now)
    if is_closed(account_id, now, rules):
        return TOO_MANY
    digest = _digest(code, places)
    with transaction.atomic():
        # One statement takes the code: of two who use it at once, one changes a row and one changes none. An account
        # that a court's order keeps away from the child is not given it.
        barred = LinkRow.objects.filter(account_id=account_id, barred=True).values("pupil")
        usable = ClaimCode.objects.filter(digest=digest, used_at=None, revoked_at=None, expires_at__gt=now)
        taken = usable.exclude(pupil__in=barred).update(used_at=now, used_by=account_id)
        own = ClaimCode.objects.filter(digest=digest, used_at=now, used_by=account_id).select_related("paper")
        row = own.first()
        # For a code that is none the same is asked of another child: how long it takes does not say whether a code
        # that opens nothing today is one.
        another = a_pupil()
        pupil = row.pupil if row is not None else another
        standing = standing_of(pupil, places, clock, gate)
        like = like_by_code(account_id, pupil, row)
        if row is None or not taken or "see" not in standing.may(like):
            transaction.set_rollback(True)
            return _DOES_NOT_FIT
        if was_another(account_id, row):
            transaction.set_rollback(True)
            return _NOT_THE_CHILDS_ACCOUNT
        link = link_by_code(account_id, row, now, rng)
        ClaimAttempt.objects.filter(pk=attempt.pk).update(fitted=True)
        return view(link, standing, places)


def _of_school(
    urn: Urn | int | str, upn: str, school_actor: str, clock: Clock, config: Config, gate: GatePort
) -> tuple[QuerySet[LinkRow], QuerySet[ClaimCode]] | Refusal:
    """What a school may see and end: all of its own pupil's; of one that left it, what its own codes opened."""
    pupil = gate.find_own_pupil(Urn(urn), upn.strip().upper(), school_actor, config=config, clock=clock)
    if isinstance(pupil, Refusal):
        own = ClaimCode.objects.filter(asked_for=_asked_for(urn, upn, config))
        return (LinkRow.objects.filter(code__in=own), own) if own.exists() else pupil
    return LinkRow.objects.filter(pupil=pupil), ClaimCode.objects.filter(pupil=pupil)


def ways_in(
    urn: Urn | int | str,
    upn: str,
    *,
    school_actor: str,
    clock: Clock,
    config: Config | None = None,
    gate: GatePort = REAL_GATE,
) -> tuple[OpenedWay, ...] | Refusal:
    """The open codes and the links of a school's own pupil: for whom and since when, never whose account it is.

    Links that have ended are among them, unless a court's order keeps their account away: an order may come afterwards.

    Returns:
        Codes first, then links, oldest first, those that have ended last; or a refusal when this is not the school's
        own pupil.
    """
    found = _of_school(urn, upn, school_actor, clock, installation(config), gate)
    if isinstance(found, Refusal):
        return found
    return _listed(*found, clock.now())


def _listed(links: QuerySet[LinkRow], codes: QuerySet[ClaimCode], now: datetime) -> tuple[OpenedWay, ...]:
    live = codes.filter(used_at=None, revoked_at=None, expires_at__gt=now).order_by("pk")
    return (
        *(OpenedWay(f"code-{row.pk}", row.standing, row.issued_at, row.expires_at, _letter(row)) for row in live),
        *(
            OpenedWay(f"link-{row.public_id}", row.standing, row.since, None, _letter(row.code), row.ended_at)
            for row in links.filter(barred=False)
            .select_related("code")
            .order_by(F("ended_at").asc(nulls_first=True), "pk")
        ),
    )


def end_way(
    urn: Urn | int | str,
    upn: str,
    way: str,
    *,
    by_order: bool,
    school_actor: str,
    clock: Clock,
    config: Config | None = None,
    gate: GatePort = REAL_GATE,
) -> int | Refusal:
    """End one open code or one link of a school's own pupil; the others stay.

    Args:
        urn: the school.
        upn: its pupil.
        way: `OpenedWay.id`.
        by_order: whether a court ordered it: then this account gets no link to the child again, by whatever code, also
            where its link has ended before. It is told nothing of either.
        school_actor: who asks, without a name.
        clock: the time.
        config: the installation.
        gate: the gate.

    Returns:
        How many ended, 0 or 1; or a refusal when this is not the school's own pupil.
    """
    found = _of_school(urn, upn, school_actor, clock, installation(config), gate)
    if isinstance(found, Refusal):
        return found
    return _ended(*found, way, by_order, school_actor, clock.now())


def _ended(
    links: QuerySet[LinkRow], codes: QuerySet[ClaimCode], way: str, by_order: bool, actor: str, now: datetime
) -> int:
    kind, _, number = way.partition("-")
    if not (number.isascii() and number.isdigit()) or len(number) > _LONGEST or int(number) >= 2**63:
        return 0
    with transaction.atomic():
        if kind == "code":
            return codes.filter(pk=int(number), used_at=None, revoked_at=None).update(revoked_at=now)
        rows = links.filter(public_id=int(number), barred=False) if kind == "link" else links.none()
        if by_order:
            # Also a link that has ended: who gave the child up before the order would come back by the next code. It is
            # the account that is kept away, so whatever link it has to the child today ends with it.
            account = rows.values("account_id", "pupil").first()
            return min(1, bar(LinkRow.objects.select_for_update().filter(**account), actor, now)) if account else 0
        return rows.filter(ended_at=None).update(ended_at=now, ended_by=actor, label=None)


_LONGEST = 19
"""Digits of the largest number that a database's 64 bits hold."""


def ways_for_custodian(
    upn: str, *, actor: str, clock: Clock, config: Config | None = None
) -> tuple[OpenedWay, ...] | Refusal:
    """The open codes and the links of a child, for a person of the custodian. Finding the child is a look."""
    pupil = the_gate.find_for_paper(upn, actor, config=installation(config), clock=clock)
    if isinstance(pupil, Refusal):
        return pupil
    return _listed(LinkRow.objects.filter(pupil=pupil), ClaimCode.objects.filter(pupil=pupil), clock.now())


def end_way_for_custodian(
    upn: str, way: str, *, by_order: bool, actor: str, clock: Clock, config: Config | None = None
) -> int | Refusal:
    """End one open code or one link, as `end_way` does for a school."""
    pupil = the_gate.find_for_paper(upn, actor, config=installation(config), clock=clock)
    if isinstance(pupil, Refusal):
        return pupil
    links, codes = LinkRow.objects.filter(pupil=pupil), ClaimCode.objects.filter(pupil=pupil)
    return _ended(links, codes, way, by_order, actor, clock.now())


def revoke_access(
    urn: Urn | int | str,
    upn: str,
    *,
    school_actor: str,
    clock: Clock,
    config: Config | None = None,
    gate: GatePort = REAL_GATE,
) -> int | Refusal:
    """End every link to a child and every open code, as its own school: for a court order, or a lost letter.

    The school then issues new codes to whom it may. A school that the child has left can still end what its own
    codes opened: nobody else may know of the court order it holds.

    Returns:
        How many links and codes ended; or a refusal when this is not the school's own pupil and it issued no code.
    """
    found = _of_school(urn, upn, school_actor, clock, installation(config), gate)
    if isinstance(found, Refusal):
        return found
    links, codes = found
    now = clock.now()
    with transaction.atomic():
        list(codes.select_for_update().order_by("pk"))  # in one order for all, as an update does not promise
        # Codes first: one that is being used at this moment is waited for, and the link it made is ended below.
        revoked = codes.filter(used_at=None, revoked_at=None).update(revoked_at=now)
        return revoked + links.filter(ended_at=None).update(ended_at=now, ended_by=school_actor, label=None)
