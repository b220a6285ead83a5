"""A read that is begun and not delivered, as everybody sees it: custodian, public, family; and after it is counted."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from typer.testing import CliRunner

from schoolgate import gate, people, register, rights
from schoolgate.cli.app import app
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from tests.world import CHILDREN, URN, World, build

pytestmark = pytest.mark.django_db(transaction=True)

SQL = "SELECT sex, count(*) AS n FROM census_pupil WHERE ethnicity = 'WBRI' GROUP BY sex ORDER BY sex"


@pytest.fixture
def world(home: Config, clock: FixedClock, settings: Any) -> World:
    made = build(home, clock)
    settings.CONFIG, settings.CLOCK = home, clock
    cache.clear()
    register.publish(clock, home)
    return made


def parent_of(child: int, client: Client, clock: FixedClock) -> rights.ChildLink:
    account = people.create_account("parent@example.org", "correct horse battery")
    code = rights.issue_code(URN, CHILDREN[child].upn, school_actor=f"school:{URN}", clock=clock)
    assert isinstance(code, rights.IssuedCode), code
    link = rights.redeem_code(account.id, code.text, clock=clock)
    assert isinstance(link, rights.ChildLink), link
    client.force_login(people.models.Account.objects.get(pk=account.id))
    return link


def text_of(page: Any) -> str:
    """A page's words, as they are read."""
    assert page.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


def begun_not_delivered(world: World, home: Config, clock: FixedClock) -> None:
    """The log's lock cannot be opened while a read is under way."""
    lock = home.home / "publish.lock"

    def step(name: str) -> None:
        if name == "recorded":
            lock.unlink()
            lock.mkdir()

    with pytest.raises(register.LogNotWritten):
        gate.read(world.agreement, world.person, SQL, config=home, clock=clock, step=step)
    lock.rmdir()
    register.publish(clock, home)


def row_of(client: Client, index: int) -> Any:
    (row,) = [row for row in client.get("/register/").context["rows"] if row.entry.index == index]
    return row


def test_custodian_public_and_family_are_told_begun_not_delivered(
    world: World, home: Config, clock: FixedClock, client: Client
) -> None:
    taken_in, left_alone = 0, 4  # WBRI and APKN; the ledger does not know yet which is which
    link = parent_of(taken_in, client, clock)
    begun_not_delivered(world, home, clock)
    (event,) = [event for event in register.events("release.begun") if event.body["agreement"] == world.agreement]

    listed = CliRunner().invoke(app, ["gate", "unfinished"])
    assert listed.exit_code == 0
    line = listed.output.splitlines()[0]
    assert [event.subject, world.agreement, "1 September 2026 09:00:00 UTC", "begun, not delivered"] == re.split(
        r"  +", line
    )[:4]
    assert "Being worked out: 1. Until then every family is told “may be in it”" in listed.output

    assert row_of(client, event.index).status == "begun, not delivered"
    assert "begun, not delivered" in text_of(client.get("/register/"))

    for child in (taken_in, left_alone):
        assert [one.exposure.state for one in gate.exposures_of(world.pmrs[child], config=home)][
            -1
        ] == "being worked out"
    page = text_of(client.get(f"/family/child/{link.id}/"))
    assert "begun, not delivered The question was asked, but no answer is on record as handed over" in page
    assert (
        "being worked out We are still working out which children were in this one. Your child may be among them."
        in page
    )

    gate.settle_pending(home, clock)
    page = text_of(client.get(f"/family/child/{link.id}/"))
    assert "begun, not delivered" in page  # counted now, and it stays what it is
    assert "Your child may be among them" not in page
    assert [one for one in gate.exposures_of(world.pmrs[left_alone], config=home) if not one.exposure.delivered] == []
    assert row_of(client, event.index).status == "begun, not delivered"
    assert "begun, not delivered" in CliRunner().invoke(app, ["gate", "unfinished"]).output

    handed = gate.read(world.agreement, world.person, SQL, config=home, clock=clock)
    assert isinstance(handed, gate.Handover)
    assert row_of(client, handed.log_index).status == "handed over"
    assert "Begun, not delivered: 1." in CliRunner().invoke(app, ["gate", "unfinished"]).output


def test_a_researchers_full_disk_leaves_no_half_file_and_says_that_it_counts(
    world: World, home: Config, clock: FixedClock, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from schoolgate.cli.gate import _keep
    from schoolgate.errors import SchoolgateError

    with open("/dev/full", "wb") as full:
        (tmp_path / "out").symlink_to(f"/proc/self/fd/{full.fileno()}")
        with pytest.raises(SchoolgateError) as said:
            _keep(tmp_path / "out", b"rows")
    assert said.value.code == "out-not-written"
    assert "on record as handed over" in said.value.what
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
