"""What a school does for its own pupils: it gives codes out and ends ways in, answers for what it sent, fetches what to
put right, enters papers.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from schoolgate import gate, rights
from schoolgate.desk.schoolact import SchoolAct, SchoolDoing
from schoolgate.errors import with_reasons
from schoolgate.ids import Urn
from schoolgate.rights import cases


def _asked(doing: SchoolDoing) -> object:
    return cases.asked_of_school(doing.urn, clock=doing.clock)


def _show(doing: SchoolDoing) -> object:
    return cases.show_source(doing.urn, doing.args["reference"], config=doing.config, clock=doing.clock)


def _look(doing: SchoolDoing) -> object:
    return cases.look_source(doing.urn, doing.args["reference"], config=doing.config, clock=doing.clock)


def _answer(doing: SchoolDoing) -> object:
    given = doing.args
    return cases.school_answers(
        doing.urn, given["reference"], given["answer"], given["value"], given["text"],
        config=doing.config, clock=doing.clock,
    )  # fmt: skip


def _file(doing: SchoolDoing) -> object:
    return cases.file_for_source(
        doing.urn, doing.args["reference"], doing.args["number"], config=doing.config, clock=doing.clock
    )


def _put_right(doing: SchoolDoing) -> object:
    found = gate.school_files(Urn(doing.urn), doing.actor, config=doing.config, clock=doing.clock)
    return with_reasons(found)


def _declined(doing: SchoolDoing) -> object:
    found = gate.declined_for_school(Urn(doing.urn), doing.actor, config=doing.config, clock=doing.clock)
    return with_reasons(found)


def _paper(doing: SchoolDoing) -> object:
    given = doing.args
    return rights.open_paper_at_school(
        doing.urn, given["upn"], given["standing"], given["evidence"],
        school_actor=doing.actor, clock=doing.clock, config=doing.config,
    )  # fmt: skip


def _papers(doing: SchoolDoing) -> object:
    return rights.papers_of_school(doing.actor)


def _paper_back(doing: SchoolDoing) -> object:
    return rights.withdraw_paper(doing.args["claim"], doing.actor, clock=doing.clock)


def _code(doing: SchoolDoing) -> object:
    given = doing.args
    issued = rights.issue_code(
        doing.urn, given["upn"], standing=given["standing"],
        school_actor=doing.actor, clock=doing.clock, config=doing.config,
    )  # fmt: skip
    return with_reasons(issued)


def _ways(doing: SchoolDoing) -> object:
    found = rights.ways_in(
        doing.urn, doing.args["upn"], school_actor=doing.actor, clock=doing.clock, config=doing.config
    )
    return with_reasons(found)


def _way_end(doing: SchoolDoing) -> object:
    given = doing.args
    ended = rights.end_way(
        doing.urn, given["upn"], given["way"], by_order=given["by_order"],
        school_actor=doing.actor, clock=doing.clock, config=doing.config,
    )  # fmt: skip
    return with_reasons(ended)


_CASE: Mapping[str, Any] = {"reference": str}

SCHOOL_ACTS: Mapping[str, SchoolAct] = MappingProxyType(
    {
        "code-give": SchoolAct("give a code out", {"upn": str, "standing": str}, rights.IssuedCode, _code),
        "ways-list": SchoolAct("see who holds a way in to a pupil", {"upn": str}, tuple[rights.OpenedWay, ...], _ways),
        "way-close": SchoolAct("end one way in", {"upn": str, "way": str, "by_order": bool}, int, _way_end),
        "source-list": SchoolAct("see what it is asked", {}, tuple[cases.SourceLine, ...], _asked),
        "source-show": SchoolAct("see what it is asked about one fact", _CASE, cases.SourceView, _show),
        "source-look": SchoolAct("look at what it sent", _CASE, gate.SentBySchool, _look),
        "source-answer": SchoolAct(
            "answer for what it sent", {**_CASE, "answer": str, "value": str, "text": str}, str, _answer
        ),
        "source-file": SchoolAct(
            "save a file that the family lets it see", {**_CASE, "number": int}, cases.FileOut, _file
        ),
        "school-put-right": SchoolAct("fetch what to put right in its own system", {}, gate.SchoolFiles, _put_right),
        "school-declined": SchoolAct("fetch what families declined", {}, tuple[gate.SchoolDeclined, ...], _declined),
        "school-paper-open": SchoolAct(
            "enter a claim with papers",
            {"upn": str, "standing": str, "evidence": Mapping[str, str]},
            rights.SchoolPaper,
            _paper,
        ),
        "school-papers": SchoolAct("see the claims that it entered", {}, tuple[rights.SchoolPaper, ...], _papers),
        "school-paper-back": SchoolAct("take a claim back that it entered", {"claim": int}, bool, _paper_back),
    }
)
"""What a school can do. Each looks again whether the case, the child and the claim are this school's."""
