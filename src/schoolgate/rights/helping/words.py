"""The words of letters on paper: what was done or will be, why, and what the reader can do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from django.utils import formats
from django.utils.translation import gettext as _

from schoolgate import consent, dictionary, people, requests
from schoolgate.rights import cases

Lines = Iterator[tuple[str, str]]

_DONE: Mapping[str, Callable[[], str]] = {
    "object": lambda: _("We wrote down that you say no to this use: %(what)s."),
    "object-no-more": lambda: _("We wrote down that you no longer say no to this use: %(what)s."),
    "stop": lambda: _("We stopped every use of the record. We only store it. The ground: %(what)s."),
    "stop-no-more": lambda: _("The record may be used again, as you asked. The ground had been: %(what)s."),
    "copy-ask": lambda: _("You asked for a copy of everything we keep. It comes with this letter."),
    "case-open": lambda: _("We opened a case for you. You will get our answer by letter."),
    "case-challenge": lambda: _(
        "We opened a case for you, because you say that this is wrong: %(what)s. Until it is decided nobody uses it."
        " You will get our answer by letter."
    ),
    "case-say": lambda: _("We did in your case %(what)s what you asked us to do."),
    "decline": lambda: _("We wrote down that you would rather not give this: %(what)s."),
    "decline-no-more": lambda: _("We wrote down that you no longer decline to give this: %(what)s."),
    "link-end": lambda: _("We ended your right to act for this child here, as you asked."),
}
"""Name of an act -> what the letter says was done."""

STEPS: Mapping[str, Callable[[], str]] = {
    "give_identity": lambda: _("We wrote down in your case %(what)s that you showed us who you are."),
    "clarify": lambda: _("We added your answer to your case %(what)s."),
    "withdraw": lambda: _(
        "We took your case %(what)s back, as you asked. Nobody looks into it any more. If you had said that a fact is"
        " wrong, it can be used again."
    ),
    "appeal": lambda: _(
        "You do not agree with our decision in your case %(what)s, and we wrote that down. Somebody else will look at"
        " it again. You will get our answer by letter."
    ),
    "escalate": lambda: _(
        "We brought your case %(what)s before the independent overseer, as you asked. You will get the answer by"
        " letter."
    ),
    "go_outside": lambda: _("We wrote down in your case %(what)s that you go to the regulator or to a court with it."),
}
"""Step of a case that a family takes -> what the letter says was done: a case that was taken back is not one to which
something was added. Letters of before, which do not know the step, have the words of the act."""

ACTS = frozenset(_DONE)
"""The acts that staff may do for somebody: no other is written about, so no other is done."""


def about(given: Mapping[str, str]) -> str:
    """What an act was about, in words; empty where there is nothing more to say."""
    if "reference" in given:
        return given["reference"]
    if given.get("act") == "case-challenge":
        return cases.item_name(given["item"])
    if "item" in given:
        columns = [one.column for one in dictionary.declinable_items() if one.item == given["item"]]
        for fact in dictionary.asked_facts():
            if set(columns) & set(fact.columns):
                return _(fact.name)
        return given["item"]
    if "of" in given:
        return _scope(given["of"], given.get("target", ""))
    return consent.RESTRICTION_REASONS.get(given.get("reason", ""), "")


def _scope(of: str, target: str) -> str:
    if of == "purpose":
        found = dictionary.find_purpose(target)
        return found.name if found else target
    if of == "kind":
        return people.ORGANISATION_KINDS.get(target, target)
    if of == "recipient":
        try:
            return people.organisation(target).name
        except people.UnknownOrganisation:
            return target
    return _("every use that you may refuse")


def _day(day: date) -> str:
    return formats.date_format(day, "j F Y")


def acted(number: int, given: Mapping[str, str], reason: str, channel: str, how: str, on: date, site: str) -> str:
    """The letter about an act on behalf, as canonical text.

    Args:
        number: of the link: what the person is known by here.
        given: the act and what it was about.
        reason: why, as staff wrote it.
        channel: by which way the person reached us, in words.
        how: how the person was identified, in words.
        on: the day.
        site: where the house is reached.
    """
    return _text(_acted(number, given, reason, channel, how, on, site))


def _acted(number: int, given: Mapping[str, str], reason: str, channel: str, how: str, on: date, site: str) -> Lines:
    yield "title", _("What we did for you")
    yield "paragraph", _("Your number with us: %(number)s. %(day)s.") % {"number": number, "day": _day(on)}
    yield "paragraph", (STEPS.get(given.get("event", "")) or _DONE[given["act"]])() % {"what": about(given)}
    yield "heading", _("Why we did it")
    yield "paragraph", _("You asked us %(channel)s. We knew that it was you because %(how)s.") % {
        "channel": channel, "how": how,
    }  # fmt: skip
    yield "paragraph", reason
    yield "heading", _("If you did not ask for this")
    yield "point", _("Tell us at once, by telephone, at the counter or by letter. We undo it, and look who did it.")
    yield "point", _("You can complain to the Information Commissioner’s Office. Telephone: 0303 123 1113.")
    yield from _help(site)


def lifting(ground: str, lifts_on: date, number: int, site: str) -> str:
    """The letter that says from which day on a record will be used again, as canonical text (UK GDPR Article 18(3))."""
    return _text(_lifting(ground, lifts_on, number, site))


def _lifting(ground: str, lifts_on: date, number: int, site: str) -> Lines:
    yield "title", _("The record will be used again")
    if number:
        yield "paragraph", _("Your number with us: %(number)s.") % {"number": number}
    yield "paragraph", _(
        "We keep a child’s record for which you act. For a while nobody has used it. From %(day)s on it can be used"
        " again."
    ) % {"day": _day(lifts_on)}  # fmt: skip
    yield "paragraph", _("Why it was not used: %(ground)s") % {"ground": ground}
    yield "heading", _("If you do not agree")
    yield "point", _("Tell us before %(day)s. You can ask again that the record is not used, and say why.") % {
        "day": _day(lifts_on),
    }  # fmt: skip
    yield "point", _("You can say no to single uses at any time.")
    yield "point", _("You can complain to the Information Commissioner’s Office. Telephone: 0303 123 1113.")
    yield from _help(site)


def lifting_mail(lifts_on: date, site: str) -> tuple[str, str]:
    """Subject and text of the same to an e-mail address: it names no child, no school and no ground."""
    subject = _("Something changes on your page on %(day)s") % {"day": _day(lifts_on)}
    text = _(
        "A record for which you act has not been used for a while.\n\n"
        "From %(day)s on it can be used again. Before then you can say that you do not agree.\n\n"
        "To see which record, why, and what you can do, sign in here:\n%(site)s/family/\n\n"
        "This letter says no more, so that nobody else learns anything from it.\n"
    )
    return subject, text % {"day": _day(lifts_on), "site": site}


def _help(site: str) -> Lines:
    yield "heading", _("If you need help")
    yield "point", _("Ask us, and a person will write for you, or read this to you.")
    yield "point", _("Ask us for this letter in another language, in large print or in Braille.")
    yield "point", _("How to reach us: %(site)s") % {"site": site}


def _text(lines: Lines) -> str:
    return requests.as_text(tuple(requests.line(kind, text) for kind, text in lines))
