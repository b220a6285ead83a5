"""Makes the installation of an earlier release that `test_forward.py` brings up to date. Run by that release's code:

    PYTHONPATH=<its src> python tests/migrations/make_earlier.py tests/migrations/earlier-sqlite.tar.xz
    PYTHONPATH=<its src> python tools/with_postgresql.py \
        python tests/migrations/make_earlier.py tests/migrations/earlier-postgresql.tar.xz

The demo's synthetic pupils at its smallest, a read that was begun and not delivered, one that was delivered and not
settled, a session; and, as the earlier release itself answers, who has whose data, before and after settling.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

PLACE = Path("/tmp/schoolgate-earlier-release")
"""Iceberg's metadata name absolute paths, so the earlier lake lies at one place only."""
PUPILS = 400


def _commands(*words: str) -> None:
    start = [sys.executable, "-c", "from schoolgate.cli import main; main()", *words]
    subprocess.run(start, check=True, stdout=subprocess.DEVNULL)


def _who_has() -> dict[str, list[list[Any]]]:
    from schoolgate import ledger
    from schoolgate.ids import Pmr

    return {
        str(pupil): [
            [e.release_id, e.agreement_id, e.purpose, list(e.items), e.state, e.delivered, e.log_index]
            for e in ledger.who_has(Pmr(pupil))
        ]
        for pupil in range(PUPILS)
    }


class _EndedError(BaseException):
    """The process ends here."""


def _leave() -> dict[str, Any]:
    """What the demo does not leave behind, and what the earlier release says of everything."""
    from django.contrib.sessions.backends.db import SessionStore

    from schoolgate import gate, ledger, register, requests
    from schoolgate.cli.demo.reads import BY_PUPIL
    from schoolgate.clock import SystemClock
    from schoolgate.config import Config

    config, clock = Config.from_environment(), SystemClock()
    agreement = next(a for a in requests.agreements() if a.state == "active" and not a.built_in)

    def end(step: str) -> None:
        if step == "recorded":
            raise _EndedError

    with contextlib.suppress(_EndedError):
        gate.read(agreement.id, agreement.people[0], BY_PUPIL.strip(), config=config, clock=clock, step=end)
    count = "SELECT count(*) AS pupils FROM census_pupil WHERE year = 2026"
    answer = gate.read(agreement.id, agreement.people[0], count, config=config, clock=clock)
    assert isinstance(answer, gate.Handover)
    (config.home / "demo" / "researcher" / "5-receipt.json").write_text(json.dumps(dict(answer.receipt)))
    session = SessionStore()
    session["kept"] = "by the earlier release"
    session.save()
    return {
        "at": clock.now().isoformat(),
        "session": session.session_key,
        "who_has": _who_has(),
        "unsettled": [release.release_id for release in ledger.unsettled()],
        "agreements": {
            a.id: {
                "state": a.state, "purpose": a.purpose, "lawful_basis": a.lawful_basis, "items": sorted(a.items),
                "years": [list(years) for years in a.years], "terms": list(a.terms), "people": list(a.people),
                "from": a.valid_from.isoformat(), "until": a.valid_until.isoformat(),
                "conditions": list(a.conditions), "country": a.country,
            }
            for a in requests.agreements()
        },
        "entries": register.log_size(),
        "key": register.verifier_key(config),
        "count": answer.table.to_pylist(),
    }  # fmt: skip


def main(out: Path) -> None:
    """Make it and pack it."""
    os.environ.update(SCHOOLGATE_HOME=str(PLACE / "home"), DJANGO_SETTINGS_MODULE="schoolgate.settings")
    shutil.rmtree(PLACE, ignore_errors=True)
    PLACE.mkdir(mode=0o700)
    _commands("demo", "run", "--no-serve", "--schools", "3", "--pupils", "200")
    import django

    django.setup()
    told = _leave()
    kept = PLACE / "kept"
    shutil.copytree(PLACE / "home", kept / "home")
    for part in ("returns-first", "returns-mended", "changed-log"):
        shutil.rmtree(kept / "home" / "demo" / part)
    address = os.environ.get("SCHOOLGATE_DATABASE")
    if address:
        dump = subprocess.run(
            ["pg_dump", "--inserts", "--no-owner", "--no-privileges", address], check=True, capture_output=True
        ).stdout
        # psql's own commands are not SQL.
        lines = [line for line in dump.splitlines(keepends=True) if not line.startswith(b"\\")]
        (kept / "dump.sql").write_bytes(b"".join(lines))
    from schoolgate import gate
    from schoolgate.clock import SystemClock
    from schoolgate.config import Config

    gate.settle_pending(Config.from_environment(), SystemClock())
    told["who_has_when_settled"] = _who_has()
    (kept / "told.json").write_text(json.dumps(told))
    with tarfile.open(out, "w:xz", preset=9) as packed:
        packed.add(kept, ".", filter=_nobodys)
    shutil.rmtree(PLACE)


def _nobodys(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
