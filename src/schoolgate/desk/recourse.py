"""Acts of recourse: what a family asks, says is wrong or complains of, and what staff and the overseer do about it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from schoolgate.desk.act import Act, Doing
from schoolgate.desk.familyact import FamilyAct, FamilyDoing
from schoolgate.errors import Refusal, Refused
from schoolgate.rights import cases

_CUSTODIAN, _OVERSEER, _BOTH = ("custodian",), ("overseer",), ("custodian", "overseer")


def _not_theirs(doing: FamilyDoing, kind: str, where: str = "") -> Refused | None:
    """What is said to somebody who may look, and do nothing more in a case of this kind."""
    if kind not in cases.KINDS or cases.KINDS[kind].needs in doing.child.may:
        return None  # of a kind that there is not the room says so itself
    return Refused((Refusal("standing", "Your standing does not let you ask for this.", where=where),))


def _open(doing: FamilyDoing) -> object:
    kind = doing.args["kind"]
    if (no := _not_theirs(doing, kind, "kind")) is not None:
        return no
    return cases.open_case(doing.child, kind, doing.args["text"], config=doing.config, clock=doing.clock)


def _challenge(doing: FamilyDoing) -> object:
    given = doing.args
    said = cases.Said(text=given["text"].strip(), should_be=given["should_be"].strip(), stands=given["stands"].strip())
    return cases.challenge(
        doing.child, given["item"], given["row"], said, given["wrong_since"], config=doing.config, clock=doing.clock
    )


def _own(doing: FamilyDoing) -> object:
    return cases.list_own(doing.child, clock=doing.clock)


def _show(doing: FamilyDoing) -> object:
    cases.note_seen(doing.child, doing.args["reference"], clock=doing.clock)
    return cases.show_own(doing.child, doing.args["reference"], config=doing.config, clock=doing.clock)


def _say(doing: FamilyDoing) -> object:
    given = doing.args
    if (no := _not_theirs(doing, cases.own_row(doing.child, given["reference"]).kind)) is not None:
        return no
    return cases.by_family(
        doing.child, given["reference"], given["event"], given["text"], config=doing.config, clock=doing.clock
    )


def _piece(doing: FamilyDoing) -> object:
    given, row = doing.args, cases.own_row(doing.child, doing.args["reference"])
    if (no := _not_theirs(doing, row.kind)) is not None:
        return no
    return cases.take_piece(row, given["number"], given["data"], doing.actor, config=doing.config, clock=doing.clock)


def _file(doing: FamilyDoing) -> object:
    given, row = doing.args, cases.own_row(doing.child, doing.args["reference"])
    if (no := _not_theirs(doing, row.kind)) is not None:
        return no
    return cases.add_file(
        row, given["name"], given["sha256"], "family", doing.actor, config=doing.config, clock=doing.clock
    )


def _own_file(doing: FamilyDoing) -> object:
    return cases.file_of(cases.own_row(doing.child, doing.args["reference"]), doing.args["number"], doing.config)


def _let_source(doing: FamilyDoing) -> object:
    given = doing.args
    return cases.let_source_see(
        doing.child, given["reference"], given["allowed"], config=doing.config, clock=doing.clock
    )


def _own_letter(doing: FamilyDoing) -> object:
    row = cases.own_row(doing.child, doing.args["reference"])
    return cases.letter(row, doing.args["number"], doing.config, doing.clock)


def _own_bundle(doing: FamilyDoing) -> object:
    row = cases.own_row(doing.child, doing.args["reference"])
    return cases.bundle(row, doing.child, config=doing.config, clock=doing.clock)


_CASE: Mapping[str, Any] = {"reference": str}
_NUMBERED: Mapping[str, Any] = {"reference": str, "number": int}

FAMILY_ACTS: Mapping[str, FamilyAct] = MappingProxyType(
    {
        "case-open": FamilyAct("ask or complain", {"kind": str, "text": str}, str, _open, needs="see"),
        "case-challenge": FamilyAct(
            "say that something is wrong",
            {"item": str, "row": str, "stands": str, "should_be": str, "wrong_since": date | None, "text": str},
            str,
            _challenge,
            needs="correct",
        ),
        "case-list": FamilyAct("see its cases", {}, tuple[cases.CaseLine, ...], _own, needs="see"),
        "case-show": FamilyAct("see a case", _CASE, cases.CaseView, _show, needs="see"),
        "case-say": FamilyAct(
            "answer, take back, or ask for more in a case",
            {"reference": str, "event": str, "text": str},
            str,
            _say,
            needs="see",
        ),
        "case-file-piece": FamilyAct("send a piece of a file", {**_NUMBERED, "data": str}, int, _piece, needs="see"),
        "case-file-add": FamilyAct(
            "add a file to a case", {"reference": str, "name": str, "sha256": str}, int, _file, needs="see"
        ),
        "case-file": FamilyAct("save a file of a case", _NUMBERED, cases.FileOut, _own_file, needs="see"),
        "case-let-source": FamilyAct(
            "let the school that sent a fact see the files, or no more",
            {"reference": str, "allowed": bool},
            bool,
            _let_source,
            needs="correct",
        ),
        "case-letter": FamilyAct("read a letter", _NUMBERED, str, _own_letter, needs="see"),
        "case-bundle": FamilyAct("save a whole case", _CASE, cases.FileOut, _own_bundle, needs="see"),
    }
)
"""What a family's pages can do about its cases. Each looks again whether the case is this account's."""


def _queue(doing: Doing) -> object:
    return cases.queue(doing.clock, doing.person.role)


def _staff_show(doing: Doing) -> object:
    given, person, config, clock = doing.args, doing.person, doing.config, doing.clock
    row = cases.staff_row(given["reference"], person.role)
    cases.note_opened(row, person.role, person.id, what=cases.READ, config=config, clock=clock)
    return cases.show_staff(given["reference"], person.role, person.id, config=config, clock=clock)


def _look(doing: Doing) -> object:
    return cases.look(doing.args["reference"], doing.person.id, config=doing.config, clock=doing.clock)


def _step(doing: Doing) -> object:
    given, person = doing.args, doing.person
    return cases.by_staff(
        given["reference"],
        given["event"],
        given["text"],
        person.role,
        person.id,
        config=doing.config,
        clock=doing.clock,
    )


def _source(doing: Doing) -> object:
    given = doing.args
    return cases.source_answers(
        given["reference"], given["source"], given["agrees"], given["text"], doing.person.id,
        config=doing.config, clock=doing.clock,
    )  # fmt: skip


def _decide(doing: Doing) -> object:
    given = doing.args
    said = cases.Said(
        text=given["text"].strip(), outcome=given["outcome"], provision=given["provision"].strip(),
        value=given["value"].strip(),
    )  # fmt: skip
    return cases.decide(
        given["reference"], given["event"], said, given["row"], doing.person.id, config=doing.config, clock=doing.clock
    )


def _opine(doing: Doing) -> object:
    given = doing.args
    return cases.opine(
        given["reference"], given["upheld"], given["text"], doing.person.id, config=doing.config, clock=doing.clock
    )


def _opened_by_staff(doing: Doing) -> Any:
    """The case whose files a person of staff opens; that they do is a step of it, which the family reads."""
    person = doing.person
    row = cases.staff_row(doing.args["reference"], person.role)
    cases.note_opened(row, person.role, person.id, config=doing.config, clock=doing.clock)
    return row


def _staff_file(doing: Doing) -> object:
    row = _opened_by_staff(doing)
    return cases.file_of(row, doing.args["number"], doing.config)


def _staff_letter(doing: Doing) -> object:
    person = doing.person
    row = cases.staff_row(doing.args["reference"], person.role)
    cases.note_opened(row, person.role, person.id, what=cases.READ, config=doing.config, clock=doing.clock)
    return cases.letter(row, doing.args["number"], doing.config, doing.clock)


def _to_post(doing: Doing) -> object:
    return cases.letters_to_post(doing.clock, doing.config)


def _print(doing: Doing) -> object:
    given = doing.args
    return cases.print_letter(
        given["reference"], given["number"], doing.person.id, config=doing.config, clock=doing.clock
    )


def _posted(doing: Doing) -> object:
    given = doing.args
    return cases.note_posted(
        given["reference"], given["number"], given["posted_on"], doing.person.id, config=doing.config, clock=doing.clock
    )


def _staff_bundle(doing: Doing) -> object:
    # Without proofs: they are the family's, and whoever holds one can show that this child is on a list.
    row = _opened_by_staff(doing)
    return cases.bundle(row, None, config=doing.config, clock=doing.clock)


def _figures(doing: Doing) -> object:
    return cases.figures(doing.clock)


ACTS: Mapping[str, Act] = MappingProxyType(
    {
        "recourse-queue": Act("see families’ open cases", _BOTH, {}, tuple[cases.CaseLine, ...], _queue),
        "recourse-show": Act("see a family’s case", _BOTH, _CASE, cases.CaseView, _staff_show),
        "recourse-look": Act("look at what a family’s case is about", _CUSTODIAN, _CASE, cases.Looked, _look),
        "recourse-step": Act(
            "take a step in a family’s case",
            _CUSTODIAN,
            {"reference": str, "event": str, "text": str},
            str,
            _step,
        ),
        "recourse-source": Act(
            "write down what the source of a fact says",
            _CUSTODIAN,
            {"reference": str, "source": str, "agrees": bool, "text": str},
            str,
            _source,
        ),
        "recourse-decide": Act(
            "decide a family’s case, or look at a decision again",
            _CUSTODIAN,
            {
                "reference": str, "event": str, "outcome": str, "text": str, "provision": str, "value": str, "row": str,
            },
            str,
            _decide,
        ),
        "recourse-opine": Act(
            "say what one thinks of a case that a family brought",
            _OVERSEER,
            {"reference": str, "upheld": bool, "text": str},
            str,
            _opine,
        ),
        "recourse-file": Act("save a file of a family’s case", _BOTH, _NUMBERED, cases.FileOut, _staff_file),
        "recourse-letter": Act("read a letter of a family’s case", _BOTH, _NUMBERED, str, _staff_letter),
        "recourse-letters": Act(
            "see which letters about cases wait to be posted",
            _CUSTODIAN,
            {},
            tuple[cases.LetterToPost, ...],
            _to_post,
        ),
        "recourse-print": Act("print a letter about a case", _CUSTODIAN, _NUMBERED, cases.FileOut, _print),
        "recourse-posted": Act(
            "note that a letter about a case was posted", _CUSTODIAN, {**_NUMBERED, "posted_on": date}, bool, _posted
        ),
        "recourse-bundle": Act("save a whole case", _BOTH, _CASE, cases.FileOut, _staff_bundle),
        "recourse-figures": Act("see how families’ cases stand", _BOTH, {}, tuple[cases.KindFigures, ...], _figures),
    }
)  # fmt: skip
"""What staff can do about families' cases; the state table says when, and by whom of them."""
