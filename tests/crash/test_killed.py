"""SIGKILL of real processes at every step: the old state or the new one, nothing in between, and a retry succeeds.

The moments are found by a run that is not killed, so that a step added to a room is tested as it is.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest

from tests.crash.found import plain_text
from tests.crash.houses import House
from tests.match.school import upn
from tests.register.logs import files
from tests.world import CHILDREN

pytestmark = pytest.mark.django_db

CANARIES = [
    *(name.encode() for name in ("Canary", "Testforename", "ZZ1 1ZZ", "ZZ9 9ZZ", *(upn(n) for n in range(1, 4)))),
    *(value.encode() for child in CHILDREN for value in (child.upn, child.surname, child.forename)),
]

State = dict[str, Any]


def killed_everywhere(
    house: House, start: str, act: str, **arguments: Any
) -> Iterator[tuple[str, dict[str, Any], State, State]]:
    """Kill an act at each of its moments; gives the moment, what came after, and the old and the new state."""
    house.put_back(start)
    old = house.look()["state"]
    moments = house.run(act, **arguments).moments
    new = house.look()["state"]
    assert len(moments) > 3
    for number, moment in enumerate(moments, start=1):
        house.put_back(start)
        ended = house.run(act, kill_at=number, **arguments)
        assert ended.killed, f"{act} was not killed {moment}: {house.errors}"
        assert plain_text(house.home, CANARIES) == []
        after = house.aftermath(act, **arguments)
        for when in ("before", "after"):
            assert after[when]["faults"] == [], (when, moment)
        assert after["after"]["left over"]["half log files"] == [], moment
        assert plain_text(house.home, CANARIES) == []
        yield moment, after, old, new


def without(state: State, *parts: str) -> State:
    return {part: value for part, value in state.items() if part not in parts}


def test_a_submission_killed_at_any_moment_leaves_the_old_return_or_the_new_one(house: House) -> None:
    seen: dict[str, bool] = {}
    for moment, after, old, new in killed_everywhere(house, "sent", "submit", forename="Canarynew"):
        assert old != new
        found = after["before"]["state"]
        assert found in (old, new), moment
        seen[moment] = found == new
        # What is left of the paper is one sealed file that no row points to.
        left = after["before"]["left over"]
        assert len(left["half papers"]) + len(left["papers"]) <= 1
        assert after["given"] == "accepted"
        assert after["after"]["state"] == new, moment
    assert {"step checked", "step paper written", "step paper kept", "step recorded"} <= set(seen)
    assert seen["step recorded"]
    assert not seen["step paper kept"]


def test_a_load_killed_at_any_moment_leaves_the_old_lake_or_the_new_one(house: House) -> None:
    seen: dict[str, bool] = {}
    for moment, after, old, new in killed_everywhere(house, "loaded", "load"):
        found = after["before"]["state"]
        # References may have been given to new pupils before their facts are visible; the retry finds them again.
        assert without(found, "identities") in (without(old, "identities"), without(new, "identities")), moment
        done = found["versions"] == new["versions"]
        seen[moment] = done
        assert after["given"] == [3, 0]
        again = after["after"]["state"]
        assert without(again, "versions", "events") == without(new, "versions", "events"), moment
        assert len(again["versions"]) == len(new["versions"]) + done
        assert len(again["events"]) == len(new["events"]) + done
    assert {"step spooled", "step committed census_pupil", "step visible"} <= set(seen)
    assert seen["step visible"]
    assert not seen["step committed census_pupil"]


def test_a_read_killed_at_any_moment_hands_nothing_over_without_a_record(house: House) -> None:
    seen: dict[str, str] = {}
    for moment, after, old, new in killed_everywhere(house, "agreed", "read", **house.facts["agreement"]):
        # Begun: the release and its event, both, and no delivery yet.
        begun = {
            **new,
            "events": new["events"][:-1],
            "releases": [[*new["releases"][0][:4], False, *new["releases"][0][5:]]],
        }
        found = after["before"]["state"]
        assert found in (old, begun, new), moment
        seen[moment] = "old" if found == old else "begun" if found == begun else "new"
        assert after["given"] == [{"ethnicity": "APKN", "pupils": 2}, {"ethnicity": "WBRI", "pupils": 4}]
        again = after["after"]["state"]
        # What was begun stays on record beside the retry's own release.
        assert again["releases"] == [*found["releases"], *new["releases"]], moment
        assert again["events"] == [*found["events"], *new["events"][len(old["events"]) :]], moment
        assert without(again, "releases", "events") == without(old, "releases", "events")
    assert [seen[f"step {step}"] for step in ("checked", "run", "recorded", "published", "delivered")] == [
        "old", "old", "begun", "begun", "new",
    ]  # fmt: skip


def test_a_correction_killed_in_the_middle_is_made_or_not_and_the_lake_is_whole(house: House) -> None:
    """Three moments alone: the files are written, and committed to Iceberg, and visible."""
    house.put_back("agreed")
    old = house.look()["state"]["lake"]
    moments = house.run("put_right").moments
    new = house.look()["state"]["lake"]
    assert old != new
    for moment, is_made in (
        ("before a commit of the catalogue", False), ("step committed census_pupil", False), ("step visible", True),
    ):  # fmt: skip
        house.put_back("agreed")
        # The catalogue commits when it is only looked at, too: the last time before the step is the one that counts.
        until = moments[: moments.index("step committed census_pupil")]
        at = len(until) - until[::-1].index(moment) if moment in until else moments.index(moment) + 1
        assert house.run("put_right", kill_at=at).killed, house.errors
        assert plain_text(house.home, CANARIES) == []
        after = house.aftermath("put_right")
        assert after["before"]["faults"] == after["after"]["faults"] == [], moment
        assert after["before"]["state"]["lake"] == (new if is_made else old), moment
        assert after["given"] == [("no-change" if is_made else "WIRI"), 1], "made once, whenever the power went"
        assert after["after"]["state"]["lake"] == new, moment


def test_a_settlement_killed_at_any_moment_is_taken_up_again_to_the_same_end(house: House) -> None:
    seen: dict[str, bool] = {}
    for moment, after, old, new in killed_everywhere(house, "read", "settle"):
        found = after["before"]["state"]
        assert found in (old, new), moment
        seen[moment] = found == new
        assert after["given"] == (0 if found == new else 1)
        assert after["after"]["state"] == new, moment
    assert (seen["step worked out"], seen["step settled"], seen["step settled published"]) == (False, True, True)


def test_a_publication_killed_at_any_moment_ends_in_the_same_bytes(house: House) -> None:
    house.put_back("waiting")
    before = files(house.home / "log")
    house.run("publish")
    whole = files(house.home / "log")
    assert whole["checkpoint"] != before["checkpoint"]
    seen: dict[str, bool] = {}
    house.put_back("waiting")
    for number, moment in enumerate(house.run("publish").moments, start=1):
        house.put_back("waiting")
        assert house.run("publish", kill_at=number).killed, moment
        kept = files(house.home / "log")
        assert kept["checkpoint"] in (before["checkpoint"], whole["checkpoint"]), moment
        seen[moment] = kept["checkpoint"] == whole["checkpoint"]
        assert house.aftermath("publish")["before"]["faults"] == [], moment
        assert files(house.home / "log") == whole, moment
    assert not seen["step written checkpoint"]
    assert seen["step placed checkpoint"]


@pytest.mark.parametrize(("start", "act"), [("sent", "submit"), ("loaded", "load"), ("agreed", "read")])
def test_killed_at_a_moment_nobody_chose_the_state_holds_and_a_retry_succeeds(
    start: str, act: str, house: House
) -> None:
    arguments: dict[str, Any] = {"submit": {"forename": "Canarynew"}, "read": house.facts["agreement"]}.get(act, {})
    chance = random.Random(f"{act} 4")
    killed = 0
    for _ in range(5):
        house.put_back(start)
        ended = house.run(act, kill_after=chance.uniform(0.0, 0.35), **arguments)
        killed += ended.killed
        assert ended.killed or ended.code == 0, house.errors
        assert plain_text(house.home, CANARIES) == []
        after = house.aftermath(act, **arguments)
        assert after["before"]["faults"] == after["after"]["faults"] == []
        assert after["given"] is not None
    assert killed > 0


def test_a_killed_process_says_nothing_personal(house: House) -> None:
    assert not any(canary.decode() in house.errors for canary in CANARIES)
