"""Who had what when, as a picture: one bar an organisation, one mark a time. Pure; a template draws it.

The picture is beside a table of the same, which is its text for those who do not see it (WCAG 2.2, 1.1.1).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from schoolgate import rights
from schoolgate.clock import day_of
from schoolgate.web.public.drawing import WIDTH, wide

_LEFT, _RIGHT, _TOP, _ROW = 20, 20, 34, 50
_LABELS = 6


@dataclass(frozen=True, slots=True)
class Bar:
    """One organisation's row.

    Attributes:
        label: who, cut to the picture's width.
        y: of the text's base line, and of the bar.
        x, width: of the time in which they had it, or may have it, up to today.
        rest_x, rest_width: of the time that is to come; empty width when there is none.
        dots: where each time lies, as whole numbers.
        path: the same as circles, in one path (SVG 2, 9.3): a thousand times are no thousand elements.
        end: where use ended or the data was destroyed; empty while it has not.
        is_gone: whether destruction is certified.
    """

    label: str
    y: int
    bar_y: int
    x: str
    width: str
    rest_x: str
    rest_width: str
    dots: tuple[int, ...]
    path: str
    end: str
    is_gone: bool


@dataclass(frozen=True, slots=True)
class Row:
    """The same as words.

    Attributes:
        until: the day use ended, or may last until.
        times: how often something was given.
        answers: what they say of changes that they were told of, in words, each once.
    """

    organisation: str
    since: date
    until: date
    times: int
    standing: str
    gone_on: date | None
    answers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Timeline:
    """A picture.

    Attributes:
        marks: x and words of the days under it.
        today: where today lies.
    """

    width: int
    height: int
    bars: tuple[Bar, ...]
    marks: tuple[tuple[str, str], ...]
    today: str
    rows: tuple[Row, ...]


def _end(line: rights.Line) -> date:
    """The day after which nobody has it any more, as far as it is known."""
    if line.gone is not None and line.gone.seen_by:
        return line.gone.on
    return line.ended_on or line.until


def timeline(lines: Iterable[rights.Line], today: date) -> Timeline | None:
    """The picture of some lines; None when there is nothing to draw.

    Looks by the family and the school are not drawn: nothing was handed on.
    """
    drawn = [line for line in lines if line.purpose_id != "subject-access"]
    if not drawn:
        return None
    first = min(day_of(line.first_at) for line in drawn)
    last = max(today, *(_end(line) for line in drawn))
    days = max((last - first).days, 1)

    def place(day: date) -> float:
        inside = min(max((day - first).days, 0), days)
        return _LEFT + (WIDTH - _LEFT - _RIGHT) * inside / days

    bars = tuple(_bar(number, line, today, place) for number, line in enumerate(drawn))
    return Timeline(
        width=WIDTH,
        height=_TOP + _ROW * len(bars) + 10,
        bars=bars,
        marks=_marks(first, last, place),
        today=f"{place(today):.1f}",
        rows=tuple(
            Row(
                line.organisation,
                day_of(line.first_at),
                _end(line),
                len(line.releases),
                line.standing,
                line.gone.on if line.gone is not None and line.gone.seen_by else None,
                tuple(dict.fromkeys(rights.answer_in_words(one) for one in line.corrections)),
            )
            for line in drawn
        ),
    )


def _bar(number: int, line: rights.Line, today: date, place: Callable[[date], float]) -> Bar:
    begun, over = day_of(line.first_at), _end(line)
    now = min(max(today, begun), over)
    start, middle, end = place(begun), place(now), place(over)
    y = _TOP + _ROW * number + 14
    is_gone = line.gone is not None and bool(line.gone.seen_by)
    # Times on one spot of the picture are one mark: the table counts them all.
    dots = tuple(sorted({round(place(day_of(one.at))) for one in line.releases}))
    return Bar(
        label=_fitting(line.organisation),
        y=y,
        bar_y=y + 8,
        x=f"{start:.1f}",
        width=f"{max(middle - start, 1.0):.1f}",
        rest_x=f"{middle:.1f}",
        rest_width=f"{end - middle:.1f}" if over > now else "",
        dots=dots,
        path="".join(f"M{dot - 4} {y + 15}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0" for dot in dots),
        end=f"{end:.1f}" if line.ended_on is not None or is_gone else "",
        is_gone=is_gone,
    )


def _fitting(text: str) -> str:
    """A name, cut with an ellipsis when it is wider than the picture."""
    room = WIDTH - _LEFT - _RIGHT
    if wide(text) <= room:
        return text
    while text and wide(f"{text}…") > room:
        text = text[:-1]
    return f"{text.rstrip()}…"


def _marks(first: date, last: date, place: Callable[[date], float]) -> tuple[tuple[str, str], ...]:
    """A few years, or the two ends when all lies in one."""
    years = [date(year, 1, 1) for year in range(first.year + 1, last.year + 1)]
    step = max(1, -(-len(years) // _LABELS))
    found = [(f"{place(day):.1f}", str(day.year)) for day in years[::step]]
    return tuple(found) or ((f"{place(first):.1f}", str(first.year)),)
