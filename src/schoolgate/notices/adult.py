"""The texts for parents: of the nation, of a school, of one census."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from schoolgate import dictionary
from schoolgate.notices import words
from schoolgate.notices.audiences import Audience, facts_for, uses_for
from schoolgate.notices.picture import HELD, PAUSED, Fact, Picture, Use
from schoolgate.notices.text import ALL, MORE, SHORT, Layer, Section, Text

NAMED = 12
"""Most organisations named in one sentence; all of them are in the last layer."""

FACTS = 8
"""Most facts named in the first layer; all of them are in the next."""

_KNOWN_BEST = ("name", "date-of-birth", "address", "ethnicity", "absence", "meals", "special-help", "suspensions")
"""Facts that every family knows, in the order in which they are named."""


def _known_best(fact: Fact) -> int:
    return _KNOWN_BEST.index(fact.id) if fact.id in _KNOWN_BEST else len(_KNOWN_BEST)


CONTACT = "https://www.gov.uk/contact-dfe"
"""Where the Department for Education is written to: a notice says who the controller is and how to reach it and its
data protection officer (UK GDPR Articles 13(1)(a) and (b), 14(1)(a) and (b))."""

ICO = "https://ico.org.uk/make-a-complaint/"
ICO_CALL = "0303 123 1113"
"""The Information Commissioner’s Office: where anybody may complain (Data Protection Act 2018 s.165)."""


def titles() -> dict[str, str]:
    """What each layer is called."""
    return {SHORT: _("In short"), MORE: _("More"), ALL: _("Everything")}


def adult_text(picture: Picture, whom: Audience, site: str, language: str, layers: Sequence[str], part: slice) -> Text:
    """The text for parents: these layers of it, and of the last one this part of the uses."""
    uses, facts = uses_for(picture, whom), facts_for(picture.facts, whom)
    asked = [fact for fact in facts if not fact.last]
    live = [use for use in uses if use.standing != HELD]
    over = [use for use in uses if use.standing == HELD]
    makers: dict[str, Callable[[], tuple[Section, ...]]] = {
        SHORT: lambda: _short(live, over, asked, whom, site),
        MORE: lambda: _more(live, facts, whom, site),
        ALL: lambda: _every(live[part], over if part.stop is None else []),
    }
    return Text(
        whom.key,
        language,
        _title(whom),
        _("As it stands on %(day)s. It is made from the agreements that are in force, not written by hand.")
        % {"day": words.plain_day(picture.day)},
        tuple(Layer(name, title, makers[name]()) for name, title in titles().items() if name in layers),
    )


def _title(whom: Audience) -> str:
    if whom.school is not None:
        return _("%(school)s: what happens to the facts about your child") % {"school": whom.school.name}
    if whom.term:
        return _("The %(term)s school census: what is asked about your child") % {"term": words.said(whom.term)}
    return _("What happens to the facts about your child")


def _short(
    live: Sequence[Use], over: Sequence[Use], asked: Sequence[Fact], whom: Audience, site: str
) -> tuple[Section, ...]:
    in_use = words.in_use(live)
    names = words.listed([words.lower_first(words.said(fact.name)) for fact in sorted(asked, key=_known_best)], FACTS)
    sent = (
        _("Each %(term)s your child’s school sends the ministry some facts.") % {"term": words.said(whom.term)}
        if whom.term
        else _("Three times a year your child’s school sends the ministry some facts.")
    )
    optional = [words.lower_first(words.said(fact.name)) for fact in asked if fact.may_decline]
    return (
        Section(
            _("What is sent"),
            (
                sent,
                _("Among them are: %(names)s.") % {"names": names},
                *([_("You may say that you would rather not tell: %(names)s. Tell the school.")
                   % {"names": words.listed(optional)}]
                  if optional else []),
                _("Names and addresses are locked away from the rest."),
            ),
        ),
        Section(_("Who may use it, and why"), _who(in_use), _purposes(in_use), _others(live)),
        Section(_("How long"), _how_long(live, over)),
        Section(
            _("What you can do"),
            (),
            (
                _("See what is kept about your child, and who was given it: %(site)s/family/") % {"site": site},
                _("Say no to a use. Most uses stop the same day."),
                _("Have a mistake put right. Ask the school first."),
                _("Complain to us: %(us)s. Or to the Information Commissioner: %(ico)s or %(call)s.")
                % {"us": CONTACT, "ico": ICO, "call": ICO_CALL},
            ),
            _("Read more: %(site)s/notices/%(key)s/") % {"site": site, "key": whom.key},
        ),
    )  # fmt: skip


def _who(in_use: Sequence[Use]) -> tuple[str, ...]:
    if not in_use:
        return (_("Today nobody outside your child’s school and the ministry may use it."),)
    count = len({use.who for use in in_use})
    return (
        ngettext("Today %(n)d organisation may use some of it.", "Today %(n)d organisations may use some of it.", count)
        % {"n": count},
        _("They are: %(kinds)s.") % {"kinds": words.listed(words.kinds_counted(in_use))},
        _("Each asked a panel first. The panel wrote down why it said yes."),
    )


def _purposes(in_use: Sequence[Use]) -> tuple[str, ...]:
    found = []
    for purpose_id, _uses in words.by_purpose(in_use):
        purpose = dictionary.find_purpose(purpose_id)
        parts = [purpose_id] if purpose is None else [f"{words.said(purpose.name)}.", words.said(purpose.plain)]
        if not words.may_object(purpose_id):
            parts.append(_("You cannot say no to this one."))
        found.append(" ".join(parts))
    return tuple(found)


def _others(live: Sequence[Use]) -> str:
    """Of the uses that do not go on today: how many will, and how many are stopped."""
    coming, paused = words.coming(live), sum(use.standing == PAUSED for use in live)
    said = []
    if coming:
        said.append(
            ngettext(
                "%(n)d more use is agreed and has not begun: %(kinds)s. You can say no before it does.",
                "%(n)d more uses are agreed and have not begun: %(kinds)s. You can say no before they do.",
                len(coming),
            )
            % {"n": len(coming), "kinds": words.listed(words.kinds_counted(coming))}
        )
    if paused:
        said.append(
            ngettext("%(n)d use is stopped for now.", "%(n)d uses are stopped for now.", paused) % {"n": paused}
        )
    return " ".join(said)


def _how_long(live: Sequence[Use], over: Sequence[Use]) -> tuple[str, ...]:
    said = [_("The ministry keeps its own copy after your child has left school.")]
    if live:
        last = words.plain_day(max(use.until for use in live))
        said.append(
            _("Each use has a last day. The latest is %(day)s. Then the copy must be destroyed, and we publish that.")
            % {"day": last}
        )
    if over:
        said.append(
            ngettext(
                "%(n)d use is over, but nobody has shown yet that no copy is left.",
                "%(n)d uses are over, but nobody has shown yet that no copy is left.",
                len(over),
            )
            % {"n": len(over)}
        )
    if not live and not over:
        said.append(_("Nobody outside holds any of it under an agreement."))
    return tuple(said)


def _more(live: Sequence[Use], facts: Sequence[Fact], whom: Audience, site: str) -> tuple[Section, ...]:
    asked = [fact for fact in facts if not fact.last]
    dropped = [fact for fact in facts if fact.last]
    return (
        Section(
            _("Every fact that schools send"),
            (_("Beside each is why it is asked. Where you may say that you would rather not tell, it says so."),),
            tuple(_fact(fact) for fact in asked),
        ),
        *(
            [Section(_("No longer collected"), (), tuple(_dropped(fact) for fact in dropped),
                     _("What was sent while it was asked is kept until its time is over."))]
            if dropped
            else []
        ),
        *(_purpose(purpose_id, uses) for purpose_id, uses in words.by_purpose(live)),
        _law(facts, live),
        _rights(site),
    )  # fmt: skip


def _fact(fact: Fact) -> str:
    parts = [f"{words.said(fact.name)}."]
    if fact.why:
        parts.append(words.said(fact.why))
    if fact.first:
        parts.append(_("First asked: %(census)s.") % {"census": fact.first})
    if fact.may_decline:
        parts.append(_("You may decline: tell the school."))
    return " ".join(parts)


def _dropped(fact: Fact) -> str:
    if fact.first:
        named = {"name": words.said(fact.name), "first": fact.first, "last": fact.last}
        return _("%(name)s: asked from %(first)s to %(last)s.") % named
    return _("%(name)s: asked until %(last)s.") % {"name": words.said(fact.name), "last": fact.last}


def _purpose(purpose_id: str, uses: Sequence[Use]) -> Section:
    purpose = dictionary.find_purpose(purpose_id)
    items = words.each((item for use in uses for item in use.all_items), words.item_name)
    waiting = words.coming(uses)
    paused = [use for use in uses if use.standing == PAUSED]
    points = [
        _("Who: %(names)s.") % {"names": words.listed(sorted({use.who for use in uses}), NAMED)},
        _("What: %(items)s.") % {"items": words.listed([words.lower_first(name) for name in sorted(set(items))])},
        _("The power to share: %(laws)s.") % {"laws": "; ".join(sorted({use.law for use in uses}))},
        _("In which country: %(places)s.")
        % {"places": words.listed(sorted({country for use in uses for country in use.countries}))},
        _("The latest last day: %(day)s.") % {"day": words.plain_day(max(use.until for use in uses))},
    ]
    if waiting:
        points.append(ngettext("%(n)d of them has not begun.", "%(n)d of them have not begun.", len(waiting))
                      % {"n": len(waiting)})  # fmt: skip
    if paused:
        points.append(ngettext("%(n)d of them is stopped for now.", "%(n)d of them are stopped for now.", len(paused))
                      % {"n": len(paused)})  # fmt: skip
    if words.may_object(purpose_id):
        note = _("You can say no to this. Then your child is left out.")
    else:
        note = _("A law does not let a no stop this: %(law)s.") % {
            "law": purpose.provision if purpose is not None else _("not stated")
        }
    plain = words.said(purpose.plain) if purpose is not None else ""
    return Section(_("For: %(purpose)s") % {"purpose": words.purpose_name(purpose_id)}, (plain,), tuple(points), note)


def _law(facts: Sequence[Fact], live: Sequence[Use]) -> Section:
    laws = sorted({law.strip() for fact in facts for law in fact.law.split(";") if law.strip()})
    bases = sorted({use.basis for use in live})
    return Section(
        _("The laws"),
        (_("Schools must send the facts, and the ministry may keep them, under:"),),
        (*laws, *(_("For uses: %(basis)s") % {"basis": basis} for basis in bases)),
    )


def _rights(site: str) -> Section:
    return Section(
        _("Your rights, and how to use them"),
        (_("They are your child’s rights. A child who understands what they mean can use them without you."),),
        (
            _("To see it (UK GDPR Article 15): sign in at %(site)s/family/ with a code from the school.")
            % {"site": site},
            _("To have a mistake put right (Article 16): ask the school, then us."),
            _("To say no (Article 21): on your child’s page, use by use, or in a letter to us."),
            _("To have a use stopped while something is looked into (Article 18): write to us."),
            _("To complain to us (Data Protection Act 2018 s.164A): on your child’s page, or in a letter."),
            _("To complain about us (s.165): the Information Commissioner, %(ico)s, %(call)s.")
            % {"ico": ICO, "call": ICO_CALL},
            _("To hear of changes before they begin: %(site)s/notices/subscribe/") % {"site": site},
        ),
        " ".join(
            [
                _("Who keeps it: the Department for Education is the controller of the national pupil database."),
                _("Write to us, or to our data protection officer, here: %(us)s") % {"us": CONTACT},
            ]
        ),
    )


def _every(live: Sequence[Use], over: Sequence[Use]) -> tuple[Section, ...]:
    """A section for each use. There may be twenty thousand: what they share is put into words once."""
    why, what, where = _("Why: %s"), _("What: %s"), _("Where: %(place)s, %(country)s")
    coming, years, until = _("Will be added after a notice: %s"), _("Census years: %s"), _("Until: %s")
    by, law = _("For: %(purpose)s, by %(kind)s"), _("The law: %(law)s; %(basis)s")
    help_ = _("Who processes it for them: %s")
    items, purpose, kind = cache(_items), cache(words.purpose_name), cache(words.kind_name)
    day, begins, spans = cache(words.plain_day), cache(_begins), cache(words.years_in_words)
    return (
        *(
            Section(
                f"{use.who} ({use.agreement})",
                (begins(use.first_use, use.standing),),
                (
                    why % use.why,
                    by % {"purpose": purpose(use.purpose), "kind": kind(use.kind)},
                    what % items(use.items),
                    *((coming % items(use.coming),) if use.coming else ()),
                    years % spans(use.years),
                    law % {"law": use.law, "basis": use.basis},
                    where % {"place": use.place, "country": use.country},
                    *((help_ % words.listed(map(", ".join, use.processors)),) if use.processors else ()),
                    until % day(use.until),
                ),
            )
            for use in live
        ),
        *_held(over),
    )


def _items(items: tuple[str, ...]) -> str:
    return words.listed([words.item_name(item) for item in items])


def _begins(first_use: str, standing: str) -> str:
    if standing == PAUSED:
        return _("Stopped for now.")
    if first_use == "waits":
        return _("Agreed. It begins only after a notice to families.")
    return _("Agreed. It begins on %(day)s.") % {"day": words.plain_day(first_use)} if first_use else _("In use.")


def _held(over: Sequence[Use]) -> tuple[Section, ...]:
    if not over:
        return ()
    return (
        Section(
            _("Over, and not yet destroyed"),
            (_("These uses are over. Until the destruction is certified, a copy may still be there."),),
            tuple(
                _("%(who)s (%(agreement)s), last day %(day)s")
                % {"who": use.who, "agreement": use.agreement, "day": words.plain_day(use.until)}
                for use in over
            ),
        ),
    )
