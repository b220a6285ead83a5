"""Who may act for which side, and who may not because of what else they are. Pure but for looking persons up."""

from __future__ import annotations

from datetime import date

from schoolgate import people
from schoolgate.errors import Refusal
from schoolgate.requests.models import Request

_DECIDING = ("approve", "refuse", "approve_in_emergency", "amend", "extend", "resume", "reaffirm", "review_emergency")


def built_in(row: Request) -> list[Refusal]:
    """The refusal for an agreement that the law makes."""
    return [Refusal("built-in", "This agreement is built in.", provision="UK GDPR Article 15")] if row.built_in else []


def gone(person: people.PersonView) -> list[Refusal]:
    """Whoever left the organisation acts for it no more."""
    if person.left_on is None:
        return []
    return [Refusal("left", f"{person.id} left the organisation, and acts for it no more.", where="actor")]


def own_organisation(row: Request, person: people.PersonView, *, or_successor: bool = False) -> list[Refusal]:
    """A researcher acts for their own organisation alone.

    With `or_successor` also for what became part of it: that nobody is left there who could does not mean that
    nobody ends the use or answers for the data.
    """
    own = people.stands_for(person.organisation_id) if or_successor else (person.organisation_id,)
    if person.role == "researcher" and row.organisation_id not in own:
        return [Refusal("not-your-organisation", "This is another organisation's agreement.", where="actor")]
    return []


def _accounts(ids: set[str]) -> set[int]:
    return {account for one in ids if (account := people.person(one).account_id) is not None}


def sits_on_panel(person: people.PersonView) -> list[Refusal]:
    """Whoever sits on the panel signs for no recipient, in whichever of their persons."""
    if person.account_id is None:
        return []
    if any(one.role == "panel" for one in people.held_persons(person.account_id)):
        return [
            Refusal(
                "sits-on-panel",
                "You sit on the panel, so somebody else of your organisation signs.",
                provision="who decides does not sign for the recipient",
                where="actor",
            )
        ]
    return []


def voted(row: Request, person: people.PersonView) -> list[Refusal]:
    """Whoever decided on the request does not sign it for the custodian."""
    deciders = {who for step in row.steps.filter(event__in=_DECIDING) for who in step.actors}
    if person.id in deciders or (person.account_id is not None and person.account_id in _accounts(deciders)):
        return [
            Refusal(
                "voted-on-it",
                "You decided on this request, so somebody else signs it for the custodian.",
                provision="who decides does not sign",
                where="actor",
            )
        ]
    return []


def same_hand(signed_by: tuple[int | None, ...], person: people.PersonView) -> list[Refusal]:
    """One human being does not sign for both sides."""
    if person.account_id is not None and person.account_id in signed_by:
        return [Refusal("same-hand", "You signed this for the other side.", where="actor")]
    return []


def who_it_is(organisation_id: str, today: date) -> list[Refusal]:
    """Why nothing can be signed with an organisation: nobody made sure lately that it is who it says.

    A former training provider renamed itself, kept its access, and sold it (2018-20): who an organisation is, is
    looked at before the signature, and again after its name, owner or number changed (`people.is_verified`).
    """
    if people.is_verified(organisation_id, today):
        return []
    what = f"Nobody of the custodian has made sure within a year that {organisation_id} is who it says."
    remedy = f"Look it up where it is registered, then: schoolgate people organisation verify {organisation_id}"
    return [Refusal("organisation-not-verified", what, "UK GDPR Article 5(2)", remedy, "organisation")]
