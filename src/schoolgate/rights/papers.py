"""The paper route: somebody shows papers, two people look at them, and neither can let anyone in alone.

What is kept is the kind of each paper and, where it was scanned, its SHA-256, so that a dispute later can be settled by
whoever holds the paper; never a copy, and never what stands in it (UK GDPR Article 5(1)(c), (e)). The first check is by
whoever enters the claim, a person of the custodian or the pupil's own school; the second by another human being of the
custodian.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from schoolgate import gate as the_gate
from schoolgate import people
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.errors import Refusal, Refused
from schoolgate.ids import Pmr, Urn
from schoolgate.rights.claims import pupil_of
from schoolgate.rights.code import Entropy
from schoolgate.rights.codes import give_code
from schoolgate.rights.competence import competence
from schoolgate.rights.linking import new_link
from schoolgate.rights.models import OnBehalf, PaperClaim
from schoolgate.rights.paperstates import PAPER, state_of
from schoolgate.rights.ports import REAL_GATE, installation
from schoolgate.rights.views import ChildLink, GatePort, IssuedCode, PaperView, SchoolPaper

WAYS = ("letter", "held")
"""What a confirmed claim leads to: a code letter, or a link of somebody who does not sign in."""
_REASON = 500
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class PaperDecided:
    """What became of a claim.

    Attributes:
        outcome: ``confirmed`` or ``refused``.
        code: the code for the letter, shown once; empty for every other way.
        expires_at: until when it works.
        link_id: the link of somebody who does not sign in; 0 for every other way.
    """

    outcome: str
    code: str = field(repr=False, default="")
    expires_at: datetime | None = None
    link_id: int = 0


def _no(code: str, reason: str, remedy: str = "", where: str = "") -> Refused:
    return Refused((Refusal(code, reason, remedy=remedy, where=where),))


def _view(row: PaperClaim) -> PaperView:
    return PaperView(
        id=row.public_id,
        standing=row.standing,
        evidence=tuple(str(one["kind"]) for one in row.evidence),
        opened_by=row.opened_by,
        opened_at=row.opened_at,
        first_by=row.first_by,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        outcome=row.outcome,
        reason=row.reason,
        state=_state(row),
    )


def _of_evidence(standing: str, evidence: Mapping[str, str]) -> Refused | None:
    policy = competence()
    if standing not in policy.standings:
        return _no("standing-unknown", "A claim says what the person is to the child.", "Choose one.", "standing")
    if not evidence or set(evidence) - set(policy.evidence):
        return _no("evidence-missing", "A claim names the papers that were seen.", "Choose at least one.", "evidence")
    if any(digest and not _SHA256.fullmatch(digest) for digest in evidence.values()):
        return _no("digest", "This is no SHA-256.", "64 small letters and digits, or nothing.", "evidence")
    return None


def open_paper(
    upn: str,
    standing: str,
    evidence: Mapping[str, str],
    *,
    actor: str,
    clock: Clock,
    config: Config | None = None,
    rng: Entropy = os.urandom,
) -> PaperView | Refused:
    """Enter a claim, as a person of the custodian who has seen the papers. Finding the pupil is a look, on record.

    Args:
        upn: the pupil's.
        standing: what the person is to the child.
        evidence: kind of paper -> its SHA-256, or nothing where it was not scanned.
        actor: who has seen them, e.g. ``P-0001``.
        clock: the time.
        config: the installation.
        rng: random bytes by number.
    """
    wrong = _of_evidence(standing, evidence)
    if wrong is not None:
        return wrong
    places = installation(config)
    pupil = the_gate.find_for_paper(upn, actor, config=places, clock=clock)
    if isinstance(pupil, Refusal):
        return Refused((pupil,))
    return _view(_enter(pupil, standing, evidence, actor, clock, rng))


def open_paper_at_school(
    urn: Urn | int | str,
    upn: str,
    standing: str,
    evidence: Mapping[str, str],
    *,
    school_actor: str,
    clock: Clock,
    config: Config | None = None,
    gate: GatePort = REAL_GATE,
    rng: Entropy = os.urandom,
) -> SchoolPaper | Refused:
    """The same, as the pupil's own school; the second check is the custodian's.

    Whether one record fits is not told at the counter: the claim is entered either way, and the custodian's staff see
    that it fits none. So nobody asks a school's office where a child is by way of a claim.
    """
    wrong = _of_evidence(standing, evidence)
    if wrong is not None:
        return wrong
    if PaperClaim.objects.filter(opened_by=school_actor, outcome="").count() >= MOST_WAITING:
        return _no(
            "too-many-claims", f"{MOST_WAITING} claims of your school wait already.", "Wait for the custodian’s check."
        )
    places = installation(config)
    pupil = gate.find_own_pupil(Urn(urn), upn.strip().upper(), school_actor, config=places, clock=clock)
    found = None if isinstance(pupil, Refusal) else pupil
    return _for_school(_enter(found, standing, evidence, school_actor, clock, rng))


MOST_WAITING = 50
"""Claims of one school that wait at once: more than a busy week at its counter."""
_LISTED = 100


def papers_of_school(school_actor: str) -> tuple[SchoolPaper, ...]:
    """What a school entered, the newest first."""
    rows = PaperClaim.objects.filter(opened_by=school_actor).order_by("-opened_at", "-pk")
    return tuple(_for_school(row) for row in rows[:_LISTED])


def withdraw_paper(claim_id: int, school_actor: str, *, clock: Clock) -> bool | Refused:
    """The school takes back what it entered by mistake.

    Returns:
        True; or why not: the same for a claim of another school, one that was dealt with, and none.
    """
    with transaction.atomic():
        row = PaperClaim.objects.select_for_update().filter(public_id=claim_id, opened_by=school_actor).first()
        if row is None or isinstance(PAPER.move(_state(row), "withdraw", "school"), Refusal):
            return _no("claim-unknown", "No such claim of yours waits.", "See the list.")
        row.decided_by, row.decided_at, row.outcome = school_actor, clock.now(), "withdrawn"
        row.save()
    return True


def _state(row: PaperClaim) -> str:
    return state_of(row.outcome, row.pupil is not None)


def _for_school(row: PaperClaim) -> SchoolPaper:
    kinds = tuple(str(one["kind"]) for one in row.evidence)
    return SchoolPaper(row.public_id, row.standing, kinds, row.opened_at, not row.outcome)


def _enter(
    pupil: Pmr | None, standing: str, evidence: Mapping[str, str], actor: str, clock: Clock, rng: Entropy
) -> PaperClaim:
    now = clock.now()
    return PaperClaim.objects.create(
        public_id=(int.from_bytes(rng(8), "big") >> 2) | 1,
        pupil=pupil,
        standing=standing,
        evidence=[{"kind": kind, "sha256": digest} for kind, digest in sorted(evidence.items())],
        opened_by=actor,
        opened_at=now,
        first_by=actor,
        first_at=now,
    )


def papers_waiting() -> tuple[PaperView, ...]:
    """The claims that wait for their second check, oldest first."""
    return tuple(_view(row) for row in PaperClaim.objects.filter(outcome="").order_by("opened_at", "pk"))


def _of_second_check(row: PaperClaim, agree: bool, actor: str) -> Refused | None:
    if row.first_by == actor or (row.first_by.startswith("P-") and people.same_human(row.first_by, actor)):
        return _no("same-person", "Two people look at the papers; you were the first.", "Ask a colleague.")
    if isinstance(PAPER.move(_state(row), "confirm" if agree else "refuse", "custodian"), Refusal):
        return _no(
            "no-one-record",
            "No one record fits the number that the school typed.",
            "Say no to this claim, and enter it anew with the number on the papers.",
            "agree",
        )
    return None


def decide_paper(
    claim_id: int,
    agree: bool,
    way: str,
    reason: str,
    *,
    actor: str,
    clock: Clock,
    config: Config | None = None,
    rng: Entropy = os.urandom,
) -> PaperDecided | Refused:
    """The second check, by another human being of the custodian, who has seen the papers too.

    Args:
        claim_id: `PaperView.id`.
        agree: whether the papers show what the claim says.
        way: one of `WAYS`; what a refusal leads to is nothing.
        reason: why, in a few words; needed for a refusal.
        actor: a person of the custodian.
        clock: the time.
        config: the installation.
        rng: random bytes by number.
    """
    if people.person(actor).role != "custodian":
        return _no("not-your-decision", "Only the custodian’s people may do this.")
    if way not in WAYS:
        return _no("way-unknown", "A confirmed claim leads to a letter or to a held link.", where="way")
    if not agree and not reason.strip():
        return _no("reason-missing", "A refusal says why.", where="reason")
    with transaction.atomic():
        row = PaperClaim.objects.select_for_update().filter(public_id=claim_id, outcome="").first()
        if row is None:
            return _no("claim-unknown", "No such claim waits for a second check.", "See the list.")
        no = _of_second_check(row, agree, actor)
        if no is not None:
            return no
        pupil = row.pupil
        now = clock.now()
        row.decided_by, row.decided_at, row.reason = actor, now, reason.strip()[:_REASON]
        row.outcome = "confirmed" if agree else "refused"
        row.save()
        if not agree or pupil is None:
            return PaperDecided("refused")
        if way == "held":
            # An account that nobody can sign in to: the address is no address, and there is no password.
            account = people.create_held_account(rng(16).hex())
            link = new_link(account.id, pupil, row.standing, now, rng, confirmed_at=now, by_staff=True)
            return PaperDecided("confirmed", link_id=link.public_id)
        made = give_code(
            Pmr(pupil), row.standing, actor=actor, clock=clock, config=installation(config), rng=rng, paper=row
        )
        if isinstance(made, IssuedCode):
            return PaperDecided("confirmed", made.text, made.expires_at)
        transaction.set_rollback(True)
        return Refused((made,))


@dataclass(frozen=True, slots=True)
class Helped:
    """One act that staff did on behalf of a family.

    Attributes:
        person: who did it, e.g. ``P-0001``; shown to the family as the custodian's staff.
        act: name of the family act.
        reason: why, in the words of who did it; empty where it was done for somebody else who acts for the child.
        own: whether it was done for the account that looks.
    """

    person: str
    act: str
    reason: str
    at: datetime
    own: bool = True


def helped_for(link: ChildLink) -> tuple[Helped, ...]:
    """What staff did on behalf of a child's family, oldest first; what another adult gave as a reason is theirs.

    Raises:
        UnknownLink: not this account's child.
    """
    rows = OnBehalf.objects.filter(link__pupil=pupil_of(link)).select_related("link").order_by("at", "pk")
    return tuple(
        Helped(row.person, row.act, row.reason if own else "", row.at, own)
        for row in rows
        for own in (row.link.account_id == link.account_id,)
    )


def helped_between(begin: datetime, end: datetime) -> int:
    """How many acts staff did on behalf of families in a span of time, for the figures; its end is not in it."""
    return OnBehalf.objects.filter(at__gte=begin, at__lt=end).count()
