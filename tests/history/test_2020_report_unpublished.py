"""2020 to 2026: the full report of the audit was never published.

Here each finding is an entry of the register in the report's own words, with actions, their owners and their days;
a day cannot be moved; what is late is late in public, in the figures and in the signed statement; and an overseer asks
in public, and enters what it found without waiting for the custodian.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from schoolgate import desk, oversight, people, register
from schoolgate.config import Config
from schoolgate.errors import insist
from tests.history import scene
from tests.oversight.told import at

pytestmark = pytest.mark.django_db(transaction=True)

SOURCE = "Compulsory audit of 2020 by the Information Commissioner, full report, page 14"
FOUND = "There is no clear picture of what data is held by the department."


@pytest.fixture
def custodian() -> str:
    return people.add_person(people.add_organisation("Ministry (synthetic)", "custodian").id, "custodian").id


def do(name: str, person: str, day: str, home: Config, **given: Any) -> Any:
    return insist(desk.do(name, person, config=home, clock=at(day), **given))


def test_a_finding_its_owner_and_its_day_are_public_and_what_is_late_is_seen(
    custodian: str, home: Config, settings: Any
) -> None:
    finding = do("finding-record", custodian, "2026-02-03", home, source=SOURCE, finding=FOUND, urgency="urgent")
    action = do(
        "finding-action", custodian, "2026-02-03", home, finding=finding.number, action="Make a record of processing.",
        owner="data protection officer", due=date(2026, 6, 1),
    )  # fmt: skip
    client = scene.public(at("2026-07-01"), home, settings)
    said = scene.page(client, "/findings/")
    assert FOUND in said
    assert "data protection officer" in said
    assert "1 action is late." in said
    assert scene.figures("2026-Q2")["findings", "overdue"] == "1"
    statement = insist(oversight.publish_statement("2026-Q2", home, at("2026-07-01")))
    assert "  overdue: 1  (!)" in statement.text
    # A later day is a second promise; the first stays late until what it promised was done.
    do(
        "finding-action", custodian, "2026-07-02", home, finding=finding.number, action="Make it after all.",
        owner="custodian", due=date(2026, 12, 1),
    )  # fmt: skip
    assert [one.number for one in oversight.overdue_actions(date(2026, 7, 3))] == [action.number]


def test_who_audited_needs_nobody_s_leave_to_publish_and_silence_about_a_finding_is_late(
    custodian: str, home: Config, settings: Any
) -> None:
    overseer = people.add_person(people.add_organisation("Regulator (synthetic)", "regulator").id, "overseer").id
    finding = do("finding-record", overseer, "2026-02-03", home, source=SOURCE, finding=FOUND, urgency="urgent")
    silence = ("findings", "findings with nothing planned after 28 days")
    assert scene.figures("2026-Q1")[silence] == "1"
    client = scene.public(at("2026-03-03"), home, settings)  # the twenty-eighth day
    assert "Nobody has said yet what will be done.</p>" in scene.page(client, "/findings/")
    client = scene.public(at("2026-03-04"), home, settings)
    said = scene.page(client, "/findings/")
    assert FOUND in said
    assert 'Nobody has said yet what will be done. <strong class="govuk-tag govuk-tag--red">late</strong>' in said
    statement = insist(oversight.publish_statement("2026-Q1", home, at("2026-04-01")))
    assert "  findings with nothing planned after 28 days: 1  (!)" in statement.text
    do(
        "finding-action", custodian, "2026-04-02", home, finding=finding.number, action="Make a record of processing.",
        owner="data protection officer", due=date(2026, 6, 1),
    )  # fmt: skip
    assert scene.figures("2026-Q2")[silence] == "0"


def test_nothing_published_is_taken_back(custodian: str, home: Config) -> None:
    do("finding-record", custodian, "2026-02-03", home, source=SOURCE, finding=FOUND, urgency="urgent")
    seen = home.home / "seen.json"
    register.verify_log(str(home.log), register.verifier_key(home), state=seen)
    (bundle,) = (home.log / "tile" / "entries").rglob("000.p/*")
    bundle.write_bytes(bundle.read_bytes().replace(b"no clear picture", b"a fine picture  "[:16]))
    with pytest.raises(register.LogBroken):
        register.verify_log(str(home.log), register.verifier_key(home), state=seen)


def test_an_overseer_asks_in_public_and_silence_is_counted(custodian: str, home: Config, settings: Any) -> None:
    overseer = people.add_person(people.add_organisation("Regulator (synthetic)", "regulator").id, "overseer").id
    do(
        "oversight-question", overseer, "2026-02-04", home, question="When will the full report be published?", about="",
        due=date(2026, 3, 4),
    )  # fmt: skip
    client = scene.public(at("2026-04-01"), home, settings)
    said = scene.page(client, "/questions/")
    assert "When will the full report be published?" in said
    assert "late" in said
    assert scene.figures("2026-Q1")["questions", "overdue"] == "1"
