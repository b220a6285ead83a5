"""Saying no and yes to uses, asking that a record is not used for now, and taking each back.

These run where the case is kept: `desk.for_family` does them in the gate's process where there is one.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from schoolgate import consent, people, policy, requests
from schoolgate.clock import Clock, custodians_day
from schoolgate.errors import Refusal
from schoolgate.ids import Pmr
from schoolgate.rights.chosen import WITHHELD, BeingChecked, Choices, SaidNo, SaidYes, Stopped
from schoolgate.rights.claims import pupil_of
from schoolgate.rights.competence import PUPIL
from schoolgate.rights.models import ChildLink as LinkRow
from schoolgate.rights.views import ChildLink


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
    return consent.lodge_objection(pupil_of(link), to, actor=link.actor, clock=clock)


_NOT_YOURS = Refusal(
    "no-of-another",
    "Somebody else who may decide for the child said this “no”, so it stays.",
    provision="UK GDPR Article 21; Children Act 1989 s.2(7): each may act alone",
    remedy="Only they can take it back, or the young person. If a court or your case decided otherwise, write to us.",
)


def withdraw(link: ChildLink, to: consent.Scope | str, *, clock: Clock) -> bool | Refusal:
    """Take one's own "no" back, in the same one step. The young person takes back whoever's it is.

    Returns:
        Whether there was one; or a refusal when only others said it: what protects the child more counts, until who
        said it, the young person or a decision (`end_no_of_another`) ends it.

    Raises:
        UnknownLink: not this account's child.
        SchoolgateError: there was none, and there is no such thing to say no to.
    """
    pupil, scope = pupil_of(link), consent.Scope("purpose", to) if isinstance(to, str) else to
    # What is not named to this account is neither ended by it nor found out by guessing: the answer is that to none.
    unseen = scope.of == "recipient" and link.places_withheld
    everybodys = is_the_child(link) and not unseen
    if consent.withdraw_objection(pupil, scope, actor=link.actor, clock=clock, everybodys=everybodys):
        return True
    if not unseen and any(one.scope == scope for one in consent.objections_of(pupil)):
        return _NOT_YOURS
    return False


def is_the_child(link: ChildLink) -> bool:
    """Whether it is the young person's own link, open to them: the rights are theirs (UK GDPR Articles 15 to 22)."""
    return link.standing == PUPIL and "manage" in link.may


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
    return consent.restrict(pupil_of(link), reason=reason, actor=link.actor, clock=clock)


_NOT_YOUR_STOP = Refusal(
    "stop-of-another",
    "Somebody else who may decide for the child asked for this, so it stays.",
    provision="UK GDPR Article 18(3); Children Act 1989 s.2(7): each may act alone",
    remedy="Only they can end it, or the young person. We tell you here before we end it.",
)


def end_stop(link: ChildLink, reason: str, *, clock: Clock) -> bool | Refusal:
    """Take one's own back; what somebody else or the custodian placed stays. The young person ends whoever's it is.

    Returns:
        Whether there was one of theirs; or a refusal when only others of the family asked for it.

    Raises:
        UnknownLink: not this account's child.
        SchoolgateError: not one of `consent.RESTRICTION_REASONS`.
    """
    pupil = pupil_of(link)
    if consent.withdraw_restriction(pupil, reason=reason, actor=link.actor, clock=clock, everybodys=is_the_child(link)):
        return True
    those = [one for one in consent.restrictions_of(pupil) if one.reason == reason]
    return _NOT_YOUR_STOP if any(one.placed_by.startswith("account:") for one in those) else False


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
        actor=link.actor,
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
    pupil, who = pupil_of(link), link.actor
    meant = [recipient]
    if recipient == WITHHELD and link.places_withheld:
        # Which one it is is not told; a yes ends by anybody's word, so all that are meant may end.
        yeses = [one for one in consent.consents_of(pupil) if (one.item, one.purpose_id) == (item, purpose_id)]
        meant = [one.recipient for one in yeses if one.given_by != who]
    ended = [
        consent.withdraw_consent(pupil, item=item, purpose_id=purpose_id, recipient=one, actor=who, clock=clock)
        for one in meant
    ]
    return any(ended)


def choices_of(link: ChildLink, *, clock: Clock) -> Choices:
    """Everything that is chosen for the child, by whoever acts for it.

    Raises:
        UnknownLink: not this account's child.
    """
    pupil, today = pupil_of(link), custodians_day(clock)
    who = _Who(link, pupil)
    by = who.by
    said: dict[tuple[str, str], list[consent.Objection]] = {}
    for one in consent.objections_of(pupil):
        target = WITHHELD if one.scope.of == "recipient" and who.is_withheld(one.lodged_by) else one.scope.target
        said.setdefault((one.scope.of, target), []).append(one)
    return Choices(
        no=tuple(_said_no(of, target, those, link, by) for (of, target), those in said.items()),
        yes=tuple(
            SaidYes(
                one.item,
                one.purpose_id,
                WITHHELD if who.is_withheld(one.given_by) else one.recipient,
                "" if who.is_withheld(one.given_by) else _name(one.recipient),
                one.given_at,
                by(one.given_by),
                one.last_day,
                one.last_day < today,
            )
            for one in consent.consents_of(pupil)
        ),
        stopped=tuple(_stopped(one, link, by) for one in consent.restrictions_of(pupil)),
        checked=tuple(
            BeingChecked(one.item, one.case, one.since, by(one.opened_by)) for one in consent.disputes_of(pupil)
        ),
    )


def _said_no(of: str, target: str, those: list[consent.Objection], link: ChildLink, by: Callable[[str], str]) -> SaidNo:
    """What several may have said of one thing, as this account sees it."""
    own = [one for one in those if one.lodged_by == link.actor]
    shown, others = (own or those)[0], len(those) > len(own)
    return SaidNo(
        of,
        target,
        _name(target) if of == "recipient" and target != WITHHELD else "",
        shown.lodged_at,
        by(shown.lodged_by),
        shown.overridden,
        shown.provision,
        can_end=bool(own) or (is_the_child(link) and target != WITHHELD),
        others=others,
        stays=others and not is_the_child(link),
    )


def _stopped(one: consent.Restriction, link: ChildLink, by: Callable[[str], str]) -> Stopped:
    can_end = one.placed_by == link.actor or (is_the_child(link) and one.placed_by.startswith("account:"))
    return Stopped(one.reason, one.placed_at, by(one.placed_by), one.lifts_on, can_end)


def _name(organisation_id: str) -> str:
    try:
        return people.organisation(organisation_id).name
    except people.UnknownOrganisation:
        return organisation_id


class _Who:
    """Says by whom something was said; who another account is, is not this one's business."""

    def __init__(self, link: ChildLink, pupil: Pmr) -> None:
        held = LinkRow.objects.filter(pupil=pupil, by_staff=True).values_list("account_id", flat=True)
        self._own, self._staff = link.actor, {f"account:{account}" for account in held}
        self._withheld = link.places_withheld

    def is_withheld(self, actor: str) -> bool:
        """Whether an organisation that this one named is not named to this account.

        The first adult of a child who is kept from being found may have said no to one of where the child is, or was.
        """
        return self._withheld and actor != self._own

    def by(self, actor: str) -> str:
        """One of `chosen.BY`."""
        if actor in self._staff or not actor.startswith("account:"):
            return "staff"
        return "you" if actor == self._own else "another account"
