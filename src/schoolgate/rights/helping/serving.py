"""A conversation with somebody who does not sign in: begun with a look on record, ended by the clock."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from schoolgate import gate as the_gate
from schoolgate import requests
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.errors import Refusal, Refused
from schoolgate.ids import Pmr
from schoolgate.rights import cases, packs
from schoolgate.rights.choices import choices_of
from schoolgate.rights.claims import UnknownLink, child, children, pupil_of
from schoolgate.rights.code import Entropy
from schoolgate.rights.declining import declined
from schoolgate.rights.helping.models import PaperLetter, Serving
from schoolgate.rights.helping.policy import the_policy
from schoolgate.rights.helping.views import Served, ServedChild
from schoolgate.rights.models import ChildLink as LinkRow
from schoolgate.rights.models import OnBehalf
from schoolgate.rights.views import ChildLink

_REASON = 500


def _no(code: str, reason: str, remedy: str = "", where: str = "") -> Refused:
    return Refused((Refusal(code, reason, remedy=remedy, where=where),))


def _unknown_link() -> Refused:
    # The same for a number that is nobody's, one of somebody who signs in, and one that opens nothing today.
    return _no("link-unknown", "Staff look after no such link.", "Check the number, or enter the papers first.", "link")


def new_number(rng: Entropy) -> int:
    """A number that says nothing of order; it has 62 bits and is odd, as a link's."""
    return (int.from_bytes(rng(8), "big") >> 2) | 1


def begin_serving(
    link_number: int,
    channel: str,
    how: str,
    *,
    actor: str,
    config: Config,
    clock: Clock,
    rng: Entropy = os.urandom,
) -> int | Refused:
    """Begin a conversation, once the person was identified. Each of the person's children has the look in its list.

    Args:
        link_number: the number of the link that the confirming letter names.
        channel: how the person reached us, a key of `Helping.channels`.
        how: how the person was identified, one of those that fit the channel.
        actor: who serves, a person of the custodian.
        config: the installation.
        clock: the time.
        rng: random bytes by number.

    Returns:
        The conversation's number; or why there is none.
    """
    policy = the_policy()
    if how not in policy.fits.get(channel, frozenset()):
        return _no("how-unknown", "Nobody is identified in this way there.", "Choose a way that fits.", "how")
    row = LinkRow.objects.filter(public_id=link_number, by_staff=True, ended_at=None).first()
    if row is None:
        return _unknown_link()
    own = children(row.account_id, config=config, clock=clock)
    if row.public_id not in {one.id for one in own}:
        return _unknown_link()
    requests.ensure_built_in(clock)
    for one in own:
        the_gate.look_as_helper(pupil_of(one), actor, config=config, clock=clock)
    made = Serving.objects.create(
        public_id=new_number(rng), link=row, person=actor, channel=channel, how=how, began_at=clock.now()
    )
    return made.public_id


def serving_row(number: int, actor: str, clock: Clock) -> Serving | None:
    """A conversation of this person of staff that is going on."""
    after = clock.now() - the_policy().lasts
    rows = Serving.objects.select_related("link").filter(public_id=number, person=actor, began_at__gt=after)
    return rows.filter(link__ended_at=None).first()


def _over() -> Refused:
    # A colleague's conversation is as one that never was: who identified the person acts.
    return _no("serving-over", "This conversation is over.", "Identify the person anew.")


def served(number: int, *, actor: str, config: Config, clock: Clock) -> Served | Refused:
    """Who is served and what may be done: the person's children, what is chosen for them; nothing of their records."""
    row = serving_row(number, actor, clock)
    if row is None:
        return _over()
    own = children(row.link.account_id, config=config, clock=clock)
    return Served(
        id=row.public_id,
        channel=row.channel,
        how=row.how,
        until=row.began_at + the_policy().lasts,
        children=tuple(_child(one, clock) for one in own),
    )


def _child(link: ChildLink, clock: Clock) -> ServedChild:
    return ServedChild(
        link=link.id,
        standing=link.standing,
        since=link.since,
        may=tuple(sorted(link.may)),
        choices=choices_of(link, clock=clock),
        declined=declined(link),
        copy=packs.own_pack(link),
        cases=cases.list_own(link, clock=clock),
    )


def served_link(
    number: int, link_number: int, *, actor: str, config: Config, clock: Clock
) -> tuple[int, int] | Refused:
    """The account and the link that an act is for: one of the person's who is served, in force today."""
    row = serving_row(number, actor, clock)
    if row is None:
        return _over()
    try:
        link = child(row.link.account_id, link_number, config=config, clock=clock)
    except UnknownLink:
        return _unknown_link()
    return link.account_id, link.id


_SAID = ("of", "target", "item", "kind", "reason", "reference", "event")
"""Arguments that a letter repeats: names of lists. What somebody said in their own words is not among them."""


def note_done(
    number: int, link_number: int, act: str, given: Mapping[str, Any], reason: str, *, actor: str, clock: Clock
) -> int:
    """Note an act on behalf, and write the letter about it; in the transaction of the act itself.

    Returns:
        The letter's number.
    """
    serving = Serving.objects.get(public_id=number)
    link = LinkRow.objects.get(public_id=link_number)
    now = clock.now()
    done = OnBehalf.objects.create(link=link, person=actor, act=act, reason=reason.strip()[:_REASON], at=now)
    letter = PaperLetter.objects.create(
        public_id=new_number(os.urandom), pupil=Pmr(link.pupil), link=link, serving=serving, done=done, kind="acted",
        about={"act": act, **{key: str(given[key]) for key in _SAID if key in given}}, written_by=actor, written_at=now,
    )  # fmt: skip
    return letter.public_id
