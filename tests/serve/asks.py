"""Asks the gate's functions what each line of standard input lists, and prints the answers as a line of JSON.

The same lines run in the gate's own process and in a face: which it is, SCHOOLGATE_GATE alone says.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import io
import json
import sys
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import django

from tests.requests import road


def _plain(value: Any) -> Any:
    """A value as JSON, whatever it holds; a table as the bytes it is sent in."""
    import pyarrow as pa

    from schoolgate import gate

    if isinstance(value, pa.Table):
        held = io.BytesIO()
        gate.write_stream(value, held)
        return hashlib.sha256(held.getvalue()).hexdigest()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            "": type(value).__name__,
            **{field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)},
        }
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(part) for part in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value if value is None or isinstance(value, str | int | bool) else repr(value)


def build() -> dict[str, Any]:
    """Six children, an agreement in force today, and families' own agreement."""
    from dataclasses import replace

    from schoolgate import people, requests
    from schoolgate.clock import SystemClock
    from schoolgate.config import Config
    from tests.requests.filled import filled
    from tests.world import ITEMS, load_children

    clock = SystemClock()
    config, today = Config.from_environment(), clock.now().date()
    pupils = load_children(config, clock)  # type: ignore[arg-type]
    last = date(2099, 1, 1)
    university = people.add_organisation("University of Example (synthetic)", "university")
    office = people.add_organisation("Custodian (synthetic)", "custodian")
    researcher = people.add_person(university.id, "researcher", accredited_until=last)
    panel = [people.add_person(office.id, "panel", accredited_until=last).id for _ in range(2)]
    official = people.add_person(office.id, "custodian", accredited_until=last)
    spec = replace(
        requests.read_application(requests.example("education-research")),
        organisation=university.id, people=(researcher.id,), items=ITEMS, years=((2024, 2027),), terms=(), cohort=(),
        valid_from=today, valid_until=today + timedelta(days=300),
    )  # fmt: skip
    application = requests.insist(requests.submit_application(filled(spec), researcher.id, clock))
    requests.insist(road.decide(application.id, True, ["It serves pupils."], [], panel, clock))
    agreement = requests.insist(road.sign(application.id, official.id, clock))
    requests.ensure_built_in(clock)
    return {"agreement": agreement.id, "person": researcher.id, "pupils": [int(pupil) for pupil in pupils]}


def _linked(number: int, email: str, config: Any, clock: Any) -> dict[str, int]:
    """A parent with an account who entered the school's code for one of the children."""
    from schoolgate import people, rights
    from tests.world import CHILDREN, URN

    account = people.create_account(email, "correct horse battery").id
    upn, actor = CHILDREN[number].upn, f"school:{URN}"
    code = rights.issue_code(URN, upn, school_actor=actor, clock=clock, config=config)
    assert isinstance(code, rights.IssuedCode), code
    link = rights.redeem_code(account, code.text, clock, config=config)
    assert isinstance(link, rights.ChildLink), link
    return {"account": account, "link": link.id}


def _family(act: str, account: int, link: int, given: dict[str, Any], config: Any, clock: Any) -> Any:
    """An act of a family's; days come as text, as everything that comes by JSON."""
    from schoolgate import desk, gate

    kinds = desk.family_acts()[act].takes if act in desk.family_acts() else {}
    args = {key: gate.from_json(kinds[key], value) if key in kinds else value for key, value in given.items()}
    return desk.for_family(act, account, link, config=config, clock=clock, **args)


def _staff(act: str, person: str, given: dict[str, Any], config: Any, clock: Any) -> Any:
    """An act of the custodian's staff."""
    from schoolgate import desk

    return desk.do(act, person, config=config, clock=clock, **given)


def _office(email: str, config: Any, clock: Any) -> int:
    """A school's office with an account."""
    from schoolgate import people
    from tests.world import URN

    account = people.create_account(email, "correct horse battery", role="school").id
    people.set_school(account, URN)
    return account


def _school(act: str, account: int, given: dict[str, Any], config: Any, clock: Any) -> Any:
    """An act of a school's."""
    from schoolgate import desk

    return desk.for_school(act, account, config=config, clock=clock, **given)


def _put_right(pupil: int, item: str, new: str, config: Any, clock: Any) -> Any:
    """A value put right some days ago, and what is done by itself since; by the gate's user alone."""
    from datetime import timedelta

    from schoolgate import gate
    from schoolgate.gate.corrections.models import Correction
    from schoolgate.ids import Pmr

    record = gate.subject_access(Pmr(pupil), "account:1", config=config, clock=clock)
    made = gate.correct_item(
        Pmr(pupil), item, record.tokens[item.partition(".")[0]][0], new, wrong_since=None, case="K-1", actor="P-0002",
        config=config, clock=clock,
    )  # fmt: skip
    Correction.objects.update(decided_at=clock.now() - timedelta(days=2))
    gate.tend_corrections(config=config, clock=clock)
    return made


def _asked(name: str, args: dict[str, Any]) -> Any:
    from schoolgate import gate, rights
    from schoolgate.clock import SystemClock
    from schoolgate.config import Config
    from schoolgate.ids import Pmr, Urn

    config, clock = Config.from_environment(), SystemClock()
    here = {"config": config, "clock": clock}
    given = dict(args)
    render = {"render": gate.AsFile(given.pop("file"))} if "file" in given else {}
    calls: dict[str, Callable[..., Any]] = {
        "build": build,
        "read": lambda agreement, person, sql: gate.read(agreement, person, sql, **here, **render),
        "explain": lambda agreement, person, sql: gate.explain(agreement, person, sql, **here),
        "named_people": lambda agreement: gate.named_people(agreement, config=config),
        "subject_access": lambda pupil, actor: gate.subject_access(Pmr(pupil), actor, **here),
        "find_own_pupil": lambda urn, upn, actor: gate.find_own_pupil(Urn(urn), upn, actor, **here),
        "exposures_of": lambda pupil: gate.exposures_of(Pmr(pupil), config=config),
        "corrections_of": lambda pupil: gate.corrections_of(Pmr(pupil), config=config),
        "correction_states": lambda pupil: gate.correction_states(Pmr(pupil), **here),
        "put_right": lambda pupil, item, new: _put_right(pupil, item, new, config, clock),
        "member_proof": lambda release, pupil: gate.member_proof(release, Pmr(pupil), config),
        "entry_proof": lambda index: gate.entry_proof(index, config),
        "log_key": lambda: gate.log_key(config),
        "linked": lambda number, email: _linked(number, email, config, clock),
        "family": lambda act, account, link, given: _family(act, account, link, given, config, clock),
        "staff": lambda act, person, given: _staff(act, person, given, config, clock),
        "office": lambda email: _office(email, config, clock),
        "school": lambda act, account, given: _school(act, account, given, config, clock),
        "make_copy": lambda pack: rights.packs.make_pack(pack, **here),
        "settle_all": lambda: gate.settle_all(config, clock),
        "publish_log": lambda: gate.publish_log(config, clock),
        "findings": lambda socket, callers: gate.findings(config, gate.Serving(Path(socket), Path(callers))),
        "settle_pending": lambda: gate.settle_pending(config, clock),
    }
    return calls[name](**given)


def main() -> None:
    """Answer each ask of each line; a failure is an answer too."""
    django.setup()
    from schoolgate.errors import SchoolgateError

    for line in sys.stdin:
        answers = []
        for ask in json.loads(line):
            try:
                answers.append(_plain(_asked(ask["ask"], {key: part for key, part in ask.items() if key != "ask"})))
            except SchoolgateError as problem:
                answers.append({"": type(problem).__name__, "what": problem.what, "code": problem.code})
        print(json.dumps(answers), flush=True)


if __name__ == "__main__":
    main()
