"""Who had what when, as a picture with a table of the same beside it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from schoolgate import rights
from schoolgate.web.family.timeline import timeline
from schoolgate.web.public.drawing import WIDTH
from tests.web.rooms import HOSTILE, a_line

TODAY = date(2026, 9, 1)
SVG = "{http://www.w3.org/2000/svg}"


def line(first: date, until: date, **changes: Any) -> Any:
    at = datetime(first.year, first.month, first.day, 9, tzinfo=UTC)
    times = tuple(SimpleNamespace(at=at + timedelta(days=days)) for days in (0, 0, 3))
    return a_line(first_at=at, until=until, **({"releases": times} | changes))


def drawn(*lines: Any) -> ElementTree.Element:
    html = render_to_string("schoolgate/family/timeline.html", {"timeline": timeline(lines, TODAY)})
    return ElementTree.fromstring(html[html.index("<svg") : html.index("</svg>") + 6])


def test_a_bar_an_organisation_a_dot_a_time_and_what_is_to_come_is_pale() -> None:
    found = timeline([line(date(2025, 9, 1), date(2027, 9, 1))], TODAY)
    assert found is not None
    (bar,) = found.bars
    assert float(bar.x) == 20
    assert abs(float(bar.width) - float(bar.rest_width)) < 1
    assert len(bar.dots) == bar.path.count("M") == 2, "two times on one day are one mark"
    assert found.rows[0].times == 3
    assert [words for _, words in found.marks] == ["2026", "2027"]
    assert bar.end == ""


def test_use_that_ended_and_data_that_is_gone_end_the_bar() -> None:
    gone = rights.Gone(date(2026, 3, 1), "overwritten", "custodian")
    unseen = rights.Gone(date(2026, 3, 1), "overwritten", "")
    lines = [
        line(date(2025, 9, 1), date(2027, 9, 1), ended_on=date(2026, 2, 1), gone=gone),
        line(date(2025, 9, 1), date(2027, 9, 1), ended_on=date(2026, 2, 1), gone=unseen),
        line(date(2025, 9, 1), date(2027, 9, 1), ended_on=date(2026, 2, 1)),
    ]
    found = timeline(lines, TODAY)
    assert found is not None
    assert [row.until for row in found.rows] == [date(2026, 3, 1), date(2026, 2, 1), date(2026, 2, 1)]
    assert [bar.is_gone for bar in found.bars] == [True, False, False], "what nobody saw destroyed is not gone"
    assert all(bar.end and not bar.rest_width for bar in found.bars)


def test_looks_by_the_family_itself_are_not_drawn() -> None:
    own = line(date(2025, 9, 1), date(2027, 9, 1), purpose_id="subject-access")
    assert timeline([own], TODAY) is None
    assert "svg" not in render_to_string("schoolgate/family/timeline.html", {"timeline": None})


def test_the_picture_says_its_words_and_nothing_in_a_name_becomes_a_tag() -> None:
    picture = drawn(line(date(2025, 9, 1), date(2027, 9, 1), organisation=HOSTILE))
    says = picture.find(f"{SVG}desc")
    assert says is not None
    assert HOSTILE in str(says.text)
    assert "1 September 2025" in str(says.text)
    assert {part.tag for part in picture} == {
        f"{SVG}{one}" for one in ("title", "desc", "rect", "line", "text", "path")
    }
    assert not [name for part in picture.iter() for name in part.attrib if name == "style" or name.startswith("on")]


@given(
    st.lists(
        st.tuples(st.dates(date(2000, 1, 1), date(2040, 1, 1)), st.integers(0, 9000), st.booleans()),
        min_size=1,
        max_size=5,
    )
)
def test_everything_lies_inside_the_picture_whatever_the_days(spans: list[tuple[date, int, bool]]) -> None:
    lines = [
        line(first, first + timedelta(days=days), ended_on=first + timedelta(days=days // 2) if over else None)
        for first, days, over in spans
    ]
    found = timeline(lines, TODAY)
    assert found is not None
    for bar in found.bars:
        assert 20 <= float(bar.x) <= WIDTH - 20
        assert float(bar.x) + float(bar.width) <= WIDTH - 19 + 1
        assert all(20 <= dot <= WIDTH - 20 for dot in bar.dots)
    assert all(20 <= float(x) <= WIDTH - 20 for x, _ in found.marks)
    assert len(found.marks) <= 7
    assert found.height >= found.bars[-1].bar_y + 14
