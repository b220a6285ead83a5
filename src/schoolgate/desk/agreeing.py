"""Acts of agreeing: both signatures, stopping, ending, stating a destruction and saying that one saw it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from schoolgate import ledger, requests
from schoolgate.clock import day_of
from schoolgate.desk.act import Act, Doing, calling

_RESEARCHER, _CUSTODIAN, _EITHER = ("researcher",), ("custodian",), ("researcher", "custodian")


def _state(doing: Doing) -> object:
    """Everything that was ever released under the agreement is what must be gone: the ledger says which that is."""
    agreement_id = requests.application(str(doing.args["agreement_id"])).agreement_id
    released = ledger.releases(agreement_id) if agreement_id else ()
    return requests.state_destruction(
        **doing.args,
        actor=doing.person.id,
        clock=doing.clock,
        releases=tuple(one.release_id for one in released),
        last_release=max((day_of(one.begun_at) for one in released), default=None),
    )


ACTS: Mapping[str, Act] = MappingProxyType(
    {
        "agreement-accept": Act(
            "sign an agreement for its organisation",
            _RESEARCHER,
            {"request_id": str, "shown": str},
            requests.VersionView,
            calling(requests.accept),
        ),
        "agreement-sign": Act(
            "sign an agreement for the custodian",
            _CUSTODIAN,
            {"request_id": str, "shown": str},
            requests.Agreement,
            calling(requests.sign),
        ),
        "agreement-suspend": Act(
            "stop the use of an agreement at once",
            _CUSTODIAN,
            {"agreement_id": str, "reason": str},
            requests.Agreement,
            calling(requests.suspend),
        ),
        "agreement-end": Act(
            "end an agreement",
            _EITHER,
            {"agreement_id": str, "reason": str},
            requests.Agreement,
            calling(requests.end),
        ),
        "agreement-certify": Act(
            "state the destruction of what was handed over",
            _EITHER,
            {"agreement_id": str, "words": str, "method": str, "destroyed_on": date, "witness": str},
            requests.Agreement,
            _state,
        ),
        "agreement-witness": Act(
            "say whether one saw a destruction",
            _CUSTODIAN,
            {"agreement_id": str, "saw": bool, "reason": str},
            requests.Agreement,
            calling(requests.witness_destruction),
        ),
    }
)
"""Act -> what it takes and who may; the room's own rules say when."""
