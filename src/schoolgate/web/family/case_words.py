"""Cases in words: what each kind, state and step is called on a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from schoolgate.rights import cases

KINDS: Mapping[str, Promise] = {
    "rectification": lazy("Something is wrong"),
    "erasure": lazy("Erase what is kept"),
    "restriction": lazy("Stop using what is kept"),
    "objection-review": lazy("Look again at a use I said no to"),
    "access-question": lazy("Ask about what is kept"),
    "complaint": lazy("Complain about how we use the data"),
}
"""Kind of a case -> what a family calls it."""

_STATES: Mapping[str, Promise] = {
    "received": lazy("we have it"),
    "acknowledged": lazy("we are looking at it"),
    "identity_awaited": lazy("waits for proof of who you are"),
    "clarification_awaited": lazy("waits for your answer"),
    "with_source": lazy("we asked who sent the fact"),
    "answered": lazy("who sent the fact has answered"),
    "decided": lazy("decided"),
    "in_review": lazy("somebody else is looking at it again"),
    "reviewed": lazy("decided a second time"),
    "with_overseer": lazy("with the independent overseer"),
    "overseen": lazy("the overseer has said what it thinks"),
    "complied": lazy("decided after the overseer’s view"),
    "wait_ended": lazy("we do not wait any longer for the regulator or a court"),
    "outside": lazy("with the regulator or a court"),
    "closed": lazy("closed"),
    "withdrawn": lazy("taken back"),
}

_STEPS: Mapping[str, Promise] = {
    "receive": lazy("You wrote to us"),
    "acknowledge": lazy("We told you that it arrived"),
    "ask_identity": lazy("We asked for proof of who you are"),
    "give_identity": lazy("The proof came"),
    "ask_clarification": lazy("We asked what you mean"),
    "clarify": lazy("The answer came"),
    "ask_source": lazy("We asked who sent the fact"),
    "answer": lazy("Who sent the fact answered"),
    "not_ours": lazy("The school that we asked did not send the fact"),
    "note_silence": lazy("Who sent the fact did not answer in time; we go on without"),
    "extend": lazy("We need two more months"),
    "look": lazy("One of us looked at the record for this case"),
    "decide": lazy("We decided"),
    "withdraw": lazy("You took it back"),
    "lapse": lazy("We had no answer for a long time and closed it"),
    "appeal": lazy("You asked for a second look"),
    "review": lazy("Somebody else looked at it again"),
    "escalate": lazy("You asked the independent overseer"),
    "opine": lazy("The overseer said what it thinks"),
    "comply": lazy("We acted on what the overseer said"),
    "go_outside": lazy("You went to the regulator or to court"),
    "record_outcome": lazy("The regulator, tribunal or court decided"),
    "tell_progress": lazy("We told you how it stands"),
    "go_on": lazy("We go on without your answer"),
    "row_moved": lazy("We found that the row you named may be about another child. It stays out of use"),
    "row_back": lazy("The row you named has moved again. What you chose does not count where it was before"),
    "follow_row": lazy("It is about your child: we go on with it"),
    "keep_child": lazy("It was about another child. Tell us which row of your child’s record you mean"),
    "take_up_again": lazy("We go on with it: you have not had our answer yet"),
    "end_outside": lazy("We do not wait any longer for the regulator or a court"),
    "close": lazy("The time to ask for more is over"),
    "propose_erasure": lazy("It was proposed that the record is erased"),
    "add_file": lazy("A file was added"),
    "read_case": lazy("One of us read this case"),
    "open_files": lazy("One of us opened the files of this case"),
    "let_source": lazy("You let the school that sent the fact see your files"),
    "let_source_no_more": lazy("You let the school see your files no more"),
}

FAMILY_BUTTONS: Mapping[str, Promise] = {
    "give_identity": lazy("Say who you are"),
    "clarify": lazy("Answer us"),
    "appeal": lazy("Ask for a second look"),
    "escalate": lazy("Ask the independent overseer"),
    "go_outside": lazy("Tell us that you went to the regulator or to court"),
    "withdraw": lazy("Take it back"),
}
"""Step of a family's -> what the button says."""

STAFF_BUTTONS: Mapping[str, Promise] = {
    "acknowledge": lazy("Say that it arrived"),
    "ask_identity": lazy("Ask for proof of identity"),
    "give_identity": lazy("Note that the proof came on paper"),
    "ask_clarification": lazy("Ask what is meant"),
    "clarify": lazy("Note an answer that came on paper"),
    "ask_source": lazy("Ask the source"),
    "answer": lazy("Write down what the source says"),
    "note_silence": lazy("Note that the source did not answer in time"),
    "extend": lazy("Extend by two months"),
    "tell_progress": lazy("Tell the family how it stands, or ask it"),
    "go_on": lazy("Go on without the family’s answer"),
    "follow_row": lazy("The row moved: it is the same child"),
    "keep_child": lazy("The row moved: it is another child"),
    "take_up_again": lazy("Take it up again: it is not decided yet"),
    "end_outside": lazy("End the wait for the regulator or a court"),
    "decide": lazy("Decide"),
    "review": lazy("Decide again, as another person"),
    "comply": lazy("Act on the overseer’s view"),
    "record_outcome": lazy("Enter what the regulator or court decided"),
}
"""Step of staff's -> what the button says."""

OUTCOMES: Mapping[str, Promise] = {
    "corrected": lazy("Put the fact right"),
    "annotated": lazy("Leave it, with a note beside it"),
    "refused": lazy("Refuse"),
    "erased": lazy("Erase what the law lets us erase"),
    "restricted": lazy("Store it only"),
    "upheld": lazy("The family is right"),
    "partly": lazy("The family is right in part"),
    "not-upheld": lazy("Nothing was wrong"),
    "answered": lazy("Answered"),
}
"""Outcome -> in words for whoever decides."""


@dataclass(frozen=True, slots=True)
class StepWords:
    """One step as a page shows it."""

    step: cases.StepView
    title: str
    outcome: str


def step_words(event: str) -> str:
    """What a step is called."""
    return str(_STEPS.get(event, event))


def title_of(line: cases.CaseLine) -> str:
    """What a case is about, in a line."""
    kind = str(KINDS.get(line.kind, line.kind))
    return f"{kind}: {cases.item_name(line.item)}" if line.item else kind


def state_of(line: cases.CaseLine) -> str:
    """How a case stands."""
    return str(_STATES.get(line.state, line.state))


_BY_OTHERS: Mapping[tuple[str, str], Promise] = {
    ("look", "school"): lazy("The school that sent the fact looked at it"),
    ("open_files", "school"): lazy("The school that sent the fact opened your files"),
    ("read_case", "overseer"): lazy("The overseer read this case"),
    ("open_files", "overseer"): lazy("The overseer opened the files of this case"),
}
"""A step and who took it -> what it is, where it is not one of ours."""


def steps_of(view: cases.CaseView) -> list[StepWords]:
    """The steps of a case, the newest first."""
    return [
        StepWords(
            one,
            str(_BY_OTHERS.get((one.event, one.who), _STEPS.get(one.event, one.event))),
            str(OUTCOMES.get(one.said.outcome, "")),
        )
        for one in reversed(view.steps)
    ]


def due_words(line: cases.CaseLine, day: str) -> str:
    """By when the next thing has to happen; `day` is the last day as a page writes it."""
    if line.last_day is None:
        return _("The clock stands still until you answer.") if line.waits_for == "family" else ""
    return {
        "acknowledge": _("We must tell you by %(day)s that it arrived."),
        "decide": _("We must answer by %(day)s."),
        "review": _("The second look must be done by %(day)s."),
        "opine": _("The overseer should answer by %(day)s."),
        "comply": _("We must say by %(day)s what we do about it."),
        "ask_how_it_stands": _("By %(day)s we ask you how it stands before the regulator or the court."),
    }.get(line.due_what, "") % {"day": day}


WAITS: Mapping[str, Promise] = {
    "family": lazy("the family"),
    "custodian": lazy("us"),
    "source": lazy("the source"),
    "overseer": lazy("the overseer"),
    "regulator": lazy("the regulator or a court"),
    "nobody": lazy("nobody"),
}
"""Whom a case waits for, in words for staff."""

DUES: Mapping[str, Promise] = {
    "acknowledge": lazy("say that it arrived"),
    "decide": lazy("decide"),
    "review": lazy("look at it again"),
    "opine": lazy("the overseer’s view"),
    "comply": lazy("act on the overseer’s view"),
    "ask_how_it_stands": lazy("ask how it stands"),
}
"""What is due next, in words for staff."""
