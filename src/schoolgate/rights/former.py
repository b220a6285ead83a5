"""An adult's own record of their schooldays, decades later, after signing in with a proven identity.

The names and the date of birth are those of the proven identity; the pupil number is typed, from an old result slip or
a letter of the school. They are matched inside the gate, which answers the same for nobody and for several. Tries are
counted together with those at codes.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from schoolgate import people
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.errors import Refusal
from schoolgate.rights.claims import standing_of, view
from schoolgate.rights.code import Entropy
from schoolgate.rights.codes import NOT_A_FAMILY, RULES, TOO_MANY, is_closed
from schoolgate.rights.competence import PUPIL
from schoolgate.rights.linking import new_link
from schoolgate.rights.models import ChildLink as LinkRow
from schoolgate.rights.models import ClaimAttempt
from schoolgate.rights.ports import REAL_GATE, installation
from schoolgate.rights.views import ChildLink, ClaimRules, GatePort

if TYPE_CHECKING:
    from schoolgate.gate import Claimant

_NOTHING_FITS = Refusal(
    "no-one-record",
    "We could not find one record that fits.",
    remedy="Check the number, or ask on paper.",
)


def claim_own_record(
    account_id: int,
    upn: str,
    who: Claimant,
    *,
    clock: Clock,
    config: Config | None = None,
    gate: GatePort = REAL_GATE,
    rng: Entropy = os.urandom,
    rules: ClaimRules = RULES,
) -> ChildLink | Refusal:
    """Link an adult to their own record.

    Args:
        account_id: the adult's account.
        upn: the pupil number, typed.
        who: the proven identity.
        clock: the time.
        config: the installation.
        gate: the gate.
        rng: random bytes by number.
        rules: how many tries there are.

    Returns:
        The link; or a refusal, the same whatever does not fit.
    """
    if people.account(account_id).role != "family":
        return NOT_A_FAMILY
    now, places = clock.now(), installation(config)
    attempt = ClaimAttempt.objects.create(account_id=account_id, at=now)
    if is_closed(account_id, now, rules):
        return TOO_MANY
    pupil = gate.find_former_pupil(upn, who, f"account:{account_id}", config=places, clock=clock)
    if isinstance(pupil, Refusal):
        return _NOTHING_FITS
    in_force = LinkRow.objects.filter(account_id=account_id, pupil=pupil, ended_at=None)
    if LinkRow.objects.filter(account_id=account_id, pupil=pupil, barred=True).exists():
        return _NOTHING_FITS
    try:
        with transaction.atomic():
            row = in_force.first() or new_link(account_id, int(pupil), PUPIL, now, rng)
    except IntegrityError:
        row = in_force.get()
    standing = standing_of(int(pupil), places, clock, gate)
    if "see" not in standing.may(row):
        row.delete()
        return _NOTHING_FITS
    ClaimAttempt.objects.filter(pk=attempt.pk).update(fitted=True)
    return view(row, standing, places)
