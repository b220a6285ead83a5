"""What the rooms know of a child beside its record, in words: matching, choices, who may see it, what was asked for.

UK GDPR Article 15 is about all of it, whether a school sent it or a machine or a clerk worked it out. Adults are told
by what they are to the child, never by name (Data Protection Act 2018 Schedule 2 paragraph 16).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from schoolgate import consent, declining, dictionary, match, people
from schoolgate.clock import Clock, day_of
from schoolgate.config import Config
from schoolgate.ids import Pmr
from schoolgate.rights import cases
from schoolgate.rights.competence import competence
from schoolgate.rights.corrected import Changed, census_in_words, changes_of
from schoolgate.rights.inwords import day_in_words
from schoolgate.rights.models import ChildLink as LinkRow
from schoolgate.rights.models import ClaimCode
from schoolgate.rights.packs.document import Known
from schoolgate.rights.packs.withheld import Facts, is_withheld
from schoolgate.rights.views import ChildLink


def known_of(
    pupil: Pmr,
    link: ChildLink,
    items: dictionary.Dictionary,
    facts: Facts,
    shown: Collection[str],
    *,
    config: Config,
    clock: Clock,
) -> Known:
    """Everything beside the record.

    Args:
        pupil: the child.
        link: of the account that asked.
        items: the dictionary.
        facts: what is withheld of the child.
        shown: the items that the record shows: of a shielded child nothing is told of any other, such as its schools.
        config: the installation.
        clock: the time.
    """
    now = clock.now()
    return Known(
        history=tuple(_history(pupil, items, facts, shown, config)),
        cases=tuple(_cases(link, clock)),
        matching=tuple(_matching(pupil)),
        choices=tuple(_choices(pupil, link, items)),
        people=tuple(_people(pupil, link, now)),
        letters=(_("We keep no letter once it has been sent."),),
    )


def _history(
    pupil: Pmr, items: dictionary.Dictionary, facts: Facts, shown: Collection[str], config: Config
) -> Iterator[Changed]:
    """Values that were put right, noted, taken out or erased, the latest first."""
    for one in changes_of(pupil, shown if facts.shielded else None, items=items, config=config):
        if not is_withheld(one.item, facts):
            yield one


_KINDS = {
    "rectification": noop("to have something put right"),
    "erasure": noop("to have something erased"),
    "restriction": noop("to have the record kept but not used"),
    "objection-review": noop("to have a “no” looked at again"),
    "access-question": noop("a question about what is held"),
    "complaint": noop("a complaint"),
}


def _cases(link: ChildLink, clock: Clock) -> Iterator[str]:
    """What this account asked for; another adult's letters are theirs."""
    for one in cases.list_own(link, clock=clock):
        yield _("%(reference)s: %(kind)s, received on %(day)s; %(state)s.") % {
            "reference": one.reference, "kind": _(_KINDS.get(one.kind, one.kind)), "day": day_in_words(one.received_on),
            "state": _(_WAITS_FOR.get(one.waits_for, "it waits for us")),
        }  # fmt: skip


def _day(moment: datetime) -> str:
    return day_in_words(day_of(moment))


_WAITS_FOR = {
    "family": noop("it waits for you"),
    "custodian": noop("it waits for us"),
    "source": noop("it waits for who sent the fact"),
    "overseer": noop("it waits for the independent overseer"),
    "regulator": noop("it waits for the regulator or a court"),
    "nobody": noop("it is closed"),
}
"""For whom a case waits (`cases.CaseLine.waits_for`) -> in words."""


_DECIDED = {
    "open": noop("nobody has decided yet"),
    "same": noop("a person decided that it was your child’s"),
    "different": noop("a person decided that it was another child’s"),
    "withdrawn": noop("the question is no longer asked"),
}


def _matching(pupil: Pmr) -> Iterator[str]:
    yield _(
        "A computer compares name, date of birth and pupil number with what is held."
        " Where it is not sure, a person looks."
    )
    for one in match.asked_about(pupil):
        asked = _(
            "%(census)s: a row of a return might have been your child’s. Asked on %(asked)s; %(decided)s. %(why)s"
        )
        yield asked % {
            "census": census_in_words(one.year, one.term), "why": one.reason, "asked": _day(one.opened_at),
            "decided": _(_DECIDED.get(one.state, "nobody has decided yet")),
        }  # fmt: skip


def _by(actor: str, link: ChildLink) -> str:
    """Who did something, as this account may know it."""
    kind, _colon, number = actor.partition(":")
    if kind == "account":
        return _("you") if number == str(link.account_id) else _("somebody else who acts for your child")
    return _("our staff") if actor else _("somebody who acts for your child")


def _scope(scope: consent.Scope) -> str:
    if scope.of == "purpose":
        found = dictionary.find_purpose(scope.target)
        return _(found.name) if found else scope.target
    if scope.of == "kind":
        return _(people.ORGANISATION_KINDS.get(scope.target, scope.target))
    return people.organisation(scope.target).name if scope.of == "recipient" else _("every use that you may refuse")


def _choices(pupil: Pmr, link: ChildLink, items: dictionary.Dictionary) -> Iterator[str]:
    def name(item: str) -> str:
        found = items.get(item)
        return found.name if found else item

    def withheld(actor: str) -> bool:
        # As on the page of choices: whom another adult of a shielded child named, such as an authority, says where.
        return link.places_withheld and actor != link.actor

    unnamed = _("an organisation (we do not say which, to keep your child safe)")
    for no in consent.objections_of(pupil):
        hide = no.scope.of == "recipient" and withheld(no.lodged_by)
        yield _("No to %(what)s, since %(day)s, said by %(who)s.") % {
            "what": unnamed if hide else _scope(no.scope), "day": _day(no.lodged_at), "who": _by(no.lodged_by, link),
        }  # fmt: skip
    for stop in consent.restrictions_of(pupil):
        yield _("The whole record is kept but not used since %(day)s. %(why)s") % {
            "day": _day(stop.placed_at), "why": _(consent.RESTRICTION_REASONS.get(stop.reason, stop.reason)),
        }  # fmt: skip
    for doubt in consent.disputes_of(pupil):
        yield _("%(item)s is kept but not used since %(day)s, while we look whether it is right (%(case)s).") % {
            "item": name(doubt.item), "day": _day(doubt.since), "case": doubt.case,
        }  # fmt: skip
    for yes in consent.consents_of(pupil):
        yield _("Yes to %(item)s for %(what)s by %(whom)s until %(until)s, said on %(day)s by %(who)s.") % {
            "item": name(yes.item), "what": _scope(consent.Scope("purpose", yes.purpose_id)),
            "whom": unnamed if withheld(yes.given_by) else _organisation(yes.recipient),
            "until": day_in_words(yes.last_day), "day": _day(yes.given_at),
            "who": _by(yes.given_by, link),
        }  # fmt: skip

    yield from _declined(pupil, link)


def _declined(pupil: Pmr, link: ChildLink) -> Iterator[str]:
    """Items that the family would rather not give: in force, with what is stored instead."""
    asked = {one.item: one for one in dictionary.declinable_items()}
    facts = dictionary.asked_facts()
    for one in declining.declined_of(pupil, link.actor):
        column = asked[one.item].column
        fact = next((fact for fact in facts if column in fact.columns), None)
        words = {
            "item": _(fact.name) if fact is not None else column, "code": one.code, "day": _day(one.since),
            "who": _("you") if one.own else _("somebody else who acts for your child"),
        }  # fmt: skip
        if one.own and one.others:
            words["who"] = _("you and somebody else who acts for your child")
        yield _("Rather not told: %(item)s, since %(day)s, said by %(who)s. The code %(code)s is kept instead.") % words


def _organisation(number: str) -> str:
    found = {one.id: one.name for one in people.organisations()}
    return found.get(number, number)


def _standing(standing: str) -> str:
    found = competence().standings.get(standing)
    return _(found.words) if found else _("somebody who acts for your child")


def _people(pupil: Pmr, link: ChildLink, now: datetime) -> Iterator[str]:
    """Who can see the record now, and with which codes somebody could. Links that ended are nobody's way in."""
    for row in LinkRow.objects.filter(pupil=pupil, ended_at=None).order_by("since"):
        words = {"who": _standing(row.standing), "day": _day(row.since)}
        own = row.public_id == link.id
        yield (
            _("You, as %(who)s, since %(day)s.") if own else _("Another account, as %(who)s, since %(day)s.")
        ) % words
    open_codes = ClaimCode.objects.filter(pupil=pupil, used_at=None, revoked_at=None, expires_at__gt=now)
    for code in open_codes.order_by("issued_at"):
        yield _("A code that was given out on %(day)s and is not used yet. It ends on %(end)s.") % {
            "day": _day(code.issued_at), "end": _day(code.expires_at),
        }  # fmt: skip


def controller_lines(held: Any) -> tuple[str, ...]:
    """Who answers for the record, and how they are reached (UK GDPR Article 15 with 12(1))."""
    return (
        _("Who answers for it: %(names)s, %(address)s, %(email)s") % {
            "names": ", ".join(held.names), "address": held.address, "email": held.email,
        },
        held.officer,
    )  # fmt: skip
