"""Pictures of numbers: right in size, in words, and in what they leave out."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schoolgate.web.public import drawing

SVG = "{http://www.w3.org/2000/svg}"
NUMBERS = st.lists(st.tuples(st.text(st.characters(min_codepoint=32, max_codepoint=0x2FFF, exclude_categories=["Cc", "Cs", "Cn"]), max_size=30),
                             st.integers(0, 10**9)), max_size=40)  # fmt: skip


@pytest.mark.parametrize("draw", [drawing.columns, drawing.bars])
@given(numbers=NUMBERS)
def test_every_picture_is_a_whole_svg_within_its_frame(draw: object, numbers: list[tuple[str, int]]) -> None:
    assert callable(draw)
    picture = ElementTree.fromstring(draw("A <title>", numbers))
    _x, _y, width, height = (float(part) for part in picture.attrib["viewBox"].split())
    assert picture.findtext(f"{SVG}title") == "A <title>"
    assert picture.attrib["role"] == "img"
    for shape in picture.iter(f"{SVG}rect"):
        x, y = float(shape.get("x", "0")), float(shape.get("y", "0"))
        assert x >= 0
        assert y >= 0
        assert x + float(shape.attrib["width"]) <= width + 0.2
        assert y + float(shape.attrib["height"]) <= height + 0.2


def _boxes(drawn: str) -> list[tuple[str, float, float, float, float]]:
    """Each text of a picture with its left, top, right and bottom, as wide as it may be at most."""
    found = []
    for text in ElementTree.fromstring(drawn).iter(f"{SVG}text"):
        x, y, size = (float(text.attrib[key]) for key in ("x", "y", "font-size"))
        long = drawing.wide(text.text or "", int(size))
        left = x - long / 2 if text.attrib["text-anchor"] == "middle" else x
        found.append((text.text or "", left, y - size, left + long, y))
    return found


def _lie_over_each_other(drawn: str) -> list[tuple[str, str]]:
    boxes = [one for one in _boxes(drawn) if one[0].strip()]
    return [
        (a[0], b[0])
        for n, a in enumerate(boxes)
        for b in boxes[n + 1 :]
        if a[1] < b[3] and b[1] < a[3] and a[2] < b[4] and b[2] < a[4]
    ]


@pytest.mark.parametrize("draw", [drawing.columns, drawing.bars])
@settings(deadline=None)
@given(numbers=NUMBERS)
def test_no_words_of_a_picture_lie_over_others_or_outside_it(draw: object, numbers: list[tuple[str, int]]) -> None:
    assert callable(draw)
    drawn = draw("t", numbers)
    assert _lie_over_each_other(drawn) == []
    for text, left, top, right, _low in _boxes(drawn):
        assert left >= -0.1, text
        assert top >= 0, text
        assert right <= drawing.WIDTH + 0.1, text


@pytest.mark.parametrize("number", [1, 999, 1_234_567])
@pytest.mark.parametrize("months", [1, 2, 11, 12, 13, 36])
def test_months_are_named_the_first_the_last_and_some_between_without_lying_over_each_other(
    months: int, number: int
) -> None:
    numbers = [(f"{2024 + at // 12}-{at % 12 + 1:02d}", number) for at in range(months)]
    drawn = drawing.columns("t", numbers)
    words = [text for text, *_box in _boxes(drawn)]
    assert _lie_over_each_other(drawn) == []
    assert numbers[0][0] in words
    assert numbers[-1][0] in words
    assert sum(label in words for label, _number in numbers) == min(months, 6)
    assert f"{number:,}" in words


def test_a_bar_is_as_long_as_its_number() -> None:
    drawn = drawing.bars("t", [("a", 100), ("b", 50), ("c", 0)])
    long = [float(one) for one in re.findall(r'<rect x="20" y="\d+" width="([\d.]+)"', drawn)]
    assert long[0] == pytest.approx(2 * long[1])
    assert long[2] == 1.0
    assert "a: 100; b: 50; c: 0." in drawn


def test_without_numbers_a_picture_says_so() -> None:
    for draw in (drawing.bars, drawing.columns):
        assert draw("t", []).count("No numbers yet.") == 2


def _light(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("colour", [*drawing.SHADES, drawing.BAR, drawing.INK, drawing.QUIET])
def test_what_is_drawn_can_be_told_from_white(colour: str) -> None:
    assert 1.05 / (_light(colour) + 0.05) >= 4.5
