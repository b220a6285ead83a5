"""Children live on from census to census: one number, one birth date, one place at a time, every move told twice."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import pairwise

import pytest

from schoolgate.ids import CensusPoint, Upn, uln_problem
from tests.synthetic.reading import Seen, day


def by_child(lived: list[Seen]) -> dict[str, list[Seen]]:
    """Permanent UPN -> its rows in the order of time; a row under a temporary UPN goes with the permanent one."""
    permanent = {seen.get("formerupn"): seen.get("upn") for seen in lived if seen.get("formerupn")}
    found: dict[str, list[Seen]] = defaultdict(list)
    for seen in lived:
        found[permanent.get(seen.get("upn"), seen.get("upn"))].append(seen)
    for rows in found.values():
        rows.sort(key=lambda seen: seen.point)
    return found


def on_roll_by_census(rows: list[Seen]) -> dict[CensusPoint, list[Seen]]:
    found: dict[CensusPoint, list[Seen]] = defaultdict(list)
    for seen in rows:
        if seen.row.on_roll:
            found[seen.point].append(seen)
    return found


def test_every_upn_is_right_and_belongs_to_one_child(lived: list[Seen]) -> None:
    children = by_child(lived)
    assert len(children) > 4_500
    for upn, rows in children.items():
        Upn(upn)
        assert (
            len({(seen.get("dob"), seen.get("sex") or seen.get("gender"), seen.get("forename")) for seen in rows}) == 1
        )


def test_one_child_has_one_upn(lived: list[Seen]) -> None:
    people = defaultdict(set)
    for upn, rows in by_child(lived).items():
        first = rows[0]
        people[first.get("dob"), first.get("forename"), first.get("surname"), first.get("sex")].add(upn)
    assert max(map(len, people.values())) == 1


def test_a_child_is_on_one_roll_or_on_two_that_know_of_each_other(lived: list[Seen]) -> None:
    dual = 0
    for rows in by_child(lived).values():
        for here in on_roll_by_census(rows).values():
            statuses = sorted(seen.get("enrolstatus") for seen in here)
            assert statuses in (["C"], ["M", "S"])
            dual += statuses == ["M", "S"]
            assert len({seen.header.urn for seen in here}) == len(here)
    assert dual > 10


def test_second_schools_are_pupil_referral_units(lived: list[Seen]) -> None:
    assert {seen.header.phase for seen in lived if seen.get("enrolstatus") == "S"} == {"PR"}


def test_children_move_up_a_year_each_september(lived: list[Seen]) -> None:
    order = ["N1", "N2", "R", *(str(n) for n in range(1, 14))]
    moved_up = 0
    for rows in by_child(lived).values():
        groups = {order.index(seen.get("ncyearactual")) - seen.point.academic_year for seen in rows if seen.row.on_roll}
        assert len(groups) <= 1
        moved_up += len({seen.point.academic_year for seen in rows if seen.row.on_roll}) > 1
    assert moved_up > 3_000


def test_children_of_a_year_group_were_born_in_its_year(lived: list[Seen]) -> None:
    for seen in lived:
        if seen.row.on_roll:
            group = {"N1": -2, "N2": -1, "R": 0}.get(seen.get("ncyearactual"))
            number = int(seen.get("ncyearactual")) if group is None else group
            born, starts = day(seen.get("dob")), seen.point.academic_year - number - 5
            assert day(f"{starts}-09-01") <= born <= day(f"{starts + 1}-08-31")


def test_whoever_joins_from_a_school_of_the_nation_left_that_school(lived: list[Seen]) -> None:
    """Of school age, between two censuses that follow each other: gone from one, among its leavers, and on another."""
    points = sorted({seen.point for seen in lived})
    moves = 0
    for rows in by_child(lived).values():
        rolls = on_roll_by_census([seen for seen in rows if seen.get("enrolstatus") != "S"])
        gone = {(seen.point, seen.header.urn): seen for seen in rows if not seen.row.on_roll}
        for before, after in pairwise(points):
            if before not in rolls or after not in rolls or rolls[before][0].header.urn == rolls[after][0].header.urn:
                continue
            old, new = rolls[before][0], rolls[after][0]
            if old.get("ncyearactual") in ("N1", "11", "12") or old.get("boarder") != "N":
                continue  # at three and from sixteen a census does not ask for those who left
            leaver = gone[after, old.header.urn]
            assert day(leaver.get("leavingdate")) < day(new.get("entrydate"))
            assert day(leaver.get("entrydate")) == day(old.get("entrydate"))
            moves += 1
    assert moves > 300


def test_phases_hand_children_on_under_their_upn(lived: list[Seen]) -> None:
    between = Counter()
    for rows in by_child(lived).values():
        phases = [seen.header.phase for seen in rows if seen.row.on_roll and seen.get("enrolstatus") != "S"]
        between.update(pair for pair in pairwise(phases) if pair[0] != pair[1])
    assert between["PS", "SS"] > 200
    assert between["NS", "PS"] > 5


@pytest.mark.parametrize(("group", "share"), [("6", 0.9), ("11", 0.2), ("13", 1.0)])
def test_the_last_year_of_a_school_leaves_it(lived: list[Seen], group: str, share: float) -> None:
    phase = "PS" if group == "6" else "SS"
    last = {
        seen.get("upn"): seen.header.urn
        for seen in lived
        if str(seen.point) == "summer 2025" and seen.get("ncyearactual") == group and seen.header.phase == phase
    }
    still = {
        (seen.get("upn"), seen.header.urn) for seen in lived if str(seen.point) == "autumn 2025" and seen.row.on_roll
    }
    left = sum((upn, urn) not in still for upn, urn in last.items())
    assert left >= share * len(last) > 0


def test_new_cohorts_arrive_in_nursery_and_reception(lived: list[Seen]) -> None:
    seen_before = {seen.get("upn") for seen in lived if seen.point.academic_year < 2025}
    arriving = Counter(
        seen.get("ncyearactual")
        for seen in lived
        if str(seen.point) == "autumn 2025" and seen.row.on_roll and seen.get("upn") not in seen_before
    )
    assert arriving["R"] > 30
    assert arriving["N2"] > 30
    assert arriving["N1"] > 10
    assert arriving["R"] + arriving["N1"] + arriving["N2"] > sum(arriving.values()) / 2


def test_temporary_upns_become_permanent_and_are_told_as_former(lived: list[Seen]) -> None:
    temporary = [seen for seen in lived if not seen.get("upn")[-1].isdigit()]
    assert len(temporary) > 10
    later = {seen.get("formerupn"): seen for seen in lived if seen.get("formerupn")}
    last = max(seen.point for seen in lived)
    known = {(seen.point, seen.get("upn")) for seen in lived}
    followed = 0
    for seen in temporary:
        assert Upn(seen.get("upn")).temporary
        found = later.get(seen.get("upn"))
        if found is None:
            # Not heard of again: it came with the last census, or left with the number it had.
            assert seen.point == last or not any(p > seen.point and upn == seen.get("upn") for p, upn in known)
            continue
        followed += 1
        assert (found.get("dob"), found.get("forename")) == (seen.get("dob"), seen.get("forename"))
        assert not Upn(found.get("upn")).temporary
    assert followed > 10


def test_some_had_their_permanent_number_at_another_school_all_along(lived: list[Seen]) -> None:
    """The hard case of matching: gone from one school with a permanent UPN, on another's roll with a temporary one."""
    moved = {
        upn
        for upn, rows in by_child(lived).items()
        if any(not seen.get("upn")[-1].isdigit() for seen in rows) and len({seen.header.urn for seen in rows}) > 1
    }
    assert moved


def test_changed_surnames_are_told_with_the_former_one(lived: list[Seen]) -> None:
    changed = 0
    for rows in by_child(lived).values():
        names = list(dict.fromkeys(seen.get("surname") for seen in rows))
        assert len(names) <= 2
        if len(names) == 2:
            changed += 1
            assert {seen.get("formersurname") for seen in rows if seen.get("surname") == names[1]} == {names[0]}
            assert {seen.get("formersurname") for seen in rows if seen.get("surname") == names[0]} == {""}
    assert changed > 10


def test_twins_share_birth_date_surname_and_home_and_nothing_else(lived: list[Seen]) -> None:
    households = defaultdict(set)
    for seen in lived:
        if seen.row.on_roll and str(seen.point) == "spring 2026":
            home = seen.row.addresses[0]
            key = (seen.get("dob"), seen.get("surname"), home["paon"], home["postcode"])
            households[key].add((seen.get("upn"), seen.get("forename")))
    twins = [members for members in households.values() if len(members) > 1 and len({upn for upn, _ in members}) > 1]
    children = sum(len(members) for members in households.values())
    assert all(len(members) == 2 and len({name for _, name in members}) == 2 for members in twins)
    assert 0.015 < 2 * len(twins) / children < 0.045  # 15.6 in 1,000 maternities (ONS 2013)


def test_learner_numbers_are_right_come_at_fourteen_and_belong_to_one(lived: list[Seen]) -> None:
    owners = defaultdict(set)
    for upn, rows in by_child(lived).items():
        for seen in rows:
            uln, born, census = seen.get("uniquelearnernumber"), day(seen.get("dob")), day(seen.header.reference)
            age = census.year - born.year - ((census.month, census.day) < (born.month, born.day))
            assert bool(uln) == (age >= 14)
            if uln:
                assert uln_problem(uln) is None
                owners[uln].add(upn)
    assert len(owners) > 800
    assert max(map(len, owners.values())) == 1


def test_an_exclusion_for_good_ends_the_stay(lived: list[Seen]) -> None:
    permanent = [(seen, away) for seen in lived for away in seen.row.exclusions if away["category"] == "PERM"]
    assert permanent
    for seen, away in permanent:
        assert not seen.row.on_roll
        assert day(away["startdate"]) <= day(seen.get("leavingdate"))


def test_suspensions_fall_on_school_days_of_the_terms_collected(lived: list[Seen]) -> None:
    starts = {day(away["startdate"]) for seen in lived for away in seen.row.exclusions}
    assert len(starts) > 50
    assert all(start.weekday() < 5 for start in starts)
    assert all(start.month != 8 for start in starts)


def test_the_youngest_are_not_excluded(lived: list[Seen]) -> None:
    for seen in lived:
        if seen.row.exclusions:
            age = seen.point.academic_year - day(seen.get("dob")).year - (day(seen.get("dob")).month > 8)
            assert age >= 5
