"""Ending a "no" of another by a decision, as the custodian's staff see and do it.

Two people, a ground and what was decided; whoever still acts for the child is written to. Staff see what somebody is to
the child and whether their page still opens, never who they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from schoolgate import consent, people, post
from schoolgate import gate as the_gate
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.errors import Refusal
from schoolgate.ids import Pmr
from schoolgate.rights.claims import open_links
from schoolgate.rights.competence import PUPIL
from schoolgate.rights.models import ChildLink as LinkRow
from schoolgate.rights.ports import installation


@dataclass(frozen=True, slots=True, repr=False)
class NoOfSomebody:
    """A "no" in force. Its repr is hidden: it is about a child.

    Attributes:
        number: which one, for ending it.
        of: one of `consent.SCOPES`.
        target: id of the purpose, kind or organisation; empty where all is meant.
        since: when it was said.
        standing: what who said it is to the child, a key of `Competence.standings`; empty when it is not known.
        linked: whether their link to the child has not ended.
        ground: on which one of the staff would end it; empty while nobody has said so.
        first_by: who that was.
    """

    number: int
    of: str
    target: str
    since: datetime
    standing: str
    linked: bool
    ground: str
    first_by: str


def nos_for_custodian(
    upn: str, *, actor: str, clock: Clock, config: Config | None = None
) -> tuple[NoOfSomebody, ...] | Refusal:
    """Every "no" in force for a child, for a person of the custodian. Finding the child is a look."""
    pupil = the_gate.find_for_paper(upn, actor, config=installation(config), clock=clock)
    if isinstance(pupil, Refusal):
        return pupil
    links: dict[str, LinkRow] = {}
    for row in LinkRow.objects.filter(pupil=pupil).order_by("pk"):
        links[f"account:{row.account_id}"] = row  # the latest of each account
    return tuple(_view(one, links.get(one.lodged_by)) for one in consent.nos_held(pupil))


def _view(one: consent.HeldNo, link: LinkRow | None) -> NoOfSomebody:
    return NoOfSomebody(
        number=one.number,
        of=one.scope.of,
        target=one.scope.target,
        since=one.lodged_at,
        standing=link.standing if link is not None else "",
        linked=link is not None and link.ended_at is None,
        ground=one.ground,
        first_by=one.first_by,
    )


def end_no_of_another(
    upn: str, number: int, ground: str, reason: str, *, actor: str, clock: Clock, config: Config | None = None
) -> bool | Refusal:
    """Say, as a person of the custodian, that a "no" is to end; the second one ends it (`consent.end_no`).

    A young person's own is ended by nobody else: an order about a child who decides for themselves is theirs to take
    up, and so is a case.
    """
    pupil = the_gate.find_for_paper(upn, actor, config=installation(config), clock=clock)
    if isinstance(pupil, Refusal):
        return pupil
    if _is_the_childs(pupil, number):
        return Refusal(
            "no-of-the-child",
            "The young person said this no, and only they take it back.",
            provision="UK GDPR Article 21; Gillick v West Norfolk and Wisbech AHA [1986] AC 112",
            remedy="Ask them.",
        )
    with transaction.atomic():
        ended = consent.end_no(pupil, number, ground=ground, reason=reason, actor=actor, clock=clock)
        if ended is True:
            _tell(pupil, installation(config), clock)
    return ended


def _tell(pupil: Pmr, config: Config, clock: Clock) -> None:
    """Write to everybody whose page of the child opens and who has an address; the letter names nothing of either."""
    text = [
        _("Two of our staff decided that a “no” to a use of your child’s data ends."),
        _("Sign in to see your choices: %(site)s/family/") % {"site": post.site_address()},
        _("If you do not agree, say no yourself, or complain to us, or to the ICO: ico.org.uk"),
        _("We say no more here, because others may read your letters."),
    ]
    for number in dict.fromkeys(row.account_id for row in open_links(pupil, config=config, clock=clock)):
        account = people.account(number)
        if account.has_address:
            post.write(account.email, _("A “no” has ended"), "\n\n".join(text), clock=clock)


def _is_the_childs(pupil: Pmr, number: int) -> bool:
    own = {
        f"account:{account}"
        for account in LinkRow.objects.filter(pupil=pupil, standing=PUPIL).values_list("account_id", flat=True)
    }
    return any(one.number == number and one.lodged_by in own for one in consent.nos_held(pupil))
