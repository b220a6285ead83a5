"""The table of operations: what can be asked for over the socket, with which arguments, in which lane.

Who may ask for which is `callers.ROLES`. An operation that is not in this table does not exist.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from schoolgate import register, requests
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.errors import Refused, SchoolgateError
from schoolgate.gate import claiming, family, service, subject
from schoolgate.gate import settle as settling
from schoolgate.gate.asfile import AsFile
from schoolgate.gate.claiming import Claimant
from schoolgate.gate.corrections import following, history
from schoolgate.gate.corrections.door import not_withheld
from schoolgate.gate.engines.engine import Limits
from schoolgate.gate.handover import no_files
from schoolgate.gate.serve.answers import found_frame, read_frame, record_frame, value_frame
from schoolgate.gate.serve.callers import Caller
from schoolgate.gate.serve.frames import Frame, Gone, Malformed
from schoolgate.gate.serve.values import from_json
from schoolgate.ids import Pmr, Urn
from schoolgate.policy import HANDED_OVER, IN_THE_SETTING

VERSION = 1


Acts = Callable[[str, str, Mapping[str, Any], Config, Clock], object]


def no_acts(name: str, person: str, given: Mapping[str, Any], config: Config, clock: Clock) -> object:
    """What a gate without a desk says.

    Raises:
        SchoolgateError: always.
    """
    raise SchoolgateError("This gate has no desk.", code="no-desk")


FamilyActs = Callable[[str, int, int, Mapping[str, Any], Config, Clock], object]


def no_family_acts(
    name: str, account: int, link: int, given: Mapping[str, Any], config: Config, clock: Clock
) -> object:
    """The same, for the acts of families.

    Raises:
        SchoolgateError: always.
    """
    raise SchoolgateError("This gate has no desk.", code="no-desk")


SchoolActs = Callable[[str, int, Mapping[str, Any], Config, Clock], object]


def no_school_acts(name: str, account: int, given: Mapping[str, Any], config: Config, clock: Clock) -> object:
    """The same, for the acts of schools.

    Raises:
        SchoolgateError: always.
    """
    raise SchoolgateError("This gate has no desk.", code="no-desk")


@dataclass(frozen=True, slots=True)
class Setting:
    """What operations run with.

    Attributes:
        config: the installation.
        clock: the time, the gate's own.
        limits: the most one read may use.
        acts: does an act of the desk (act, person, arguments as JSON); what is above this room is handed to it.
        family_acts: the same for the acts of families (act, account, link, arguments as JSON).
        school_acts: the same for the acts of schools (act, account, arguments as JSON).
    """

    config: Config
    clock: Clock
    limits: Limits
    acts: Acts = no_acts
    family_acts: FamilyActs = no_family_acts
    school_acts: SchoolActs = no_school_acts


@dataclass(frozen=True, slots=True)
class Asked:
    """One request.

    Attributes:
        caller: the user who asks.
        args: the arguments, of the types the table says.
        wanted: whether somebody still waits for the answer.
    """

    caller: Caller
    args: Mapping[str, Any]
    wanted: Callable[[], bool]


Run = Callable[[Asked, Setting], Frame]


@dataclass(frozen=True, slots=True)
class Operation:
    """One line of the table.

    Attributes:
        lane: ``reads``, ``desks``, ``pages`` or ``work``: what waits for what.
        args: argument -> type.
        run: does it.
        person: the argument that says whose turn it takes; empty: the caller's own.
        leaves_releases: whether there may be something to settle afterwards.
    """

    lane: str
    args: Mapping[str, Any]
    run: Run
    person: str = ""
    leaves_releases: bool = False

    def taken(self, given: object) -> Mapping[str, Any]:
        """The arguments as values.

        Raises:
            Malformed: one is missing, unknown, or of another type.
        """
        if not isinstance(given, dict) or set(given) != set(self.args):
            raise Malformed("The arguments are not this operation's.", code="not-a-request")
        return {name: from_json(kind, given[name]) for name, kind in self.args.items()}

    def turn(self, asked: Asked) -> Hashable:
        """Whose turn it takes: a person's, at this caller. Somebody else's user cannot take it from them."""
        return (asked.caller.uid, asked.args[self.person] if self.person else "")


def _acts_for(asked: Asked) -> str:
    person: str = asked.args["person"]
    if asked.caller.people is not None and person not in asked.caller.people:
        raise SchoolgateError(
            "This user of the machine does not act for that person.",
            hint="Operations: the list of callers says who acts for whom.",
            code="not-your-person",
        )
    return person


def _goes_to(caller: Caller) -> str:
    """Where an answer to this caller is."""
    return IN_THE_SETTING if caller.setting else HANDED_OVER


def _at_most(wanted: Limits | None, most: Limits) -> Limits:
    """The caller's own limits where they are lower."""
    if wanted is None:
        return most
    return replace(
        most,
        seconds=min(wanted.seconds, most.seconds), rows=min(wanted.rows, most.rows), size=min(wanted.size, most.size),
        threads=max(1, min(wanted.threads, most.threads)),
    )  # fmt: skip


def _read(asked: Asked, setting: Setting) -> Frame:
    args = asked.args

    def step(name: str) -> None:
        # Before it runs nothing was read; once it ran it is recorded, and stays "begun, not delivered" when
        # nobody is there to take it.
        if name in ("checked", "published") and not asked.wanted():
            raise Gone("The caller went away.", code="gone")

    answer = service.read(
        args["agreement"], _acts_for(asked), args["sql"],
        config=setting.config, clock=setting.clock, limits=_at_most(args["limits"], setting.limits),
        render=no_files if args["file"] is None else AsFile(args["file"]), step=step, output=_goes_to(asked.caller),
    )  # fmt: skip
    return read_frame(answer)


def _explain(asked: Asked, setting: Setting) -> Frame:
    args = asked.args
    goes = _goes_to(asked.caller)
    return value_frame(
        service.explain(args["agreement"], _acts_for(asked), args["sql"], clock=setting.clock, output=goes)
    )


def _named_people(asked: Asked, setting: Setting) -> Frame:
    return value_frame(tuple(requests.get(asked.args["agreement"]).people))


def _subject_access(asked: Asked, setting: Setting) -> Frame:
    requests.ensure_built_in(setting.clock)
    return record_frame(
        subject.subject_access(
            asked.args["pupil"],
            asked.args["actor"],
            config=setting.config,
            clock=setting.clock,
            confirmed=asked.args["confirmed"],
        )
    )


def _access_of(asked: Asked, setting: Setting) -> Frame:
    return value_frame(claiming.access_of(asked.args["pupil"], config=setting.config, clock=setting.clock))


def _find_former_pupil(asked: Asked, setting: Setting) -> Frame:
    requests.ensure_built_in(setting.clock)
    args = asked.args
    return found_frame(
        claiming.find_former_pupil(args["upn"], args["who"], args["actor"], config=setting.config, clock=setting.clock)
    )


def _find_own_pupil(asked: Asked, setting: Setting) -> Frame:
    requests.ensure_built_in(setting.clock)
    args = asked.args
    return found_frame(
        subject.find_own_pupil(Urn(args["urn"]), args["upn"], args["actor"], config=setting.config, clock=setting.clock)
    )


def _exposures_of(asked: Asked, setting: Setting) -> Frame:
    return value_frame(family.exposures_of(asked.args["pupil"], setting.clock))


def _corrections_of(asked: Asked, setting: Setting) -> Frame:
    pupil = asked.args["pupil"]
    return value_frame(not_withheld(pupil, history.corrections_of(pupil, config=setting.config), setting.clock))


def _correction_states(asked: Asked, setting: Setting) -> Frame:
    return value_frame(following.correction_states(asked.args["pupil"], config=setting.config, clock=setting.clock))


def _member_proof(asked: Asked, setting: Setting) -> Frame:
    args = asked.args
    return value_frame(family.proof_of(args["release"], args["pupil"], setting.config, setting.clock))


def _entry_proof(asked: Asked, setting: Setting) -> Frame:
    return value_frame(family.entry_proof(asked.args["index"], setting.config))


def _log_key(asked: Asked, setting: Setting) -> Frame:
    return value_frame(family.log_key(setting.config))


def _settle_pending(asked: Asked, setting: Setting) -> Frame:
    return value_frame(len(settling.settle_pending(setting.config, setting.clock)))


def _publish_log(asked: Asked, setting: Setting) -> Frame:
    return value_frame(register.publish(setting.clock, setting.config).size)


def _act(asked: Asked, setting: Setting) -> Frame:
    args = asked.args
    outcome = setting.acts(args["act"], _acts_for(asked), args["given"], setting.config, setting.clock)
    return value_frame({"refused": isinstance(outcome, Refused), "outcome": outcome})


def _family_act(asked: Asked, setting: Setting) -> Frame:
    args = asked.args
    requests.ensure_built_in(setting.clock)
    outcome = setting.family_acts(
        args["act"], args["account"], args["link"], args["given"], setting.config, setting.clock
    )
    return value_frame({"refused": isinstance(outcome, Refused), "outcome": outcome})


def _school_act(asked: Asked, setting: Setting) -> Frame:
    args = asked.args
    requests.ensure_built_in(setting.clock)
    outcome = setting.school_acts(args["act"], args["account"], args["given"], setting.config, setting.clock)
    return value_frame({"refused": isinstance(outcome, Refused), "outcome": outcome})


def _ping(asked: Asked, setting: Setting) -> Frame:
    return value_frame({"version": VERSION, "role": asked.caller.role})


_QUERY = {"agreement": str, "person": str, "sql": str}

OPERATIONS: Mapping[str, Operation] = MappingProxyType(
    {
        "read": Operation(
            "reads", {**_QUERY, "file": str | None, "limits": Limits | None}, _read, "person", leaves_releases=True
        ),
        "explain": Operation("desks", _QUERY, _explain, "person"),
        "named_people": Operation("desks", {"agreement": str}, _named_people),
        "subject_access": Operation(
            "pages", {"pupil": Pmr, "actor": str, "confirmed": datetime | None}, _subject_access, "actor"
        ),
        "access_of": Operation("pages", {"pupil": Pmr}, _access_of, "pupil"),
        "find_former_pupil": Operation(
            "pages", {"upn": str, "who": Claimant, "actor": str}, _find_former_pupil, "actor"
        ),
        "find_own_pupil": Operation("pages", {"urn": int, "upn": str, "actor": str}, _find_own_pupil, "actor"),
        "exposures_of": Operation("pages", {"pupil": Pmr}, _exposures_of, "pupil"),
        "corrections_of": Operation("pages", {"pupil": Pmr}, _corrections_of, "pupil"),
        "correction_states": Operation("pages", {"pupil": Pmr}, _correction_states, "pupil"),
        "member_proof": Operation("pages", {"release": str, "pupil": Pmr}, _member_proof, "pupil"),
        "entry_proof": Operation("pages", {"index": int}, _entry_proof, "index"),
        "log_key": Operation("pages", {}, _log_key),
        "settle_pending": Operation("work", {}, _settle_pending),
        "publish_log": Operation("work", {}, _publish_log),
        "act": Operation(
            # An act may be a release: an extract that is let go is read at once.
            "desks",
            {"act": str, "person": str, "given": Mapping[str, Any]},
            _act,
            "person",
            leaves_releases=True,
        ),
        "family_act": Operation(
            "pages",
            {"act": str, "account": int, "link": int, "given": Mapping[str, Any]},
            _family_act,
            "account",
            leaves_releases=True,
        ),
        "school_act": Operation(
            "pages",
            {"act": str, "account": int, "given": Mapping[str, Any]},
            _school_act,
            "account",
            leaves_releases=True,
        ),
        "ping": Operation("desks", {}, _ping),
    }
)
