"""Decision letters: what was asked, what was decided and why, what happens now, and what to do when you do not agree.

A letter is made once, when the decision is written down, and kept as its text; page, text file and PDF are made from
it, so that nobody is shown one thing and sent another. Every sentence goes through gettext. UK GDPR Article 12(4): a
refusal says why, and names the regulator and the courts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from types import MappingProxyType

from django.utils import formats
from django.utils.translation import gettext as _

from schoolgate import dictionary, requests
from schoolgate.clock import Clock, custodians_day
from schoolgate.rights.cases import rules
from schoolgate.rights.cases.models import Case
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
    }
)

_NOW: Mapping[str, _Words] = MappingProxyType(
    {
        "corrected": lambda: _(
            "We tell everybody who got the wrong fact from us. Your child’s page shows who has answered, and what they"
            " did about it."
        ),
        "annotated": lambda: _("Whoever looks at your child’s record here sees your note with it."),
        "erased": lambda: _("Your child’s page shows what is kept by law, and why."),
        "restricted": lambda: _("No question that anybody asks will contain your child. We tell you before this ends."),
        "upheld": lambda: _("We put it right, and see to it that it does not happen again."),
        "partly": lambda: _("We put right what was wrong. The rest stays as it is, for the reasons given above."),
    }
)


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
    return requests.as_text(tuple(requests.line(kind, text) for kind, text in _lines(row, event, said, clock)))


def _lines(row: Case, event: str, said: Said, clock: Clock) -> Iterator[tuple[str, str]]:
    today = custodians_day(clock)
    title = {
        "decide": _("Our decision"),
        "review": _("Our second look at our decision"),
        "comply": _("What we do after the overseer’s view"),
    }[event]
    yield "title", title
    yield "paragraph", _("Case %(case)s, %(day)s") % {"case": row.reference, "day": _day(today)}
    yield "heading", _("What you asked")
    yield "paragraph", _asked(row)
    yield "paragraph", _("We got this on %(day)s.") % {"day": _day(row.received_on)}
    yield "heading", _("What we decided")
    yield "paragraph", _DECIDED[said.outcome]()
    if event == "review":
        yield "paragraph", _("Somebody looked at it who had no part in the first decision.")
    yield "heading", _("Why")
    for part in said.text.splitlines():
        if part.strip():
            yield "paragraph", part
    if said.provision.strip():
        yield "paragraph", _("The rule that this rests on: %(law)s") % {"law": said.provision}
    yield from _happens(row, said)
    yield from _disagree(row, event)
    yield "heading", _("If you need help")
    yield "point", _("Ask us, and a person will write for you, or read this to you.")
    yield "point", _("Ask us for this letter in another language, in large print or in Braille.")


def _happens(row: Case, said: Said) -> Iterator[tuple[str, str]]:
    now = _NOW.get(said.outcome)
    if now is None and not row.disputed:
        return
    yield "heading", _("What happens now")
    if now is not None:
        yield "point", now()
    if row.disputed and row.told_on is not None:
        lifts = row.told_on.toordinal() + rules.RULES.lift_days + 1
        yield (
            "point",
            _(
                "While we looked at it, nobody could use this fact. From %(day)s on it can be used again. If you ask"
                " for a second look before then, it stays out of use."
            )
            % {"day": _day(type(row.told_on).fromordinal(lifts))},
        )


def _disagree(row: Case, event: str) -> Iterator[tuple[str, str]]:
    days = rules.RULES.appeal_days
    yield "heading", _("If you do not agree")
    if event == "decide":
        yield (
            "point",
            _(
                "Ask us for a second look within %(days)d days, on your child’s page or by letter. Somebody else will"
                " look at it."
            )
            % {"days": days},
        )
    if event == "review":
        yield (
            "point",
            _("Ask the independent overseer within %(days)d days, on your child’s page. The overseer is not one of us.")
            % {"days": days},
        )
    yield (
        "point",
        _(
            "You can complain to the Information Commissioner’s Office at any time. It costs nothing. Online:"
            " ico.org.uk/make-a-complaint. Telephone: 0303 123 1113."
        ),
    )
    yield (
        "point",
        _(
            "If it does not deal with your complaint, a tribunal can make it do so (%(law)s). You can also go to court"
            " (%(court)s). Ask for legal advice first: a court can cost money."
        )
        % {"law": "Data Protection Act 2018 s.166", "court": "s.167"},
    )
    yield "point", _("On your child’s page you can save everything in this case as one file, to hand to them.")


def letter_pdf(text: str, reference: str) -> bytes:
    """A letter as a PDF to keep and print."""
    document = requests.read(text)
    return requests.document_pdf(document, f"{document[0].text}, {reference}", _("; the case’s page"))
