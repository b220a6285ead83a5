"""Things go together as in the published figures: the tables in data/ are met jointly, within sampling error."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from schoolgate.synthetic.tables import factors, in_london, shares, values, white_british, yearly
from tests.synthetic.reading import Seen


def on_roll(large: list[Seen]) -> list[Seen]:
    return [seen for seen in large if seen.row.on_roll and seen.get("enrolstatus") != "S"]


def meals(seen: Seen) -> bool:
    return bool(seen.row.fsm_periods)


def share(found: list[Seen], of: Callable[[Seen], bool]) -> float:
    assert len(found) > 150
    return sum(map(of, found)) / len(found)


def missed(found: list[Seen]) -> float:
    counted = [seen for seen in found if int(seen.get("termlysessionspossible") or 0) > 40]
    assert len(counted) > 150
    return sum(absent(seen) for seen in counted) / len(counted)


def absent(seen: Seen) -> float:
    return sum(int(part["sessions"]) for part in seen.row.sessions) / int(seen.get("termlysessionspossible"))


def test_boys_and_girls(large: list[Seen]) -> None:
    assert share(on_roll(large), lambda seen: seen.get("sex") == "M") == pytest.approx(
        factors("rate")["boys"], abs=0.01
    )


@pytest.mark.parametrize("region", ["london", "rest"])
def test_ethnicity_by_region(large: list[Seen], region: str) -> None:
    here = [seen for seen in on_roll(large) if in_london(seen.header.lea) == (region == "london")]
    known = white_british()
    authorities = Counter(seen.header.lea for seen in here)
    expected = sum(n * known.get(lea, known[region]) for lea, n in authorities.items()) / len(here)
    assert share(here, lambda seen: seen.get("ethnicity") == "WBRI") == pytest.approx(expected, abs=0.02)
    others = [seen for seen in here if seen.get("ethnicity") != "WBRI"]
    mix = shares("minority", region)
    for code, weight in zip(mix.codes, mix.weights, strict=True):
        assert share(others, lambda seen, code=code: seen.get("ethnicity") == code) == pytest.approx(weight, abs=0.02)  # type: ignore[misc]


def test_language_given_ethnicity(large: list[Seen]) -> None:
    expected = values("other-language", "ethnicity")
    for code in ("WBRI", "WOTH", "APKN", "AIND", "BAFR", "MWBC"):
        here = [seen for seen in on_roll(large) if seen.get("ethnicity") == code]
        assert share(here, lambda seen: seen.get("language") != "ENG") == pytest.approx(expected[code], abs=0.06)
        spoken = {seen.get("language") for seen in here} - {"ENG"}
        assert spoken <= set(shares("language", code).codes)


def test_free_meals_by_phase(large: list[Seen]) -> None:
    for level, groups in (("primary", range(1, 7)), ("secondary", range(7, 12))):
        here = [
            seen for seen in on_roll(large)
            if seen.header.phase in ("PS", "SS", "AT", "MS") and seen.get("ncyearactual") in map(str, groups)
        ]  # fmt: skip
        assert share(here, meals) == pytest.approx(yearly("fsm", level, 2024), abs=0.025)


def test_free_meals_by_ethnicity(large: list[Seen]) -> None:
    by = {
        code: share([seen for seen in on_roll(large) if seen.get("ethnicity") == code], meals)
        for code in ("AIND", "WOTH", "WBRI", "BAFR", "MWBC")
    }
    assert by["AIND"] < by["WOTH"] < by["WBRI"] < by["BAFR"] < by["MWBC"]
    wanted = factors("fsm-by-ethnicity")
    assert by["MWBC"] / by["WBRI"] == pytest.approx(wanted["MWBC"] / wanted["WBRI"], rel=0.2)


def test_special_needs_by_sex_and_meals(large: list[Seen]) -> None:
    mainstream = [seen for seen in on_roll(large) if seen.header.phase in ("PS", "SS", "AT", "MS")]
    everyone = on_roll(large)
    with_plan = [seen for seen in everyone if seen.get("senprovision") == "E"]
    support = [seen for seen in everyone if seen.get("senprovision") == "K"]
    assert share(with_plan, lambda seen: seen.get("sex") == "M") == pytest.approx(0.71, abs=0.04)
    assert share(support, lambda seen: seen.get("sex") == "M") == pytest.approx(0.61, abs=0.03)
    none = [seen for seen in everyone if seen.get("senprovision") == "N"]
    assert share(with_plan, meals) == pytest.approx(0.438, abs=0.06)
    assert share(support, meals) == pytest.approx(0.393, abs=0.05)
    assert share(none, meals) == pytest.approx(0.222, abs=0.02)
    plan, helped = values("sen-level", "E"), values("sen-level", "K")
    primary = [seen for seen in mainstream if seen.get("ncyearactual") in ("1", "2", "3", "4", "5", "6")]
    assert share(primary, lambda seen: seen.get("senprovision") != "N") == pytest.approx(
        (plan["primary"] + helped["primary"]) / 100, abs=0.015
    )


def test_everyone_at_a_special_school_has_a_plan(large: list[Seen]) -> None:
    special = [seen for seen in on_roll(large) if seen.header.phase == "SP"]
    assert share(special, lambda seen: seen.get("senprovision") == "E") > 0.99


@pytest.mark.parametrize(("provision", "first"), [("E", "ASD"), ("K", "SLCN")])
def test_types_of_need_by_provision(large: list[Seen], provision: str, first: str) -> None:
    here = [seen for seen in on_roll(large) if seen.get("senprovision") == provision]
    needs = Counter(need["sentype"] for seen in here for need in seen.row.sen_needs if need["sentyperank"] == "1")
    assert needs.most_common(1)[0][0] == first
    mix = shares("need", provision)
    assert needs[first] / needs.total() == pytest.approx(mix.weights[mix.codes.index(first)], abs=0.04)


def test_absence_by_phase_meals_and_needs(large: list[Seen]) -> None:
    here = on_roll(large)
    primary = missed([seen for seen in here if seen.header.phase == "PS"])
    secondary = missed([seen for seen in here if seen.header.phase == "SS"])
    assert primary == pytest.approx(yearly("absence", "primary", 2024), rel=0.15)
    assert secondary == pytest.approx(yearly("absence", "secondary", 2024), rel=0.15)
    eligible, others = missed([s for s in here if meals(s)]), missed([s for s in here if not meals(s)])
    assert eligible / others == pytest.approx(10.4 / 5.5, rel=0.2)  # autumn 2023/24
    by_need = {code: missed([seen for seen in here if seen.get("senprovision") == code]) for code in "NKE"}
    assert by_need["N"] < by_need["K"] < by_need["E"]


def test_absence_has_a_persistent_tail(large: list[Seen]) -> None:
    counted = [seen for seen in on_roll(large) if int(seen.get("termlysessionspossible") or 0) > 40]
    assert share(counted, lambda seen: absent(seen) >= 0.1) == pytest.approx(0.19, abs=0.04)  # 20.0 % in 2023/24
    assert share(counted, lambda seen: absent(seen) >= 0.5) > 0.002


def test_suspensions_by_phase_meals_and_needs(large: list[Seen]) -> None:
    here = on_roll(large)

    def rate(found: list[Seen]) -> float:
        return sum(len(seen.row.exclusions) for seen in found) / len(found)

    secondary = [seen for seen in here if seen.header.phase == "SS"]
    primary = [seen for seen in here if seen.header.phase == "PS"]
    # Two terms of three are collected; 22.6 and 2.3 in 100 a year, sixth forms and nurseries counted in.
    assert 0.08 < rate(secondary) < 0.18
    assert 0.008 < rate(primary) < 0.025
    assert rate([s for s in here if meals(s)]) / rate([s for s in here if not meals(s)]) > 2.5
    assert rate([s for s in here if s.get("senprovision") == "K"]) > 2 * rate(
        [s for s in here if s.get("senprovision") == "N"]
    )
    reasons = Counter(away["reason1"] for seen in here for away in seen.row.exclusions)
    assert reasons["DB"] / reasons.total() == pytest.approx(0.5, abs=0.06)
    assert [code for code, _ in reasons.most_common(3)] == ["DB", "VA", "PP"]


def test_exclusion_for_good_is_rare(large: list[Seen]) -> None:
    permanent = sum(away["category"] == "PERM" for seen in large for away in seen.row.exclusions)
    assert 0 < permanent / len(large) < 0.002  # 0.13 in 100 a year, of which two terms


def test_rare_groups_are_there_and_rare(large: list[Seen]) -> None:
    here = on_roll(large)
    assert share(here, lambda seen: seen.get("youngcarer") in ("S", "P")) == pytest.approx(0.006, abs=0.002)
    assert share(here, lambda seen: seen.get("plaa") != "N") == pytest.approx(0.007, abs=0.003)
    assert share(here, lambda seen: seen.get("servicechild") == "Y") == pytest.approx(0.017, abs=0.004)


def test_every_share_and_factor_names_its_source() -> None:
    from schoolgate.synthetic import tables

    for name in ("shares.csv", "factors.csv", "years.csv", "authorities.csv"):
        rows = tables._rows(name)
        assert rows
        assert all(row["source"].strip() for row in rows)
