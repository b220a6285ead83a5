"""Saying no and yes to uses, asking that a record is not used for now, and taking each back.

These run where the case is kept: `desk.for_family` does them in the gate's process where there is one.
"""

from __future__ import annotations

from datetime import date

from schoolgate import consent, people, policy, requests
from schoolgate.clock import Clock, custodians_day
from schoolgate.errors import Refusal
from schoolgate.ids import Pmr
from schoolgate.rights.chosen import BeingChecked, Choices, SaidNo, SaidYes, Stopped
from schoolgate.rights.claims import pupil_of
from schoolgate.rights.models import ChildLink as LinkRow
from schoolgate.rights.views import ChildLink


def _actor(link: ChildLink) -> str:
    return f"account:{link.account_id}"


def object_to(link: ChildLink, to: consent.Scope | str, *, clock: Clock) -> consent.Objection:
    """Say no; it counts from the next read on.

    Args:
        link: of the account to the child.
        to: what is said no to; a plain text is a purpose.
        clock: the time.

    Returns:
        The objection; `overridden`, with the law's provision, when the use may go on all the same.

    Raises:
        UnknownLink: not this account's child.
        SchoolgateError: there is no such thing to say no to.
    """
    return consent.lodge_objection(pupil_of(link), to, actor=_actor(link), clock=clock)


def withdraw(link: ChildLink, to: consent.Scope | str, *, clock: Clock) -> bool:
    """Take a "no" back, in the same one step.

    Returns:
        Whether there was one.

    Raises:
        UnknownLink: not this account's child.
        SchoolgateError: there was none, and there is no such thing to say no to.
    """
    return consent.withdraw_objection(pupil_of(link), to, actor=_actor(link), clock=clock)


def objections(link: ChildLink) -> tuple[consent.Objection, ...]:
    """What was said no to, and is in force.

    Raises:
        UnknownLink: not this account's child.
    """
    return consent.objections_of(pupil_of(link))


def stop_use(link: ChildLink, reason: str, *, clock: Clock) -> consent.Restriction:
    """Ask that the whole record is stored and not used (UK GDPR Article 18(1)); it is so from the next read on.

    It is placed when it is asked for, and looked into afterwards: the other order would use, meanwhile, what must not
    be used.

    Raises:
        UnknownLink: not this account's child.
        SchoolgateError: not one of `consent.RESTRICTION_REASONS`.
    """
    return consent.restrict(pupil_of(link), reason=reason, actor=_actor(link), clock=clock)


def end_stop(link: ChildLink, reason: str, *, clock: Clock) -> bool:
    """Take that back; what the custodian placed stays.

    Returns:
        Whether a family had asked for it.

    Raises:
        UnknownLink: not this account's child.
        SchoolgateError: not one of `consent.RESTRICTION_REASONS`.
    """
    return consent.withdraw_restriction(pupil_of(link), reason=reason, actor=_actor(link), clock=clock)


_NOT_ASKED = Refusal(
    "yes-not-asked",
    "Nobody asks for this yes.",
    provision="UK GDPR Article 4(11): a yes is specific and informed",
    remedy="Look again at what your yes is asked for.",
)


def say_yes(link: ChildLink, agreement_id: str, item: str, last_day: date, *, clock: Clock) -> consent.Yes | Refusal:
    """Say yes to one item under one agreement in force, so that who asks and why is what the page said.

    Returns:
        The yes; or a refusal when no agreement in force waits for such a yes.

    Raises:
        UnknownLink: not this account's child.
        SchoolgateError: the last day is past or too far away.
    """
    pupil = pupil_of(link)
    try:
        agreement = requests.get(agreement_id)
    except requests.UnknownRequest:
        return _NOT_ASKED
    if agreement.state != "active" or item not in yes_wanted(agreement):
        return _NOT_ASKED
    return consent.give_consent(
        pupil,
        item=item,
        purpose_id=agreement.purpose,
        recipient=agreement.organisation_id,
        last_day=last_day,
        actor=_actor(link),
        clock=clock,
    )


def yes_wanted(agreement: requests.Agreement) -> frozenset[str]:
    """The items of an agreement that may be read only of children whose family said yes."""
    agreed = agreement.items.union(*(one.items for one in agreement.additions))
    return agreed & frozenset(policy.consent_needed(agreement.purpose))


def take_back_yes(link: ChildLink, item: str, purpose_id: str, recipient: str, *, clock: Clock) -> bool:
    """Take a "yes" back; it counts from the next read on.

    Returns:
        Whether there was one.

    Raises:
        UnknownLink: not this account's child.
    """
    return consent.withdraw_consent(
        pupil_of(link), item=item, purpose_id=purpose_id, recipient=recipient, actor=_actor(link), clock=clock
    )


def choices_of(link: ChildLink, *, clock: Clock) -> Choices:
    """Everything that is chosen for the child, by whoever acts for it.

    Raises:
        UnknownLink: not this account's child.
    """
    pupil, today = pupil_of(link), custodians_day(clock)
    by = _Who(link, pupil).by
    return Choices(
        no=tuple(
            SaidNo(
                one.scope.of,
                one.scope.target,
                _name(one.scope.target) if one.scope.of == "recipient" else "",
                one.lodged_at,
                by(one.lodged_by),
                one.overridden,
                one.provision,
            )
            for one in consent.objections_of(pupil)
        ),
        yes=tuple(
            SaidYes(
                one.item,
                one.purpose_id,
                one.recipient,
                _name(one.recipient),
                one.given_at,
                by(one.given_by),
                one.last_day,
                one.last_day < today,
            )
            for one in consent.consents_of(pupil)
        ),
        stopped=tuple(
            Stopped(one.reason, one.placed_at, by(one.placed_by), one.lifts_on, one.placed_by.startswith("account:"))
            for one in consent.restrictions_of(pupil)
        ),
        checked=tuple(
            BeingChecked(one.item, one.case, one.since, by(one.opened_by)) for one in consent.disputes_of(pupil)
        ),
    )


def _name(organisation_id: str) -> str:
    try:
        return people.organisation(organisation_id).name
    except people.UnknownOrganisation:
        return organisation_id


class _Who:
    """Says by whom something was said; who another account is, is not this one's business."""

    def __init__(self, link: ChildLink, pupil: Pmr) -> None:
        held = LinkRow.objects.filter(pupil=pupil, by_staff=True).values_list("account_id", flat=True)
        self._own, self._staff = _actor(link), {f"account:{account}" for account in held}

    def by(self, actor: str) -> str:
        """One of `chosen.BY`."""
        if actor in self._staff or not actor.startswith("account:"):
            return "staff"
        return "you" if actor == self._own else "another account"
