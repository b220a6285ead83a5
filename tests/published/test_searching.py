"""What is found: by organisation, purpose, item, kind of recipient, status, year and words, with counts that are right."""

from __future__ import annotations

import pytest

from schoolgate import dictionary, published
from schoolgate.published import Query
from tests.published import logs

pytestmark = pytest.mark.django_db


def found(**narrow: object) -> list[str]:
    """Names of what fits."""
    published.refresh()
    return [one.name for one in published.search(Query(**narrow)).cases]  # type: ignore[arg-type]


def test_an_applications_whole_life_is_one_case_with_its_decision_its_releases_and_its_end() -> None:
    agreement = logs.a_whole_life()
    published.refresh()
    case = published.case(agreement)
    assert case is not None
    assert case == published.case("APP-2026-0001")
    assert (case.status, case.overdue, case.organisation_name) == ("ended", True, logs.UNIVERSITY)
    assert (case.releases, case.refused, case.lookups) == (3, 1, 1)
    assert case.facts["reasons"] == ["It serves pupils."]
    assert case.facts["destruction_due"] == "2027-02-01"
    assert case.facts["text_hash"] == "ab" * 32
    lines = {line.item: (line.asked, line.agreed, line.times) for line in published.items_of(case)}
    assert lines == {logs.SEX: (True, True, 3), logs.ETHNICITY: (False, True, 1)}
    states = [(one.release, one.state, one.pupils) for one in published.releases_of(case)]
    assert states == [("R-3", "failed", "1,200"), ("R-2", "delivered", "1,200"), ("R-1", "delivered", "1,200")]
    logs.write("destruction.certified", agreement, agreement=agreement, method="Shredded.", witnessed_by="custodian")
    published.refresh()
    after = published.case(agreement)
    assert after is not None
    assert (after.status, after.overdue, after.facts["destroyed_how"]) == ("destroyed", False, "Shredded.")


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("application.withdrawn", "withdrawn"), ("application.returned", "returned"),
        ("application.allocated", "in_review"), ("application.appealed", "appealed"),
        ("agreement.accepted", "accepted"),
    ],
)  # fmt: skip
def test_every_step_of_the_road_is_a_status(kind: str, status: str) -> None:
    application = logs.asked(1)
    logs.write(kind, application)
    assert found(status=status) == [application]
    assert found(status="submitted") == []


def test_search_narrows_by_each_thing_and_by_all_together() -> None:
    first = logs.a_whole_life()
    refused = logs.asked(2, logs.COMPANY, kind="company", purpose="school-comparison", items=[logs.ETHNICITY],
                         purpose_plain="To sell scores of homes near schools.", at="2025-01-05T09:00:00Z")  # fmt: skip
    logs.decided(refused, "refused", reasons=["No benefit to pupils."], at="2025-02-05T09:00:00Z")
    assert set(found()) == {first, refused}
    assert found(sort="newest") == [refused, first]
    assert found(sort="oldest") == [first, refused]
    assert found(sort="organisation") == [refused, first]
    assert found(sort="releases") == [first, refused]
    assert found(organisation="example-home-scores-ltd-synthetic") == [refused]
    assert found(purpose="school-comparison") == [refused]
    assert found(kind="company") == [refused]
    assert found(item=logs.SEX) == [first]
    assert set(found(item=logs.ETHNICITY)) == {first, refused}
    assert found(status="refused") == [refused]
    assert found(status="overdue") == [first]
    assert found(year=2025) == [refused]
    assert found(year=2027) == [first]
    assert found(year=1999) == []
    assert found(words="sell homes") == [refused]
    assert found(words="benefit") == [refused]
    assert found(words="sch") == [refused, first]  # the beginning of "school" and "schools"
    assert found(words="sell", status="ended") == []
    assert found(words="A-2026-0001") == [first]
    assert found(words="ethnicity", kind="company", year=2025, status="refused") == [refused]


def test_counts_are_of_all_pages_and_pages_hold_everything_once() -> None:
    for number in range(1, 31):
        logs.decided(logs.asked(number), "refused" if number % 3 else "approved")
    published.refresh()
    pages = [published.search(Query(), page=page, size=12) for page in (1, 2, 3, 4)]
    names = [one.name for page in pages for one in page.cases]
    assert sorted(names) == [f"APP-2026-{number:04d}" for number in range(1, 31)]
    assert [len(page.cases) for page in pages] == [12, 12, 6, 0]
    assert {page.total for page in pages} == {30}
    assert pages[0].by_status == {"refused": 20, "approved": 10}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Prifysgol Tŷ Gwyn (synthetic)", "ty gwyn"),
        ("ÉCOLE of Example (synthetic)", "ecole"),
        ("Straße Institute (synthetic)", "strasse"),
        ("学校 Institute (synthetic)", "学"),
        ("O'Example-Smythe (synthetic)", "smythe"),
    ],
)
def test_words_are_found_whatever_their_accents_capitals_and_script(name: str, words: str) -> None:
    application = logs.asked(1, name)
    logs.asked(2, "Another (synthetic)")
    assert found(words=words) == [application]


@pytest.mark.parametrize(
    "words", ["%", "_", "'; DROP TABLE published_case; --", "\\", '"', "<b>", "a" * 5_000, "\u0000"]
)
def test_hostile_words_find_nothing_and_break_nothing(words: str) -> None:
    logs.asked(1)
    assert found(words=words) in ([], ["APP-2026-0001"])
    assert found() == ["APP-2026-0001"]


def test_an_organisation_that_changed_its_name_is_one_and_is_found_by_either() -> None:
    logs.asked(1, logs.COMPANY, kind="company")
    logs.write("organisation.changed", "O-0002", organisation="Example Bets plc (synthetic)", former_name=logs.COMPANY,
               changed=["name"], before=[logs.COMPANY], after=["Example Bets plc (synthetic)"], reason="Sold.")  # fmt: skip
    logs.asked(2, "Example Bets plc (synthetic)")
    assert set(found(organisation="example-home-scores-ltd-synthetic")) == {"APP-2026-0001", "APP-2026-0002"}
    assert found(words="home scores") == ["APP-2026-0001"]
    assert set(found(words="example bets")) == {"APP-2026-0001", "APP-2026-0002"}
    home = published.organisation("example-home-scores-ltd-synthetic")
    assert home is not None
    assert (home.name, home.former) == ("Example Bets plc (synthetic)", ((logs.COMPANY, 0),))
    assert published.organisations("home scores") == ((home.slug, home.name),)


def test_two_organisations_whose_names_make_one_address_have_two() -> None:
    logs.asked(1, "The Trust (synthetic)")
    logs.asked(2, "The-Trust, synthetic")
    published.refresh()
    assert [slug for slug, _name in published.organisations()] == ["the-trust-synthetic", "the-trust-synthetic-2"] or [
        slug for slug, _name in published.organisations()
    ] == ["the-trust-synthetic-2", "the-trust-synthetic"]


def test_who_ever_received_an_item_is_said_those_who_did_first() -> None:
    first = logs.a_whole_life()
    asked = logs.asked(2, logs.COMPANY, items=[logs.SEX])
    published.refresh()
    lines = published.recipients(logs.SEX)
    assert [(line.case.name, line.times, line.latest_index is not None) for line in lines] == [
        (first, 3, True), (asked, 0, False),
    ]  # fmt: skip
    assert published.recipients("no.such") == ()


def test_a_refused_query_about_no_agreement_makes_no_case() -> None:
    logs.write("query.refused", "A-9999-0001", agreement="A-9999-0001", query_hash="0", reasons=["unknown"])
    assert found() == []
    assert published.entries(types=("query.refused",)) == (0,)


def test_a_search_has_one_address_and_is_read_back_from_it() -> None:
    query = Query(words="free school", status="active", year=2026, imported=True, sort="oldest")
    assert query.address == "words=free+school&status=active&year=2026&imported=yes&sort=oldest"
    assert published.query_of(dict(query.pairs)) == query
    assert Query().address == ""
    for wrong in ({"year": "x"}, {"year": "20266"}, {"sort": "up"}, {"status": "happy"}, {"words": "x" * 300}):
        assert published.query_of(wrong) is None


def test_whoever_looks_for_a_place_finds_what_is_about_it_what_it_lies_in_and_what_is_about_everywhere() -> None:
    schools = [dictionary.establishment(100008), dictionary.establishment(100009)]
    assert [one.laestab[:3] for one in schools if one] == ["202", "202"]
    places = {"": [], "camden": ["authority 202"], "london": ["region E12000007"], "leeds": ["authority 383"],
              "school": ["school 100008"]}  # fmt: skip
    names = {
        place: logs.signed(number, logs.asked(number), areas=areas)
        for number, (place, areas) in enumerate(places.items(), start=1)
    }

    def about(area: str) -> set[str]:
        fitting = found(area=area)
        return {place for place, name in names.items() if name in fitting}

    assert about("authority 202") == {"", "camden", "london", "school"}
    assert about("authority 383") == {"", "leeds"}
    assert about("region E12000007") == {"", "camden", "london", "school"}
    assert about("school 100008") == {"", "camden", "london", "school"}
    assert about("school 100009") == {"", "camden", "london"}
    assert about("school x") == {""}


def test_a_change_the_panel_agreed_to_holds_when_both_sides_have_signed_it() -> None:
    agreement = logs.signed(1, logs.asked(1), items=[logs.SEX])
    logs.write("agreement.extended", agreement, valid_until="2030-01-01", reasons=["More time."], version=2,
               text_hash="cd" * 32)  # fmt: skip
    logs.write("agreement.amended", agreement, items=[logs.ETHNICITY], reasons=["Needed."], version=3)
    logs.write("agreement.accepted", agreement, organisation=logs.UNIVERSITY, version=2, text_hash="cd" * 32)
    published.refresh()
    before = published.case(agreement)
    assert before is not None
    assert (before.status, before.facts["valid_until"]) == ("active", "2028-08-31")
    assert {line.item: line.agreed for line in published.items_of(before)} == {logs.SEX: True, logs.ETHNICITY: False}
    logs.signed(1, "APP-2026-0001", items=[logs.SEX, logs.ETHNICITY], valid_until="2030-01-01", version=3,
                text_hash="cd" * 32)  # fmt: skip
    published.refresh()
    after = published.case(agreement)
    assert after is not None
    assert (after.status, after.facts["valid_until"], after.facts["version"]) == ("active", "2030-01-01", 3)
    assert all(line.agreed for line in published.items_of(after))
    assert published.tallies("agreements-kind:") == {"university": 1}


def test_families_looking_at_their_own_child_are_a_kind_of_their_own_and_in_no_count_of_what_went_outside() -> None:
    logs.a_whole_life()
    own = logs.looks_of_families("2026-09-02T09:00:00Z", "2026-09-03T09:00:00Z")
    assert found(kind="family") == [own]
    case = published.case(own)
    assert case is not None
    assert (case.is_own, case.kind, case.releases) == (True, "family", 2)
    assert (case.first_read_at, case.last_read_at) == ("2026-09-02T09:00:00Z", "2026-09-03T09:00:00Z")
    assert published.tallies("own-month:") == {"2026-09": 2}
    assert published.tallies("releases-month:") == {"2026-10": 2, "2026-11": 1}
    assert published.tallies("releases-kind:") == {"university": 3}
    assert published.tallies("agreements-kind:") == {"university": 1}
    assert published.tallies("item:") == {logs.ETHNICITY: 1, logs.SEX: 3}
    assert {key: published.numbers()[key] for key in ("agreements", "handed_over", "own_looks")} == {
        "agreements": 1, "handed_over": 3, "own_looks": 2,
    }  # fmt: skip


def test_no_application_is_taken_for_the_familys_own_whatever_its_purpose_or_name_says() -> None:
    application = logs.asked(1, purpose="subject-access", kind="company")
    logs.decided(application)
    agreement = logs.signed(1, application, purpose="subject-access")
    logs.read(agreement, "R-1", purpose="subject-access")
    assert found(kind="company") == [agreement]
    assert published.tallies("releases-kind:") == {"company": 1}
    assert published.tallies("own-month:") == {}


def test_an_item_is_given_since_a_day() -> None:
    logs.a_whole_life()
    published.refresh()
    days = {line.item: (line.first_at[:10], line.latest_at[:10]) for line in published.recipients(logs.SEX)}
    assert days == {logs.SEX: ("2026-10-01", "2026-10-01")}
    (line,) = published.recipients(logs.ETHNICITY)
    assert line.first_at[:10] == "2026-11-01"


PLC, GROUP = "Example Scores plc (synthetic)", "Example Group (synthetic)"


def joined_of(slug: str) -> tuple[published.Joined | None, tuple[published.Joined, ...]]:
    """What an organisation became part of, and what became part of it."""
    home = published.organisation(slug)
    assert home is not None
    return home.into, home.took_in


def test_organisations_that_became_one_lead_to_each_other_and_the_new_one_finds_what_the_old_ones_asked_for() -> None:
    first, second, third = (logs.asked(n, name) for n, name in enumerate((logs.COMPANY, PLC, GROUP), start=1))
    into_plc = logs.merged(logs.COMPANY, PLC)
    into_group = logs.merged(PLC, GROUP)
    logs.write("organisation.changed", "O-3", organisation="Example Holding (synthetic)", former_name=GROUP,
               changed=["name"], before=[GROUP], after=["Example Holding (synthetic)"], reason="New name.")  # fmt: skip
    company, plc, group = (f"example-{end}-synthetic" for end in ("home-scores-ltd", "scores-plc", "group"))
    assert set(found(organisation=group)) == {first, second, third}
    assert set(found(organisation=plc)) == {first, second}
    assert found(organisation=company) == [first]
    assert set(found(words="scores plc")) == {first, second}
    joined = {slug: joined_of(slug) for slug in (company, plc, group)}
    holding = published.Joined("Example Holding (synthetic)", group, into_group)
    assert joined[company] == (published.Joined(PLC, plc, into_plc), ())
    assert joined[plc] == (holding, (published.Joined(logs.COMPANY, company, into_plc),))
    assert joined[group] == (None, (published.Joined(PLC, plc, into_group),))
    told = published.entries(types=("organisation.merged",), organisation=group)
    assert told == (into_group, into_plc)
    assert published.entries(types=("organisation.merged",), organisation=company) == (into_plc,)


def test_a_merger_into_one_that_asked_for_nothing_yet_is_told_by_name_and_joined_once_it_asks() -> None:
    first = logs.asked(1, logs.COMPANY)
    index = logs.merged(logs.COMPANY, PLC)
    logs.merged("Nobody Before (synthetic)", "Nobody After (synthetic)")
    published.refresh()
    company = published.organisation("example-home-scores-ltd-synthetic")
    assert company is not None
    assert company.into == published.Joined(PLC, "", index)
    second = logs.asked(2, PLC)
    assert set(found(organisation="example-scores-plc-synthetic")) == {first, second}


def test_mergers_that_lead_round_in_a_ring_find_everything_once() -> None:
    first, second = logs.asked(1, logs.COMPANY), logs.asked(2, PLC)
    logs.merged(logs.COMPANY, PLC)
    logs.merged(PLC, logs.COMPANY)
    logs.merged(PLC, PLC)
    assert set(found(organisation="example-scores-plc-synthetic")) == {first, second}
    assert published.sums(Query(organisation="example-scores-plc-synthetic")) == {"releases": 0, "refused": 0}


def test_every_item_of_every_case_is_told_once_however_many_cases_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("schoolgate.published.taking._AT_ONCE", 2)
    for number in range(1, 6):
        logs.asked(number, items=[logs.SEX, logs.ETHNICITY])
    published.refresh()
    lines = [(line.case.name, line.item) for line in published.each_line(Query(sort="oldest"))]
    assert lines == [(f"APP-2026-{n:04d}", item) for n in range(1, 6) for item in (logs.ETHNICITY, logs.SEX)]


def test_a_download_holds_each_case_once_though_one_moves_while_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("schoolgate.published.taking._AT_ONCE", 2)
    names = [logs.asked(number) for number in range(1, 7)]
    published.refresh()
    seen = []
    for one in published.each_case(Query()):
        seen.append(one.name)
        if len(seen) == 2:  # the one that would come last has a new entry, and would stand first now
            logs.decided(names[0])
            published.refresh()
    assert sorted(seen) == names


@pytest.mark.parametrize(("cases", "reads"), [(2, 5), (400, 3), (1, 2), (400, 1)])
def test_every_read_is_told_once_however_many_are_taken_at_once(
    cases: int, reads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1, 6):
        for one in range(number):
            logs.read(logs.signed(number, None), f"R-{number}-{one}")
    own = logs.looks_of_families("2026-09-02T09:00:00Z")
    published.refresh()
    monkeypatch.setattr("schoolgate.published.taking._AT_ONCE", cases)
    monkeypatch.setattr("schoolgate.published.taking._READS_AT_ONCE", reads)
    told = [(case.name, line.release) for case, line in published.each_release(Query(sort="first"))]
    assert told == [(f"A-2026-{n:04d}", f"R-{n}-{one}") for n in range(1, 6) for one in range(n)]
    assert [case.name for case, _line in published.each_release(Query(case=own))] == [own]


def test_in_the_order_they_came_pages_stay_as_they_are_while_the_register_grows() -> None:
    names = [logs.asked(number) for number in range(1, 7)]
    published.refresh()
    query = Query(sort="first")
    first = [one.name for one in published.search(query, page=1, size=3).cases]
    logs.decided(names[1])
    logs.asked(7)
    published.refresh()
    assert first + [one.name for one in published.search(query, page=2, size=3).cases] == names


@pytest.mark.parametrize("words", ["%", "5", "…", "a", "( )"])
def test_words_that_nothing_is_kept_by_find_nothing_and_not_everything(words: str) -> None:
    logs.asked(1)
    assert found(words=words) == []
    assert found(words=f"{words} example") == ["APP-2026-0001"]


def test_every_word_of_a_long_text_is_found_to_the_end_of_the_alphabet() -> None:
    application = logs.asked(1, purpose_plain=" ".join(f"w{number:04d}" for number in range(800)) + " zebra")
    assert found(words="zebra") == found(words="w0799") == [application]


def test_one_case_alone_is_found_by_its_own_name_and_by_no_other_that_begins_so() -> None:
    agreement = logs.signed(1, logs.asked(1))
    logs.asked(2)
    logs.signed(11, None)
    published.refresh()
    assert found(case=agreement) == found(case="APP-2026-0001") == [agreement]
    assert published.entries_of(Query(case=agreement)) == (1, 0)


def test_an_order_narrows_no_feed() -> None:
    logs.asked(1)
    logs.write("key.changed", "log", key="k", reason="A new one.")
    published.refresh()
    assert published.entries_of(Query(sort="oldest")) == published.entries_of(Query()) == (1, 0)
    assert published.topic_of(Query(sort="oldest")) == published.topic_of(Query())


def test_shares_from_old_lists_are_told_as_such_whatever_address_asks_for_them() -> None:
    assert published.query_of({"status": "imported"}) == Query(imported=True)


def test_entries_of_a_name_are_those_of_what_became_part_of_it_too_and_of_every_such_name() -> None:
    logs.asked(1, "Old Scores Ltd (synthetic)")
    logs.asked(2, "Middle Scores Ltd (synthetic)")
    logs.merged("Old Scores Ltd (synthetic)", "Middle Scores Ltd (synthetic)")
    logs.merged("Middle Scores Ltd (synthetic)", "New Holding plc (synthetic)")
    for number in range(3, 503):
        logs.asked(number, f"Academy {number} (synthetic)")
    published.refresh()
    assert published.entries(who="new holding") == (3, 2, 1, 0)
    assert published.entries(who="Middle scores") == (3, 2, 1, 0)
    assert published.entries(who="old scores") == (2, 0)
    logs.asked(900, "New Holding plc (synthetic)")
    published.refresh()
    assert published.entries(who="new holding") == (504, 3, 2, 1, 0)
    assert len(published.entries(who="academy", limit=1_000)) == 500
