"""An item is found by its exact name first, by an alias with its places filled in, and by how a name begins."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schoolgate.dictionary import Dictionary, Item, NoItem, SeveralItems, lake_tables, open_dictionary


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Dictionary:
    return open_dictionary(tmp_path_factory.mktemp("dictionary"))


def made(*aliases: str) -> Dictionary:
    return Dictionary("v", tuple(Item(id=alias, collection="C", table="T", name="", alias=alias) for alias in aliases))


@pytest.mark.parametrize(
    ("filled", "alias"),
    [
        ("UPN_SPR17", "UPN_[term][yy]"),
        ("upn_spring17", "UPN_[term][yy]"),
        ("UPN_SPR[yy]", "UPN_[term][yy]"),
        ("CensusTerm_AUT12", "CensusTerm_[term][yy]"),
        ("PRU_UPN_SPR12", "PRU_UPN_SPR[yy]"),
        ("LA_2_ex09", "LA_[n]_ex[yy]"),
    ],
)
def test_an_alias_with_its_places_filled_in_finds_the_item(shipped: Dictionary, filled: str, alias: str) -> None:
    assert shipped.resolve(filled).alias == alias
    assert alias in [item.alias for item in shipped.search(filled)]


@pytest.mark.parametrize("wrong", ["UPN_WIN17", "UPN_SPR2017", "CensusTerm_AUTx2"])
def test_what_no_place_can_hold_is_no_alias(shipped: Dictionary, wrong: str) -> None:
    with pytest.raises(NoItem):
        shipped.resolve(wrong)


@given(
    st.sampled_from(["AUT", "SPR", "SUM", "Autumn", "Spring", "Summer"]),
    st.integers(0, 99),
    st.integers(1, 30),
    st.booleans(),
)
def test_every_term_year_and_number_fills_a_place(term: str, year: int, number: int, shout: bool) -> None:
    filled = f"A(b)_{number}_{term}{year:02}"
    assert (
        made("A(b)_[N]_[Term][YY]", "Other_[yy]").resolve(filled.upper() if shout else filled).alias.startswith("A(b)")
    )


def test_every_column_held_here_is_found_first_by_its_exact_name(shipped: Dictionary) -> None:
    for table in lake_tables():
        for column in table.columns:
            item = shipped.get(f"{table.name}.{column.name}")
            if item is not None:
                first = shipped.search(column.name)[:20]
                assert item in first, item.id
                assert shipped.search(item.id)[0] is item
    assert shipped.search("FSMeligible")[0].id == "census_pupil.fsmeligible"


def test_the_beginning_of_a_name_finds_the_one_item_or_lists_the_several() -> None:
    held = made("EthnicGroup_[term][yy]", "EthnicGroupMajor_[yy]", "Language_ab[yy]", "Language_ex[yy]")
    assert held.resolve("EthnicGroup").alias == "EthnicGroup_[term][yy]"
    assert held.resolve("ethnicgroupm").alias == "EthnicGroupMajor_[yy]"
    with pytest.raises(SeveralItems) as several:
        held.resolve("Language")
    assert several.value.begin_so
    assert [item.alias for item in several.value.items] == ["Language_ab[yy]", "Language_ex[yy]"]
    for text in ("La", "", "nguage"):
        with pytest.raises(NoItem) as none:
            held.resolve(text)
        assert not isinstance(none.value, SeveralItems)
