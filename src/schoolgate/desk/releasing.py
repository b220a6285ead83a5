"""Acts of release: extracts, look-ups, stops and delays. Each room's rules look at the person again behind these."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from schoolgate import gate
from schoolgate.desk.act import Act, Doing
from schoolgate.errors import Refused

_SIDES = ("researcher", "custodian")
_RECIPIENT, _CUSTODIAN = ("researcher",), ("custodian",)
_BOTH, _WATCHING = ("researcher", "custodian", "overseer"), ("custodian", "overseer")


def _order(doing: Doing) -> object:
    given = doing.args
    return gate.order_extract(
        given["agreement"], doing.person.id, given["sql"], given["reason"], given["recipient_key"], given["form"],
        clock=doing.clock,
    )  # fmt: skip


def _list(doing: Doing) -> object:
    return gate.extracts(doing.person.id, doing.clock)


def _show(doing: Doing) -> object:
    return gate.extract(doing.args["order"], doing.person.id, doing.clock)


def _decide(doing: Doing) -> object:
    given = doing.args
    return gate.decide_extract(
        given["order"], given["approve"], given["reason"], doing.person.id, config=doing.config, clock=doing.clock
    )


def _open(doing: Doing) -> object:
    return gate.open_extract(doing.args["order"], doing.person.id, config=doing.config, clock=doing.clock)


def _piece(doing: Doing) -> object:
    given = doing.args
    return gate.extract_piece(
        given["order"], given["token"], given["at"], doing.person.id, config=doing.config, clock=doing.clock
    )


def _receipt(doing: Doing) -> object:
    return gate.extract_receipt(doing.args["order"], doing.person.id)


def _sign(doing: Doing) -> object:
    given = doing.args
    return gate.sign_extract(
        given["order"], given["opened_sha256"], doing.person.id, config=doing.config, clock=doing.clock
    )


def _report(doing: Doing) -> object:
    given = doing.args
    return gate.report_extract(
        given["order"], given["kind"], given["said"], doing.person.id, config=doing.config, clock=doing.clock
    )


def _declare(doing: Doing) -> object:
    given = doing.args
    return gate.declare_lookups(given["agreement"], given["declared"], doing.person.id, clock=doing.clock)


def _to_declare(doing: Doing) -> object:
    return gate.lookups_to_declare(doing.person.id)


def _told(answer: object) -> object:
    return Refused(answer.reasons) if isinstance(answer, gate.RefusedQuery) else answer


def _match(doing: Doing) -> object:
    given = doing.args
    return _told(
        gate.match_list(
            given["agreement"], doing.person.id, given["rows"], given["items"], config=doing.config, clock=doing.clock
        )
    )


def _verify(doing: Doing) -> object:
    given = doing.args
    return _told(
        gate.verify(
            given["agreement"], doing.person.id, given["wanted"], given["item"], given["value"],
            config=doing.config, clock=doing.clock,
        )
    )  # fmt: skip


def _lookups(doing: Doing) -> object:
    return gate.lookups(doing.person.id, clock=doing.clock)


def _stops(doing: Doing) -> object:
    return gate.stops(doing.person.id)


def _answer(doing: Doing) -> object:
    return gate.answer_stop(doing.args["agreement"], doing.args["answer"], doing.person.id, clock=doing.clock)


def _lift(doing: Doing) -> object:
    return gate.lift_stop(doing.args["agreement"], doing.args["reason"], doing.person.id, clock=doing.clock)


def _delay(doing: Doing) -> object:
    given = doing.args
    return gate.set_delay(
        given["upn"], given["agreement"], given["until"], given["provision"], given["reason"], doing.person.id,
        config=doing.config, clock=doing.clock,
    )  # fmt: skip


def _undelay(doing: Doing) -> object:
    return gate.lift_delay(doing.args["delay"], doing.person.id, clock=doing.clock)


def _delays(doing: Doing) -> object:
    return gate.delays(doing.person.id, clock=doing.clock)


_ORDER = {"agreement": str, "sql": str, "reason": str, "recipient_key": str, "form": str}
_LIST = {"agreement": str, "rows": tuple[gate.Wanted, ...], "items": tuple[str, ...]}
_CLAIM = {"agreement": str, "wanted": gate.Wanted, "item": str, "value": str}
_DELAY = {"upn": str, "agreement": str, "until": date, "provision": str, "reason": str}
_ONE = {"order": str}

ACTS: Mapping[str, Act] = MappingProxyType(
    {
        "extract-order": Act("ask for an extract", _RECIPIENT, _ORDER, gate.ExtractView, _order),
        "extract-list": Act("see the extracts", _BOTH, {}, tuple[gate.ExtractView, ...], _list),
        "extract-show": Act("see an extract's order", _BOTH, _ONE, gate.ExtractView, _show),
        "extract-decide": Act(
            "decide on an extract",
            _CUSTODIAN,
            {**_ONE, "approve": bool, "reason": str},
            gate.ExtractView,
            _decide,
        ),
        "extract-open": Act("fetch an extract", _RECIPIENT, _ONE, gate.Opened, _open),
        "extract-piece": Act("fetch an extract", _RECIPIENT, {**_ONE, "token": str, "at": int}, str, _piece),
        "extract-receipt": Act("keep the receipt of an extract", _RECIPIENT, _ONE, str, _receipt),
        "extract-sign": Act("sign for an extract", _RECIPIENT, {**_ONE, "opened_sha256": str}, gate.ExtractView, _sign),
        "extract-report": Act(
            "report an extract", _RECIPIENT, {**_ONE, "kind": str, "said": str}, gate.ExtractView, _report
        ),
        "lookup-declare": Act(
            "record which look-ups were approved",
            _CUSTODIAN,
            {"agreement": str, "declared": gate.LookupDeclared},
            gate.LookupDeclared,
            _declare,
        ),
        "lookup-waiting": Act(
            "see for which agreements look-ups are still to be recorded",
            _CUSTODIAN,
            {},
            tuple[gate.LookupWanted, ...],
            _to_declare,
        ),
        "lookup-list": Act("have a list looked up", _RECIPIENT, _LIST, gate.ListAnswer, _match),
        "lookup-verify": Act("have a claim answered", _RECIPIENT, _CLAIM, gate.Verified, _verify),
        "lookup-show": Act("see the look-ups", _SIDES, {}, tuple[gate.LookupView, ...], _lookups),
        "use-stops": Act("see stopped use", _BOTH, {}, tuple[gate.StopView, ...], _stops),
        "use-answer": Act(
            "answer for stopped use", _RECIPIENT, {"agreement": str, "answer": str}, gate.StopView, _answer
        ),
        "use-lift": Act("lift a stop", _CUSTODIAN, {"agreement": str, "reason": str}, gate.StopView, _lift),
        "delay-set": Act("delay telling a family", _CUSTODIAN, _DELAY, gate.DelayView, _delay),
        "delay-lift": Act("end a delay", _CUSTODIAN, {"delay": int}, gate.DelayView, _undelay),
        "delay-list": Act("see the delays", _WATCHING, {}, tuple[gate.DelayView, ...], _delays),
    }
)
