"""The texts for the young: two that a child can read or be read, two that speak to the young person."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from schoolgate.notices import words
from schoolgate.notices.adult import ICO, ICO_CALL, NAMED
from schoolgate.notices.audiences import Audience, facts_for, uses_for
from schoolgate.notices.picture import HELD, Fact, Picture, Use
from schoolgate.notices.text import ALL, MORE, SHORT, Layer, Section, Text

_Sections = tuple[Section, ...]


def young_titles() -> dict[str, str]:
    """What each layer is called."""
    return {SHORT: _("In short"), MORE: _("More"), ALL: _("Everything")}


def young_text(picture: Picture, whom: Audience, site: str, language: str, layers: Sequence[str]) -> Text:
    """The text for an age group. The last layer leads to the parents' notice: nothing is kept from the young."""
    live = [use for use in uses_for(picture, whom) if use.standing != HELD]
    asked = [fact for fact in facts_for(picture.facts, whom) if not fact.last]
    title, lead, short, more = _MAKERS[whom.ages]
    makers: dict[str, Callable[[], _Sections]] = {
        SHORT: lambda: short(live, asked, site, whom),
        MORE: lambda: more(live, asked, site),
        ALL: lambda: _parents(whom, site),
    }
    return Text(
        whom.key,
        language,
        _school_first(whom, title()),
        lead(picture),
        tuple(Layer(name, said, makers[name]()) for name, said in young_titles().items() if name in layers),
    )


def _parents(whom: Audience, site: str) -> _Sections:
    """Where everything stands: the notice that their parents read."""
    key = f"school-{whom.urn}" if whom.school is not None else "nation"
    return (
        Section(
            _("The notice for parents"),
            (_("Nothing is kept from you. Each single use, with the law behind it, is in the notice for parents."),),
            (f"{site}/notices/{key}/more/", f"{site}/notices/{key}/all/"),
        ),
    )


def _school_first(whom: Audience, title: str) -> str:
    return f"{whom.school.name}: {title}" if whom.school is not None else title


def _groups(live: Sequence[Use]) -> int:
    return len({use.who for use in words.in_use(live)})


def _reasons(live: Sequence[Use]) -> tuple[str, ...]:
    """What the facts are used for now, as “to find out …”."""
    using = words.in_use(live)
    return tuple(
        _("They use them to %(why)s.") % {"why": words.purpose_for_children(purpose)}
        for purpose, _uses in words.by_purpose(using)
    )


def _day(picture: Picture) -> str:
    return _("This was true on %(day)s.") % {"day": words.plain_day(picture.day)}


# From 5 to 7: to be read aloud.


def _small_title() -> str:
    return _("Facts about you")


def _small(live: Sequence[Use], asked: Sequence[Fact], site: str, whom: Audience) -> _Sections:
    count = _groups(live)
    using = (
        (
            ngettext("Today %(n)d group can see some facts.", "Today %(n)d groups can see some facts.", count)
            % {"n": count},
            *_reasons(live),
            _("They had to ask first."),
        )
        if count
        else (_("Today no one else can see them."),)
    )
    soon = len(words.coming(live))
    later = [
        ngettext(
            "Later %(n)d more group may see some. You can say no first.",
            "Later %(n)d more groups may see some. You can say no first.",
            soon,
        )
        % {"n": soon}
    ] * bool(soon)
    return (
        Section(
            _("What is a fact?"),
            (
                _("Your name is a fact. Your birthday is a fact."),
                _("Your school knows facts about you."),
                _("It sends some of them to the people who run all schools."),
                _("They keep them safe."),
            ),
        ),
        Section(
            _("Who can see them?"),
            (*using, *later),
            (),
            _("We write down each time."),
        ),
        Section(
            _("What can you do?"),
            (
                _("Ask a grown-up to show you your facts."),
                _("If a fact is wrong, tell your teacher."),
                _("You and a grown-up can say no."),
                _("If you feel worried, tell a grown-up you trust."),
            ),
            (),
            _("For your grown-up: %(site)s/notices/%(key)s/") % {"site": site, "key": whom.key},
        ),
    )


def _small_more(live: Sequence[Use], asked: Sequence[Fact], site: str) -> _Sections:
    return (
        Section(
            _("Facts that your school sends"),
            (),
            tuple(f"{words.said(fact.name)}." for fact in asked),
        ),
        _who_uses(live),
    )


# From 8 to 11: a child reads it alone.


def _middle_title() -> str:
    return _("The facts your school keeps about you")


def _middle(live: Sequence[Use], asked: Sequence[Fact], site: str, whom: Audience) -> _Sections:
    count, soon = _groups(live), len(words.coming(live))
    later = [
        ngettext(
            "%(n)d more group has to wait. You can say no before it may look.",
            "%(n)d more groups have to wait. You can say no before they may look.",
            soon,
        )
        % {"n": soon}
    ] * bool(soon)
    optional = [words.lower_first(words.said(fact.name)) for fact in asked if fact.may_decline]
    return (
        Section(
            _("What facts?"),
            (
                _("Three times a year your school sends some facts about you to the people who run all schools."),
                _("There are %(n)d kinds of fact. Some are your name, your birthday and your year group.")
                % {"n": len(asked)},
                *([_("Some facts you do not have to give: %(names)s.") % {"names": words.listed(optional)}]
                  if optional else []),
            ),
        ),
        Section(
            _("Who may look at them?"),
            (
                (
                    ngettext("Today %(n)d group may look at some of the facts.",
                             "Today %(n)d groups may look at some of the facts.", count) % {"n": count},
                    *_reasons(live),
                    _("Each group had to ask, and say why. We write down each time they look."),
                    *later,
                )
                if count
                else (_("Today nobody else may look at them."), *later)
            ),
        ),
        Section(
            _("What can you do?"),
            (),
            (
                _("Ask a parent to show you your facts, and who had them."),
                _("Say if a fact is wrong. Your school can put it right."),
                _("Say no, with a parent. Then most groups do not get your facts."),
                _("Talk to a teacher if something worries you."),
            ),
            _("Look here with a grown-up: %(site)s/notices/%(key)s/") % {"site": site, "key": whom.key},
        ),
    )  # fmt: skip


def _middle_more(live: Sequence[Use], asked: Sequence[Fact], site: str) -> _Sections:
    need_not = _("You do not have to give it.")  # by itself: a catalogue's tools do not look into f-strings
    return (
        Section(
            _("All the facts that your school sends"),
            (),
            tuple(
                f"{words.said(fact.name)}. {need_not}" if fact.may_decline else f"{words.said(fact.name)}."
                for fact in asked
            ),
        ),
        _who_uses(live),
        Section(
            _("Why we tell you"),
            (
                _("The facts are about you. It is your right to know."),
                _("If the people who run schools want to do something new with them, they have to tell you first."),
            ),
        ),
    )


# From 12 to 15: they are spoken to, and can do most things themselves.


def _teen_title() -> str:
    return _("Your data, and who uses it")


def _teen(live: Sequence[Use], asked: Sequence[Fact], site: str, whom: Audience) -> _Sections:
    optional = [words.lower_first(words.said(fact.name)) for fact in asked if fact.may_decline]
    return (
        Section(
            _("What is sent about you"),
            (
                _("Three times a year your school sends data about you to the Department for Education."),
                _("Among it are your name, date of birth and address. So is %(names)s.")
                % {"names": words.listed([_("how often you miss school"), _("whether you get free school meals")])},
                *([_("You need not give: %(names)s.") % {"names": words.listed(optional)}] if optional else []),
            ),
        ),
        Section(
            _("Who uses it"),
            (*_teen_who(live), *_teen_coming(live)),
            _teen_reasons(live),
            _("We publish each use, on the day."),
        ),
        _what_you_can_do(site, whom),
    )


def _what_you_can_do(site: str, whom: Audience) -> Section:
    return Section(
        _("What you can do"),
        (_("These are your rights. If you understand them, you can use them without your parents."),),
        (
            _("See your record and who had it: %(site)s/family/ Your school gives you the code.") % {"site": site},
            _("Say no to a use. Most stop the same day."),
            _("Get mistakes put right. Ask your school first."),
            _("Complain: the Information Commissioner, %(call)s, %(ico)s") % {"call": ICO_CALL, "ico": ICO},
        ),
        _("Read more: %(site)s/notices/%(key)s/") % {"site": site, "key": whom.key},
    )


def _teen_who(live: Sequence[Use]) -> tuple[str, ...]:
    using = words.in_use(live)
    if not using:
        return (_("Today nobody outside your school and the ministry may use it."),)
    return (
        _("Today these may use some of it: %(kinds)s.") % {"kinds": words.listed(words.kinds_counted(using))},
        _("Each had to ask a panel first."),
    )


def _teen_coming(live: Sequence[Use]) -> tuple[str, ...]:
    coming = words.coming(live)
    if not coming:
        return ()
    return (
        ngettext(
            "%(n)d more use is agreed and has not begun: %(kinds)s. You can say no before it does.",
            "%(n)d more uses are agreed and have not begun: %(kinds)s. You can say no before they do.",
            len(coming),
        )
        % {"n": len(coming), "kinds": words.listed(words.kinds_counted(coming))},
    )


def _teen_reasons(live: Sequence[Use]) -> tuple[str, ...]:
    using = words.in_use(live)
    return tuple(
        _("To %(why)s.") % {"why": words.purpose_for_children(purpose)}
        + (" " + _("You cannot say no to this one.") if not words.may_object(purpose) else "")
        for purpose, _uses in words.by_purpose(using)
    )


# From 16 to 18: a young adult.


def _grown_title() -> str:
    return _("Your school data: who uses it, and your rights")


def _grown(live: Sequence[Use], asked: Sequence[Fact], site: str, whom: Audience) -> _Sections:
    first, who, rest = _teen(live, asked, site, whom)
    last = max((use.until for use in live), default="")
    kept = [_("It is kept after you leave school.")]
    if last:
        kept.append(
            _("Each use has a last day; the latest is %(day)s. Then the copy must be destroyed.")
            % {"day": words.plain_day(last)}
        )
    return (
        first,
        who,
        Section(_("How long"), tuple(kept)),
        Section(rest.heading, (_("From 16 you act for yourself."), *rest.paragraphs), rest.points, rest.note),
    )


def _teen_more(live: Sequence[Use], asked: Sequence[Fact], site: str) -> _Sections:
    return (
        _who_uses(live),
        Section(
            _("When a use may begin"),
            (
                _("A new kind of use has to wait. First you are told, then there are at least 31 days to say no."),
                _("Until then our computers refuse it."),
            ),
        ),
        Section(_("Hear of changes"), (_("Have changes sent to you: %(site)s/notices/subscribe/") % {"site": site},)),
    )


def _who_uses(live: Sequence[Use]) -> Section:
    """Who they are, by what they do; of many the first are named, and all are in the notice for parents."""
    return Section(
        _("Who they are"),
        (),
        (
            *(
                _("To %(why)s: %(who)s.") % {"why": words.purpose_for_children(purpose), "who": _named(uses)}
                for purpose, uses in words.by_purpose(words.in_use(live))
            ),
            *(
                _("Later, to %(why)s: %(who)s.") % {"why": words.purpose_for_children(purpose), "who": _named(uses)}
                for purpose, uses in words.by_purpose(words.coming(live))
            ),
        )
        or (_("Nobody today."),),
    )


def _named(uses: Sequence[Use]) -> str:
    return words.listed(sorted({use.who for use in uses}), NAMED)


_Maker = tuple[
    Callable[[], str],
    Callable[[Picture], str],
    Callable[[Sequence[Use], Sequence[Fact], str, Audience], _Sections],
    Callable[[Sequence[Use], Sequence[Fact], str], _Sections],
]

_MAKERS: dict[str, _Maker] = {
    "5-7": (_small_title, _day, _small, _small_more),
    "8-11": (_middle_title, _day, _middle, _middle_more),
    "12-15": (_teen_title, _day, _teen, _teen_more),
    "16-18": (_grown_title, _day, _grown, _teen_more),
}
"""Age group -> its title, its lead, its first and its second layer."""
