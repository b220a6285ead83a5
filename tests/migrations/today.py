"""What today's code finds in an installation of an earlier release. Run in a process of its own, in that installation."""

from __future__ import annotations

import json
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import django


def _who_has(pupils: int) -> dict[str, list[list[Any]]]:
    from schoolgate import ledger
    from schoolgate.ids import Pmr

    return {
        str(pupil): [
            [e.release_id, e.agreement_id, e.purpose, list(e.items), e.state, e.delivered, e.log_index]
            for e in ledger.who_has(Pmr(pupil))
        ]
        for pupil in range(pupils)
    }


def _agreements() -> dict[str, Any]:
    from schoolgate import requests

    return {
        a.id: {
            "state": a.state, "purpose": a.purpose, "lawful_basis": a.lawful_basis, "items": sorted(a.items),
            "years": [list(years) for years in a.years], "terms": list(a.terms), "people": list(a.people),
            "from": a.valid_from.isoformat(), "until": a.valid_until.isoformat(), "conditions": list(a.conditions),
            "country": a.country,
        }
        for a in requests.agreements()
    }  # fmt: skip


def _pages() -> dict[str, int]:
    from django.test import Client

    visitor = Client()
    places = ("/", "/register/", "/register/8/", "/register/8/proof", "/dictionary/", "/family/", "/log/checkpoint")
    return {place: visitor.get(place).status_code for place in places}


def _family(config: Any) -> dict[str, Any]:
    from schoolgate import people, rights
    from schoolgate.people.models import Account

    account = people.account(Account.objects.get().pk)
    (link,) = rights.children(account.id)
    releases = [release.release_id for line in rights.lines_for(link, config=config) for release in line.releases]
    proofs = {name: rights.proof_file(link, name, config=config) for name in releases}
    return {"releases": releases, "proofs": proofs, "objections": [o.purpose_id for o in rights.objections(link)]}


def _read(at: datetime, config: Any) -> dict[str, Any]:
    from schoolgate import gate, requests
    from schoolgate.cli.demo.reads import BY_PUPIL
    from schoolgate.clock import FixedClock

    (agreement,) = (a for a in requests.agreements() if a.state == "active" and not a.built_in)
    given = gate.read(agreement.id, agreement.people[0], BY_PUPIL.strip(), config=config, clock=FixedClock(at))
    if isinstance(given, gate.RefusedQuery):
        return {"refused": [reason.code for reason in given.reasons]}
    return {"rows": given.table.num_rows, "receipt": dict(given.receipt), "release": given.release_id}


def main(told: dict[str, Any]) -> dict[str, Any]:
    """Bring it up to date, look, settle what waits, look again, and read."""
    django.setup()
    from django.contrib.sessions.models import Session
    from django.core.management import call_command

    from schoolgate import collect, ledger, match, register, work
    from schoolgate.clock import FixedClock
    from schoolgate.config import Config
    from schoolgate.ids import Term

    config, at = Config.from_environment(), datetime.fromisoformat(told["at"]) + timedelta(hours=1)
    call_command("migrate", verbosity=0, interactive=False)
    call_command("check", verbosity=0)
    pupils = len(told["who_has"])
    found: dict[str, Any] = {
        "who_has": _who_has(pupils),
        "unsettled": [release.release_id for release in ledger.unsettled()],
        "agreements": _agreements(),
        "entries": register.log_size(),
        "key": register.verifier_key(config),
        "session": Session.objects.get(pk=told["session"]).get_decoded().get("kept"),
        "queue": len(match.queue()),
        "returns": [
            (return_.return_id, sum(1 for _ in collect.open_paper(return_.return_id, config)[1]))
            for year, term in ((2025, Term.AUTUMN), (2026, Term.SPRING))
            for return_ in collect.accepted_returns(year, term)
        ],
    }
    log, state = str(config.log), config.home / "checkpoints-seen.json"
    found["verified"] = register.verify_log(log, register.verifier_key(config), state=state).checkpoint.size
    found["compared"] = register.check_journal(config)
    found["tried"] = work.Worker(config, FixedClock(at)).run(burst=True)
    found["failed"] = [task.words for task in work.status(FixedClock(at)).failed]
    found["who_has_when_settled"] = _who_has(pupils)
    found["read"] = _read(at, config)
    work.Worker(config, FixedClock(at + timedelta(minutes=2))).run(burst=True)
    found["unsettled_at_the_end"] = len(ledger.unsettled())
    found["family"] = _family(config)
    found["verified_at_the_end"] = register.verify_log(log, register.verifier_key(config), state=state).checkpoint.size
    found["compared_at_the_end"] = register.check_journal(config)
    found["entries_at_the_end"] = register.log_size()
    found["pages"] = _pages()
    return found


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(json.dumps(main(json.loads(Path(sys.argv[1]).read_text()))))
