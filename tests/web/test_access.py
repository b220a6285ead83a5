"""Who may open what and do what: every address and every act, asked by everybody.

The table is `access.csv`, written by hand: a row for each address and method, one for each act of the desk (`act`) and
one for each that a family does for its child (`family act`) or a school for its pupils (`school act`). An address or an act without a row fails, and so does a
cell that is not what really happens. Where every visitor is told that there is no such method, there is no row.
`docs/access.md` is drawn from it (`tools/draw_access.py`).
"""

from __future__ import annotations

import csv
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache

import schoolgate.dictionary
from schoolgate import desk, people
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.web import acting
from tests.web import rooms
from tests.web.access import ADDRESSES, VISITORS, House, patterns
from tests.web.furnished import build

TABLE = Path(__file__).with_name("access.csv")
ROOT = TABLE.parents[2]
ACTS = ("act", "family act", "school act")
"""What a row is about when it is not an address: what staff do, a family for its child, a school for its pupils."""
OUTSIDE = ("nobody", "family", "other family", "school")
"""Visitors who act as no person of an organisation."""


def table() -> dict[tuple[str, str], dict[str, str]]:
    """(what, name) -> visitor -> what is expected."""
    with TABLE.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    found = {(row["what"], row["name"]): {who: row[who] for who in VISITORS} for row in rows}
    assert len(found) == len(rows), "a row stands twice"
    return found


def routes() -> dict[str, str]:
    """Name of an address -> the address."""
    return {str(pattern.name): f"/{pattern.pattern}" for pattern in patterns()}


def rows_below(*starts: str) -> list[tuple[tuple[str, str], dict[str, str]]]:
    """The rows of addresses that begin so."""
    known = routes()
    return [
        (key, row) for key, row in table().items() if key[0] not in ACTS and known.get(key[1], "").startswith(starts)
    ]


@pytest.fixture
def house(home: Config, clock: FixedClock, settings: Any, monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setattr(schoolgate.dictionary, "open_dictionary", lambda directory: rooms.Items(), raising=False)
    settings.CONFIG, settings.CLOCK = home, clock
    cache.clear()
    return build(home, clock)


@pytest.mark.django_db
def test_every_address_and_every_act_answers_everybody_as_the_table_says(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected, wrong = table(), []
    for name in routes():
        for method in ("GET", "POST"):
            row = expected.get((method, name)) or dict.fromkeys(VISITORS, "-")
            for who in VISITORS:
                got = house.ask(who, method, name)
                if got != row[who]:
                    wrong.append(f"{method} {name} as {who}: the table says {row[who]}, it was {got}")
    for name in desk.acts():
        for who in VISITORS:
            got = "may" if house.do(who, name) else "no"
            if got != expected[("act", name)][who]:
                wrong.append(f"{name} as {who}: it was {got}")
    for name in desk.family_acts():
        for who in VISITORS:
            got = "may" if house.do_for_family(who, name) else "no"
            if got != expected.get(("family act", name), {}).get(who):
                wrong.append(f"{name} of a family as {who}: it was {got}")
    for name in desk.school_acts():
        for who in VISITORS:
            got = "may" if house.do_for_school(who, name) else "no"
            if got != expected.get(("school act", name), {}).get(who):
                wrong.append(f"{name} of a school as {who}: it was {got}")
    assert not wrong, "\n".join(wrong)
    # The table can fail: were everybody taken for the custodian, it would be seen at once.
    custodian = people.person(house.persons["custodian"])
    monkeypatch.setattr(acting, "acting_person", lambda request: custodian)
    for who in VISITORS:
        assert house.ask(who, "GET", "custodian-allocate") == "page"
    assert set(expected[("GET", "custodian-allocate")].values()) > {"page"}


def test_the_table_has_every_address_and_act_and_no_other() -> None:
    found = table()
    assert {name for what, name in found if what == "act"} == set(desk.acts())
    assert {name for what, name in found if what == "family act"} == set(desk.family_acts())
    assert {name for what, name in found if what == "school act"} == set(desk.school_acts())
    known = routes()
    assert {name for what, name in found if what not in ACTS} <= set(known)
    unlisted = [name for name in known if not {("GET", name), ("POST", name)} & set(found)]
    assert not unlisted, f"no row: {', '.join(unlisted)}"
    assert None not in {pattern.name for pattern in patterns()}
    assert max(Counter(str(pattern.name) for pattern in patterns()).values()) == 1
    for key, row in found.items():
        words = {"may", "no"} if key[0] in ACTS else set(ADDRESSES) | {"409"}
        assert key[0] in ("GET", "POST", *ACTS), key
        assert set(row.values()) <= words, key
        assert set(row.values()) != {"-"}, key


def test_every_row_has_somebody_who_gets_through() -> None:
    """A row in which nobody does was asked of a thing that is not there, and says nothing."""
    for key, row in table().items():
        is_no_method = set(row.values()) <= {"-", "sign in"}  # only who is not signed in is asked to, before all else
        assert is_no_method or set(row.values()) & {"page", "on", "may", "409"}, key


def test_no_page_of_work_is_shown_to_who_acts_for_nobody() -> None:
    rows = rows_below("/research", "/custodian", "/oversight", "/releases", "/agreements", "/interests", "/sign-in/as")
    assert len(rows) > 90
    for key, row in rows:
        assert {row[who] for who in OUTSIDE} <= {"sign in", "-"}, key


def test_a_rival_reads_nothing_of_anothers_application_draft_or_file() -> None:
    own = [key for key, row in table().items() if row["rival"] == "hidden" and row["researcher"] != "hidden"]
    assert len(own) > 20
    for start in ("research-draft", "research-file", "research-application", "agreement-version", "extract"):
        assert ("GET", start) in own


def test_a_child_is_shown_to_its_own_family_alone() -> None:
    for key, row in rows_below("/family/child/"):
        through = {who for who, got in row.items() if got in ("page", "on")}
        # By GET no record is opened and no copy fetched or thrown away: who tries is led back, to a page that asks.
        led_back = key[0] == "GET" and key[1] in ("child-record", "child-copy-away", "child-copy-file")
        assert through <= {"family"} or led_back or through == {"nobody", "family"}, key
        assert row["other family"] == row["custodian"] == row["overseer"], key


def test_a_panel_member_sees_the_cases_they_were_named_for_and_no_other() -> None:
    differ = [key for key, row in table().items() if row["panel"] != row["other panel"]]
    assert len(differ) > 10
    for key in differ:
        assert table()[key]["other panel"] in ("hidden", "no"), key


def test_the_overseer_does_nothing_but_oversee() -> None:
    may = {name for (what, name), row in table().items() if what == "act" and row["overseer"] == "may"}
    decides = {name for name in may if desk.acts()[name].who == ("overseer",) and not name.endswith("-show")}
    decides -= {name for name in decides if name.startswith("recourse-")} - {"recourse-opine"}
    # What an overseer thinks of a case that a family brought before it decides nothing: the custodian still does.
    assert decides == {"oversight-question", "oversight-seen", "recourse-opine"}
    looks = {
        "delay-list",
        "destroy-due",
        "destructions",
        "extract-list",
        "extract-show",
        "notice-tellings",
        "queue-show",
        "use-stops",
    }
    looks |= {"corrections-affected", "corrections-list", "families-standing"}
    looks |= {f"recourse-{what}" for what in ("queue", "show", "file", "letter", "bundle", "figures")}
    assert may - decides <= looks | {"finding-record"}  # what it found: nobody who was audited has to publish it


def test_nobody_without_a_person_does_any_act_and_every_role_does_some() -> None:
    rows = [row for (what, _), row in table().items() if what == "act"]
    assert {row[who] for row in rows for who in OUTSIDE} == {"no"}
    assert all(any(row[role] == "may" for row in rows) for role in people.PERSON_ROLES)


def test_what_a_family_does_for_its_child_no_other_account_does() -> None:
    for (what, name), row in table().items():
        if what == "family act":
            may = {who for who in VISITORS if row[who] == "may"}
            everybody = set(VISITORS) - {"nobody"}
            assert may == ({"family"} if desk.family_acts()[name].about_child else everybody), name


def test_what_a_school_does_nobody_else_does() -> None:
    for (what, name), row in table().items():
        if what == "school act":
            assert {who for who in VISITORS if row[who] == "may"} == {"school"}, name
    for key, row in rows_below("/school/"):
        assert {who for who in VISITORS if row[who] in ("page", "on")} == {"school"}, key


def test_public_pages_are_the_same_to_everybody() -> None:
    rows = rows_below(
        "/register", "/api/v1/register", "/dictionary", "/log", "/check", "/notices", "/figures", "/statements"
    )
    assert len(rows) > 30
    for key, row in rows:
        assert len(set(row.values())) == 1, key


def test_the_document_is_drawn_from_the_table() -> None:
    tool = ROOT / "tools" / "draw_access.py"
    checked = subprocess.run([sys.executable, str(tool), "--check"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
