"""Decision letters: what was asked, what was decided and why, what happens now, and what to do when you do not agree.

A letter is made once, when the decision is written down, and kept as its text; page, text file and PDF are made from
it, so that nobody is shown one thing and sent another. Every sentence goes through gettext. UK GDPR Article 12(4): a
refusal says why, and names the regulator and the courts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import TypeVar

from django.utils import formats
from django.utils.translation import gettext as _

from schoolgate import dictionary, oversight, requests
from schoolgate.clock import Clock, custodians_day
from schoolgate.rights.cases.days import case_rules
from schoolgate.rights.cases.models import Case
from schoolgate.rights.cases.telling import NEEDS_ANSWER
from schoolgate.rights.cases.views import Said


def item_name(item: str) -> str:
    """An item as a family reads it; empty for a case that is about none."""
    for one in dictionary.identity_items():
        if one.id == item:
            return one.name
    column = dictionary.lake_columns().get(item)
    return (column.title or column.name.replace("_", " ")) if column is not None else item


def _asked(row: Case) -> str:
    name = item_name(row.item)
    return {
        "rectification": _("You told us that a fact about your child is wrong: %(fact)s.") % {"fact": name},
        "erasure": _("You asked us to erase what we keep about your child."),
        "restriction": _("You asked us to stop using what we keep about your child."),
        "objection-review": _("You asked us to look again at a use that you said no to."),
        "access-question": _("You asked us about what we keep about your child."),
        "complaint": _("You complained to us about how we use your child’s data."),
    }[row.kind]


_Words = Callable[[], str]
_Of = TypeVar("_Of")

_DECIDED: Mapping[str, _Words] = MappingProxyType(
    {
        "corrected": lambda: _("You were right. We have put the fact right."),
        "annotated": lambda: _("We keep the fact as it is. We have put a note beside it that says how you see it."),
        "refused": lambda: _("We did not do what you asked."),
        "erased": lambda: _("We agree to erase what the law lets us erase."),
        "restricted": lambda: _("We stopped using what we keep about your child. We only store it."),
        "upheld": lambda: _("You were right."),
        "partly": lambda: _("You were right in part."),
        "not-upheld": lambda: _("We do not think that we did anything wrong."),
        "answered": lambda: _("Here is our answer."),
        "erasure/partly": lambda: _("We agree to erase a part of what you asked for."),
        "objection-review/upheld": lambda: _("You were right. This use of your child’s data has to stop."),
        "objection-review/partly": lambda: _("You were right in part. That part of the use has to stop."),
        "access-question/partly": lambda: _("Here is our answer to a part of what you asked."),
        "complaint/upheld": lambda: _("You were right. We did something wrong, and we are sorry."),
        "complaint/partly": lambda: _("You were right in part. We did something wrong there, and we are sorry."),
    }
)
"""Outcome, or kind and outcome where that needs words of its own -> what was decided."""


def _erasing() -> tuple[str, ...]:
    return (
        _("First a second person here must agree. Then it is erased, and nobody can bring it back."),
        _("Save this letter and your case now. Your child’s page here goes, too."),
        _("Your child’s page shows what is kept by law, and why."),
        _("We keep a note that somebody asked and how it ended. It does not say who."),
    )


def _no_change() -> tuple[str, ...]:
    return (_("Nothing changes. If you do not agree, read on: you can go further."),)


_NOW: Mapping[str, Callable[[], tuple[str, ...]]] = MappingProxyType(
    {
        "corrected": lambda: (
            _(
                "We tell everybody who got the wrong fact from us. Your child’s page shows who has answered, and what"
                " they did about it."
            ),
        ),
        "annotated": lambda: (_("Whoever looks at your child’s record here sees your note with it."),),
        "refused": _no_change,
        "rectification/refused": lambda: (
            _("The fact stays as it is. If you do not agree, read on: you can go further."),
        ),
        "not-upheld": _no_change,
        "erased": _erasing,
        "erasure/partly": lambda: (_("The reasons above say what goes, what stays, and why."),),
        "restricted": lambda: (
            _("No question that anybody asks will contain your child. We tell you before this ends."),
        ),
        "objection-review/upheld": lambda: (
            _("The next question for that use will not contain your child. It stands in your choices."),
            _("Your child’s page shows who has what from before."),
        ),
        "objection-review/partly": lambda: (
            _("The next question for that part will not contain your child. It stands in your choices."),
            _("The rest goes on, for the reasons given above."),
        ),
        "upheld": lambda: (_("We put it right, and see to it that it does not happen again."),),
        "partly": lambda: (_("We put right what was wrong. The rest stays as it is, for the reasons given above."),),
        "access-question/partly": _no_change,
        "answered": lambda: (_("You need not do anything. If you want to know more, ask us again."),),
    }
)  # fmt: skip
"""The same -> what happens now, in points."""


def _own(words: Mapping[str, _Of], kind: str, outcome: str) -> _Of:
    return words.get(f"{kind}/{outcome}") or words[outcome]


def _day(day: date) -> str:
    return formats.date_format(day, "j F Y")


def decision_letter(row: Case, event: str, said: Said, clock: Clock) -> str:
    """The letter about a decision, as its canonical text (`requests.as_text`).

    Args:
        row: the case, already stamped with the decision.
        event: ``decide``, ``review`` or ``comply``.
        said: what was decided, and why.
        clock: the time.
    """
    return _text(_lines(row, event, said, clock, oversight.custodian()))


def wait_letter(row: Case, said: Said, clock: Clock) -> str:
    """The letter that nobody waits any longer for what a regulator or a court decides, as its canonical text.

    Args:
        row: the case, already stamped.
        said: why.
        clock: the time.
    """
    return _text(_lines(row, "end_outside", said, clock, oversight.custodian()))


NEWS: Mapping[str, _Words] = MappingProxyType(
    {
        "acknowledge": lambda: _("We have what you sent us, and look into it."),
        "ask_identity": lambda: _("We need to know who you are before we can go on. We answer once we know it."),
        "ask_clarification": lambda: _("We need to know what you mean before we can go on."),
        "go_on": lambda: _("We go on without your answer."),
        "extend": lambda: _("We need two more months to answer you."),
        "tell_progress": lambda: _("This is how your case stands."),
        "keep_child": lambda: _("What you named was about another child. Tell us again what is wrong, and of when."),
        "take_up_again": lambda: _("We go on with your case. You have not had our answer yet."),
        "record_outcome": lambda: _("The regulator, a tribunal or a court decided. This case is closed."),
        "opine": lambda: _("The independent overseer looked at your case. Next, we tell you what we do about it."),
        "lapse": lambda: _("We had no answer from you for a long time. We closed your case. You can ask us anew."),
    }
)
"""Step -> what a family that is told on paper reads first about it. A decision's letter has words of its own. What lies
between is told with the decision: that a source was asked, and what it said, is in the reasons."""


def news_letter(row: Case, event: str, said: Said, last_day: date | None, clock: Clock) -> str:
    """The letter on paper about a step that decides nothing, as its canonical text.

    Args:
        row: the case, already stamped.
        event: of `NEWS`.
        said: what was written to the family.
        last_day: by the end of which the first decision has to come; None where none is to come, or the clock stands.
        clock: the time.
    """
    return _text(_news(row, event, said, last_day, custodians_day(clock)))


def _news(row: Case, event: str, said: Said, last_day: date | None, today: date) -> Iterator[tuple[str, str]]:
    yield "title", _("News of your case")
    yield "paragraph", _("Case %(case)s, %(day)s") % {"case": row.reference, "day": _day(today)}
    yield "heading", _("What you asked")
    yield "paragraph", _asked(row)
    yield "heading", _("What is new")
    yield "paragraph", NEWS[event]()
    if event == "opine":
        yield (
            "paragraph",
            _("It thinks that you are right.")
            if said.outcome == "upheld"
            else _("It does not think that we did anything wrong."),
        )
    for part in said.text.splitlines():
        if part.strip():
            yield "paragraph", part
    if last_day is not None:
        yield "paragraph", _("We must answer you by %(day)s.") % {"day": _day(last_day)}
    yield "heading", _("What you can do")
    if event in NEEDS_ANSWER:
        yield "point", _("Answer us by telephone, at the counter or by letter. Name the case: %(case)s.") % {
            "case": row.reference,
        }  # fmt: skip
    yield "point", _("You can complain to the Information Commissioner’s Office. Telephone: 0303 123 1113.")
    yield from _help(oversight.custodian())


def _help(reach: oversight.Controller) -> Iterator[tuple[str, str]]:
    yield "heading", _("If you need help")
    yield "point", _("Ask us, and a person will write for you, or read this to you.")
    yield "point", _("Write to %(address)s, or by e-mail to %(email)s.") % {
        "address": reach.address, "email": reach.email,
    }  # fmt: skip
    yield "point", _("Ask us for this letter in another language, in large print or in Braille.")


def _text(lines: Iterator[tuple[str, str]]) -> str:
    return requests.as_text(tuple(requests.line(kind, text) for kind, text in lines))


def _lines(row: Case, event: str, said: Said, clock: Clock, reach: oversight.Controller) -> Iterator[tuple[str, str]]:
    today = custodians_day(clock)
    title = {
        "decide": _("Our decision"),
        "review": _("Our second look at our decision"),
        "comply": _("What we do after the overseer’s view"),
        "end_outside": _("We have had no news of your case"),
    }[event]
    yield "title", title
    yield "paragraph", _("Case %(case)s, %(day)s") % {"case": row.reference, "day": _day(today)}
    yield "heading", _("What you asked")
    yield "paragraph", _asked(row)
    yield "paragraph", _("We got this on %(day)s.") % {"day": _day(row.received_on)}
    yield "heading", _("What we decided")
    if event == "end_outside":
        yield "paragraph", _("You told us that you went to the regulator or to a court. We do not wait any longer.")
    else:
        yield "paragraph", _own(_DECIDED, row.kind, said.outcome)()
    if event == "review":
        yield "paragraph", _("Somebody looked at it who had no part in the first decision.")
    answers = row.kind == "access-question" and event != "end_outside" and said.outcome != "refused"
    yield "heading", _("Our answer") if answers else _("Why")
    for part in said.text.splitlines():
        if part.strip():
            yield "paragraph", part
    if said.provision.strip():
        yield "paragraph", _("The rule that this rests on: %(law)s") % {"law": said.provision}
    yield "heading", _("What happens now")
    yield from (("point", one) for one in _happens(row, event, said))
    yield "heading", _("If you do not agree")
    yield from (("point", one) for one in _disagree(event))
    yield from _help(reach)


def _happens(row: Case, event: str, said: Said) -> Iterator[str]:
    if event != "end_outside":
        yield from _own(_NOW, row.kind, said.outcome)()
    if row.kind == "access-question":
        # SI 2005/1437 reg. 5: of a maintained school; the record of the school is not the custodian's to show.
        yield _(
            "Your child’s school keeps a record of its own. Ask the school for it. A school that the council runs must"
            " let a parent see it within 15 school days."
        )
    if row.disputed and row.told_on is not None:
        lifts = row.told_on.toordinal() + case_rules().lift_days + 1
        yield (
            _("Until now nobody could use this fact. From %(day)s on it can be used again.")
            % {"day": _day(type(row.told_on).fromordinal(lifts))}
        )
        yield {
            "decide": _("If you ask for a second look before then, it stays out of use."),
            "review": _("If you ask the overseer before then, it stays out of use."),
        }.get(event, _("If you tell us before then that a regulator or a court looks at it, it stays out of use."))
    elif event == "end_outside":
        yield _("The decision that we told you of before stands.")


def _disagree(event: str) -> Iterator[str]:
    days = case_rules().appeal_days
    if event == "decide":
        yield (
            _(
                "Ask us for a second look within %(days)d days, on your child’s page or by letter. Somebody else will"
                " look at it."
            )
            % {"days": days}
        )
    if event in ("review", "end_outside"):
        yield (
            _(
                "Ask the independent overseer within %(days)d days, on your child’s page, or tell us to ask for you."
                " The overseer is not one of us."
            )
            % {"days": days}
        )
    if event == "end_outside":
        yield _("If the regulator or a court still looks at it, tell us on your child’s page. We then wait again.")
    # ICO, "Data protection complaints": within three months of the last answer.
    yield _(
        "You can complain to the Information Commissioner’s Office at any time. It is best to do so within three"
        " months. It costs nothing. Online: ico.org.uk/make-a-complaint. Telephone: 0303 123 1113."
    )
    # DPA 2018 s.166(1)(b); SI 2009/1976 rule 22: an application to the tribunal has a last day of its own.
    yield (
        _(
            "That office must tell you within three months how your complaint stands. If it does not, a tribunal can"
            " make it do so (%(law)s). Go to the tribunal no later than six months after you complained."
        )
        % {"law": "Data Protection Act 2018 s.166"}
    )
    yield (
        _("You can also go to court (%(law)s). Ask for legal advice first: a court can cost money.")
        % {"law": "Data Protection Act 2018 s.167"}
    )
    yield _("On your child’s page you can save everything in this case as one file, to hand to them.")


def letter_pdf(text: str, reference: str) -> bytes:
    """A letter as a PDF to keep and print."""
    document = requests.read(text)
    return requests.document_pdf(document, f"{document[0].text}, {reference}", _("; the case’s page"))
