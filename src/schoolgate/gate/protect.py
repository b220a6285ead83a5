"""What the custodian records of one child by its UPN: a shield, a death, a family's yes on paper, a restriction.

Only here, in `claiming` and in `subject` does a UPN lead to a pupil. Nothing is shown of the child; that it was looked
for is a read like any other and in the child's own answer, staff's too. What was recorded, and why, is in no event.
"""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import date

from schoolgate import consent, people, requests
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.errors import Refusal
from schoolgate.gate.subject import look
from schoolgate.ids import Pmr, upn_problem
from schoolgate.records.read import NoData
from schoolgate.records.vault import Vault


def _custodian(actor: str) -> Refusal | None:
    if people.person(actor).role == "custodian":
        return None
    return Refusal("not-your-decision", "Only the custodian's people may do this.", remedy="Ask the custodian.")


def _holders(upn: str, config: Config) -> tuple[Pmr, ...]:
    return Vault(config).holders([upn]).get(upn, ()) if upn_problem(upn) is None else ()


def _looked(pupil: Pmr, actor: str, config: Config, clock: Clock) -> None:
    """Put on record that the child was looked for, unless there is no lake yet: then nobody has an answer to see."""
    requests.ensure_built_in(clock)
    with suppress(NoData):
        look(pupil, ("identity.upn",), actor, config=config, clock=clock, entropy=os.urandom)


def _only_one(upn: str, actor: str, config: Config, clock: Clock) -> Pmr | Refusal:
    refused = _custodian(actor)
    if refused is not None:
        return refused
    found = _holders(upn, config)
    if len(found) == 1:
        _looked(found[0], actor, config, clock)
        return found[0]
    words = "No pupil has this UPN." if not found else "Several pupils lay claim to this UPN."
    return Refusal("pupil-unclear", words, remedy="Check it; a UPN in dispute is settled in the clerk's queue first.")


def find_to_protect(upn: str, actor: str, *, config: Config, clock: Clock) -> Pmr | Refusal:
    """The one child of a UPN, for what a person of the custodian does about its record; a look in the child's list."""
    return _only_one(upn.strip().upper(), actor, config, clock)


def set_shield(upn: str, shielded: bool, *, actor: str, config: Config, clock: Clock) -> bool | Refusal:
    """Shield a child, at once, or say that the shield is to be lifted: the second person who says so lifts it.

    Where several lay claim to the UPN all are shielded: when in doubt, hidden.

    Returns:
        Whether anything changed, or for lifting whether it is lifted (False: it waits for the second person); or why it
        could not be done.
    """
    if shielded:
        refused = _custodian(actor)
        found = _holders(upn, config)
        if refused is not None or not found:
            return refused or Refusal("pupil-unclear", "No pupil has this UPN.", remedy="Check it.")
        changed = [consent.shield(pupil, actor=actor, clock=clock) for pupil in found]
        for pupil in found:  # afterwards: whatever happens to the record, the child is hidden first
            _looked(pupil, actor, config, clock)
        return any(changed)
    one = _only_one(upn, actor, config, clock)
    return one if isinstance(one, Refusal) else consent.unshield(one, actor=actor, clock=clock)


def set_death(upn: str, died_on: date | None, *, actor: str, config: Config, clock: Clock) -> bool | Refusal:
    """Say that a pupil has died, or that it was recorded in error (`died_on` None): the second person does it.

    Returns:
        Whether it counts now; False: it waits for the second person. Or why it could not be done.
    """
    one = _only_one(upn, actor, config, clock)
    if isinstance(one, Refusal):
        return one
    if died_on is None:
        return consent.correct_death(one, actor=actor, clock=clock)
    return consent.record_death(one, died_on, actor=actor, clock=clock)


def set_consent(
    upn: str,
    last_day: date | None,
    *,
    item: str,
    purpose_id: str,
    recipient: str,
    actor: str,
    config: Config,
    clock: Clock,
) -> bool | Refusal:
    """Record a family's yes as given on paper, or its withdrawal (`last_day` None).

    Returns:
        Whether anything changed; or why it could not be done.
    """
    one = _only_one(upn, actor, config, clock)
    if isinstance(one, Refusal):
        return one
    if last_day is None:
        return consent.withdraw_consent(
            one, item=item, purpose_id=purpose_id, recipient=recipient, actor=actor, clock=clock
        )
    consent.give_consent(
        one, item=item, purpose_id=purpose_id, recipient=recipient, last_day=last_day, actor=actor, clock=clock
    )
    return True


def set_restriction(upn: str, reason: str, *, actor: str, config: Config, clock: Clock) -> bool | Refusal:
    """Restrict a child's record for one of the law's reasons (UK GDPR Article 18(1)), as the custodian.

    Returns:
        True; or why it could not be done.

    Raises:
        SchoolgateError: not one of `consent.RESTRICTION_REASONS`.
    """
    one = _only_one(upn, actor, config, clock)
    if isinstance(one, Refusal):
        return one
    consent.restrict(one, reason=reason, actor=actor, clock=clock)
    return True
