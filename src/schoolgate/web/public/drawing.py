"""Pictures of numbers as SVG: pure, without a script or a style, readable by those who do not see them.

Each picture has a title and a description that says its numbers (SVG 2, 5.8); the page shows the same as a table.
"""

from __future__ import annotations

from collections.abc import Sequence
from unicodedata import east_asian_width
from xml.sax.saxutils import escape

WIDTH = 640
INK, QUIET, BAR, LINE = "#0b1f1c", "#4a5a56", "#0f4a43", "#c3cfcb"
SHADES = ("#7a1710", "#a8480b", "#8a6d00", "#2f6f8f", "#0f4a43", "#6b7774")
"""From the most to the least private, the last for what nobody has graded; each 4.5 to 1 or more on white."""

_EDGE = 3
_SMALL = 13
_FEW = 12
"""Columns that may each have their number written out."""
_LABELS = 6
"""Labels under columns: a month is 54 wide, and a sixth of the picture is more than that."""

_FONT = 'font-family="system-ui, Arial, sans-serif"'


def _picture(height: int, title: str, says: str, parts: Sequence[str]) -> str:
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
            f' role="img" aria-labelledby="t d">',
            f'<title id="t">{escape(title)}</title>',
            f'<desc id="d">{escape(says)}</desc>',
            f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
            *parts,
            "</svg>\n",
        ]
    )


def _words(x: float, y: float, text: str, *, anchor: str = "start", size: int = 14, colour: str = INK) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{colour}" {_FONT}>'
        f"{escape(text)}</text>"
    )


def said(numbers: Sequence[tuple[str, int]]) -> str:
    """Numbers as one sentence."""
    return "; ".join(f"{label}: {number:,}" for label, number in numbers) + "." if numbers else "No numbers yet."


def wide(text: str, size: int = 14) -> float:
    """How wide a text may be at most, whatever the font: wide signs take a whole square, others three fifths."""
    return sum(size if east_asian_width(char) in "WF" or char in "mwMW@%—…" else 0.62 * size for char in text)


def _fitting(text: str, room: float, size: int = 14) -> str:
    """A text, cut with an ellipsis when it is wider than its room."""
    if wide(text, size) <= room:
        return text
    while text and wide(f"{text}…", size) > room:
        text = text[:-1]
    return f"{text.rstrip()}…"


class _Room:
    """Places that are taken by texts: a text that would lie over another is left out."""

    def __init__(self) -> None:
        self._taken: list[tuple[float, float, float, float]] = []

    def takes(self, middle: float, y: float, text: str, size: int) -> float | None:
        """The middle at which a text stands, moved into the frame; None when another text is there."""
        half = wide(text, size) / 2
        middle = min(max(middle, half + _EDGE), WIDTH - half - _EDGE)
        box = (middle - half - _EDGE, y - size, middle + half + _EDGE, y + _EDGE)
        if half * 2 + 2 * _EDGE > WIDTH or any(
            box[0] < right and left < box[2] and box[1] < low and high < box[3]
            for left, high, right, low in self._taken
        ):
            return None
        self._taken.append(box)
        return middle


def columns(title: str, numbers: Sequence[tuple[str, int]]) -> str:
    """Numbers over time, one column each. The largest is written out, and others and months where they have room."""
    height, floor, top = 280, 230, 40
    most = max((number for _label, number in numbers), default=0)
    parts = [f'<line x1="40" y1="{floor}" x2="{WIDTH - 20}" y2="{floor}" stroke="{LINE}" stroke-width="2"/>']
    if not numbers or not most:
        return _picture(height, title, said(numbers), [*parts, _words(WIDTH / 2, 140, said([]), anchor="middle")])
    step = (WIDTH - 60) / len(numbers)
    tall = [(floor - top) * number / most for _label, number in numbers]
    for at, one in enumerate(tall):
        parts.append(
            f'<rect x="{40 + (at + 0.1) * step:.1f}" y="{floor - one:.1f}" width="{step * 0.8:.1f}" height="{one:.1f}"'
            f' fill="{BAR}"/>'
        )
    room = _Room()
    largest = sorted(range(len(numbers)), key=lambda at: (-numbers[at][1], at))
    for at in largest if len(numbers) <= _FEW else [at for at in largest if numbers[at][1] == most]:
        text, y, middle = f"{numbers[at][1]:,}", floor - tall[at] - 6, 40 + (at + 0.5) * step
        # over its own column and not over the top of a taller neighbour that it would be wider than
        half = wide(text, _SMALL) / 2
        over = [
            one for n, one in enumerate(tall) if n != at and abs(40 + (n + 0.5) * step - middle) < half + step * 0.4
        ]
        if max(over, default=0.0) <= tall[at] and (placed := room.takes(middle, y, text, _SMALL)) is not None:
            parts.append(_words(placed, y, text, anchor="middle", size=_SMALL))
    for at in _spread(len(numbers)):
        label, middle = _fitting(numbers[at][0], WIDTH / 4), 40 + (at + 0.5) * step
        if label and (placed := room.takes(middle, floor + 22, label, 14)) is not None:
            parts.append(f'<line x1="{middle:.1f}" y1="{floor}" x2="{middle:.1f}" y2="{floor + 6}" stroke="{LINE}"/>')
            parts.append(_words(placed, floor + 22, label, anchor="middle", colour=QUIET))
    return _picture(height, title, said(numbers), parts)


def _spread(count: int) -> list[int]:
    """Which of some columns are labelled: the first, the last, and what lies evenly between, as many as have room."""
    gaps = min(count - 1, _LABELS - 1)
    return sorted({round(at * (count - 1) / gaps) for at in range(gaps + 1)}) if gaps else [0]


def bars(title: str, numbers: Sequence[tuple[str, int]], shades: Sequence[str] = ()) -> str:
    """Numbers beside each other, one bar each with its label above and its number at the end."""
    height = 20 + 46 * max(1, len(numbers))
    most = max((number for _label, number in numbers), default=0)
    if not most:
        return _picture(height, title, said(numbers), [_words(WIDTH / 2, height / 2, said([]), anchor="middle")])
    parts = []
    room = WIDTH - 48 - max(100.0, *(wide(f"{number:,}") for _label, number in numbers))
    for at, (label, number) in enumerate(numbers):
        y = 10 + at * 46
        long = max(room * number / most, 1)
        parts.append(_words(20, y + 14, _fitting(label, WIDTH - 40)))
        parts.append(
            f'<rect x="20" y="{y + 20}" width="{long:.1f}" height="16"'
            f' fill="{shades[at] if at < len(shades) else BAR}"/>'
        )
        parts.append(_words(20 + long + 8, y + 34, f"{number:,}"))
    return _picture(height, title, said(numbers), parts)
