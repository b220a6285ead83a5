"""Codes and links: how an account comes to act for a child, and how that ends.

What a wrong code is told, and the work done for it, is the same whether the code never existed, was used,
has expired or was revoked: the answer must not help somebody who guesses or who found an old letter.
"""

from __future__ import annotations

import os
from datetime import datetime

from django.db import IntegrityError, transaction

from schoolgate import dictionary, people
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.errors import Refusal, SchoolgateError
from schoolgate.ids import Pmr, Urn
from schoolgate.rights.code import Entropy, code_text, normalised
from schoolgate.rights.models import ChildLink as LinkRow
from schoolgate.rights.models import ClaimAttempt, ClaimCode
from schoolgate.rights.ports import REAL_GATE, installation
from schoolgate.rights.views import ChildLink, ClaimRules, GatePort, IssuedCode

RULES = ClaimRules()

_DOES_NOT_FIT = Refusal(
    "code-does-not-fit",
    "This code does not fit, was used before, or is too old.",
    remedy="Check it against the letter, or ask the school for a new one.",
)
_TOO_MANY = Refusal(
    "too-many-tries",
    "There were too many tries.",
    remedy="Wait an hour, then try again with the letter in hand.",
)

_NOT_A_FAMILY = Refusal(
    "family-account-needed",
    "This account is for work. A family’s code needs a family’s own account.",
    remedy="Sign out and create one with another e-mail address. The code is still good.",
)


class UnknownLink(SchoolgateError):
    """The account has no such child; the same for a link of somebody else, one that ended, and none."""


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


def school_name(urn: int) -> str:
    """A school's name in the register of schools; its number when the register does not have it."""
    school = dictionary.establishment(urn)
    return school.name if school is not None else f"School {urn}"


def _view(row: LinkRow) -> ChildLink:
    return ChildLink(id=row.public_id, account_id=row.account_id, since=row.since, school=school_name(row.code.urn))


def issue_code(
    urn: Urn | int | str,
    upn: str,
    *,
    school_actor: str,
    clock: Clock,
    rng: Entropy = os.urandom,
    config: Config | None = None,
    gate: GatePort = REAL_GATE,
    rules: ClaimRules = RULES,
) -> IssuedCode | Refusal:
    """Issue a one-time code for a child, as its own school.

    `school_actor` says who asks, without a name, e.g. ``school:100000``; `rng` gives random bytes by number.

    Returns:
        The code, to be shown once; or a refusal when this is not the school's own pupil or enough codes are
        open.

    Raises:
        InvalidIdentifier: the URN cannot be one.
    """
    places = installation(config)
    pupil = gate.find_own_pupil(Urn(urn), upn.strip().upper(), school_actor, config=places, clock=clock)
    if isinstance(pupil, Refusal):
        return pupil
    now = clock.now()
    text = code_text(rng)
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
            digest=_digest(text, places),
            pupil=pupil,
            urn=int(urn),
            asked_for=_asked_for(urn, upn, places),
            issued_by=school_actor,
            issued_at=now,
            expires_at=now + rules.lifetime,
        )
    return IssuedCode(text=text, expires_at=row.expires_at)


def _is_closed(account_id: int, now: datetime, rules: ClaimRules) -> bool:
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
    rules: ClaimRules = RULES,
) -> ChildLink | Refusal:
    """Use a code: the account may act for the child from now on.

    An account of a school, a researcher or the custodian cannot: what is seen at work and what is seen as a parent
    would be one sign-in, and a letter found on an office's desk would open a child's record to whoever works there.

    Returns:
        The link; or a refusal, which is the same for a code that is unknown, used, expired or revoked.

    Raises:
        SchoolgateError: no such account.
    """
    if people.account(account_id).role != "family":
        return _NOT_A_FAMILY  # before the code is looked at: it tells nothing about it
    now = clock.now()
    attempt = ClaimAttempt.objects.create(account_id=account_id, at=now)
    if _is_closed(account_id, now, rules):
        return _TOO_MANY
    digest = _digest(code, installation(config))
    with transaction.atomic():
        # One statement takes the code: of two who use it at once, one changes a row and one changes none.
        usable = ClaimCode.objects.filter(digest=digest, used_at=None, revoked_at=None, expires_at__gt=now)
        taken = usable.update(used_at=now, used_by=account_id)
        row = ClaimCode.objects.filter(digest=digest, used_at=now, used_by=account_id).first()
        if not taken or row is None:
            return _DOES_NOT_FIT
        ClaimAttempt.objects.filter(pk=attempt.pk).update(fitted=True)
        return _link(account_id, row, now, rng)


def _link(account_id: int, code: ClaimCode, now: datetime, rng: Entropy) -> ChildLink:
    in_force = LinkRow.objects.filter(account_id=account_id, pupil=code.pupil, ended_at=None)
    try:
        with transaction.atomic():
            row = in_force.first() or LinkRow.objects.create(
                # 62 bits: positive in every database's 64-bit column.
                public_id=(int.from_bytes(rng(8), "big") >> 2) | 1,
                account_id=account_id,
                pupil=code.pupil,
                code=code,
                since=now,
            )
    except IntegrityError:
        row = in_force.get()  # a second code of the same child, used at the same moment
    return _view(row)


def children(account_id: int) -> tuple[ChildLink, ...]:
    """The account's children, in the order in which they were added."""
    rows = LinkRow.objects.filter(account_id=account_id, ended_at=None).select_related("code").order_by("since", "pk")
    return tuple(_view(row) for row in rows)


def _row(link: ChildLink) -> LinkRow:
    row = LinkRow.objects.filter(public_id=link.id, account_id=link.account_id, ended_at=None).first()
    if row is None:
        raise UnknownLink("This account has no such child.", code="link-unknown")
    return row


def child(account_id: int, link_id: int) -> ChildLink:
    """One of the account's children.

    Raises:
        UnknownLink: not this account's, ended, or none.
    """
    rows = LinkRow.objects.filter(public_id=link_id, account_id=account_id, ended_at=None)
    row = rows.select_related("code").first()
    if row is None:
        raise UnknownLink("This account has no such child.", code="link-unknown")
    return _view(row)


def pupil_of(link: ChildLink) -> Pmr:
    """The child, after asking whether the link is in force and its account's own; each use asks anew.

    Raises:
        UnknownLink: it is not.
    """
    return Pmr(_row(link).pupil)


def end_link(link: ChildLink, *, clock: Clock) -> None:
    """The account gives the child up.

    Raises:
        UnknownLink: it had no such child.
    """
    row = _row(link)
    row.ended_at, row.ended_by = clock.now(), f"account:{link.account_id}"
    row.save(update_fields=["ended_at", "ended_by"])


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
    places = installation(config)
    pupil = gate.find_own_pupil(Urn(urn), upn.strip().upper(), school_actor, config=places, clock=clock)
    if isinstance(pupil, Refusal):
        own = ClaimCode.objects.filter(asked_for=_asked_for(urn, upn, places))
        if not own.exists():
            return pupil
        links, codes = LinkRow.objects.filter(code__in=own), own
    else:
        links, codes = LinkRow.objects.filter(pupil=pupil), ClaimCode.objects.filter(pupil=pupil)
    now = clock.now()
    with transaction.atomic():
        list(codes.select_for_update().order_by("pk"))  # in one order for all, as an update does not promise
        # Codes first: one that is being used at this moment is waited for, and the link it made is ended below.
        revoked = codes.filter(used_at=None, revoked_at=None).update(revoked_at=now)
        return revoked + links.filter(ended_at=None).update(ended_at=now, ended_by=school_actor)
