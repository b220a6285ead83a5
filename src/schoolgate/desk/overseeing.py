"""Acts of oversight: an overseer notes how far it looked, asks, and enters findings; the custodian answers and acts.

An overseer decides nothing: whoever decides cannot oversee the deciding.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from schoolgate import oversight, work
from schoolgate.desk.act import Act, Doing

_OVERSEER = ("overseer",)
_CUSTODIAN = ("custodian",)


def _queue(doing: Doing) -> object:
    return work.status(doing.clock)


def _seen(doing: Doing) -> object:
    return oversight.note_seen(doing.person.id, doing.args["size"], doing.clock)


def _ask(doing: Doing) -> object:
    given = doing.args
    return oversight.ask(given["question"], given["about"], given["due"], doing.person.id, doing.clock)


def _answer(doing: Doing) -> object:
    given = doing.args
    return oversight.answer(given["number"], given["answer"], given["is_answer"], doing.person.id, doing.clock)


def _record(doing: Doing) -> object:
    given = doing.args
    return oversight.record_finding(given["source"], given["finding"], given["urgency"], doing.person.id, doing.clock)


def _set(doing: Doing) -> object:
    given = doing.args
    return oversight.set_action(
        given["finding"], given["action"], given["owner"], given["due"], doing.person.id, doing.clock
    )


def _finish(doing: Doing) -> object:
    return oversight.finish_action(doing.args["action"], doing.args["done"], doing.person.id, doing.clock)


ACTS: Mapping[str, Act] = MappingProxyType(
    {
        "queue-show": Act("see how the queue stands", _OVERSEER, {}, work.Status, _queue),
        "oversight-seen": Act("note how far it looked", _OVERSEER, {"size": int}, int, _seen),
        "oversight-question": Act(
            "put a question to the custodian",
            _OVERSEER,
            {"question": str, "about": str, "due": date | None},
            oversight.QuestionView,
            _ask,
        ),
        "oversight-answer": Act(
            "answer a question of the overseer",
            _CUSTODIAN,
            {"number": str, "answer": str, "is_answer": bool},
            oversight.QuestionView,
            _answer,
        ),
        "finding-record": Act(
            "enter what an audit found",
            (*_CUSTODIAN, *_OVERSEER),
            {"source": str, "finding": str, "urgency": str},
            oversight.FindingView,
            _record,
        ),
        "finding-action": Act(
            "say what is to be done about a finding",
            _CUSTODIAN,
            {"finding": str, "action": str, "owner": str, "due": date},
            oversight.ActionView,
            _set,
        ),
        "finding-action-done": Act(
            "say that an action was done",
            _CUSTODIAN,
            {"action": str, "done": str},
            oversight.ActionView,
            _finish,
        ),
    }
)
