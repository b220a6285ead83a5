"""The table of metrics, and computing it from the log's entries alone."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from schoolgate.oversight import deciding, keeping, reading
from schoolgate.oversight.counting import Counter, Metric, Row
from schoolgate.oversight.entries import Entry
from schoolgate.oversight.known import Known
from schoolgate.oversight.periods import Period

METRICS: tuple[Metric, ...] = (*deciding.METRICS, *reading.METRICS, *keeping.METRICS)
"""Every metric, in the order it is shown. The page, the statement and docs/oversight.md are made from this."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric with its figures."""

    metric: Metric
    rows: tuple[Row, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """``time-to-decide | median | 12 days``, a row each: as a statement's entry has them."""
        return tuple(f"{self.metric.id} | {row.of} | {row.value}" for row in self.rows)


def compute(entries: Iterable[Entry], period: Period) -> tuple[Figure, ...]:
    """Every metric of a period, from entries in the log's order; later ones and unknown types change nothing.

    One pass, whatever the number of metrics. Memory grows with applications and agreements, not with reads.
    """
    known, counters = Known(), [(metric, metric.counter()) for metric in METRICS]
    takers: defaultdict[str, list[Counter]] = defaultdict(list)
    for metric, counter in counters:
        for kind in metric.events:
            takers[kind].append(counter)
    for one in entries:
        if one.day > period.last:
            continue
        known.take(one)
        for counter in takers.get(one.type, ()):
            counter.take(one, known, one.day >= period.first)
    return tuple(Figure(metric, tuple(counter.rows(known, period))) for metric, counter in counters)


def definitions_hash(metrics: Sequence[Metric] = METRICS) -> str:
    """SHA-256 of the definitions, hexadecimal: figures of two statements compare only under the same ones."""
    text = "".join(f"{m.id}\t{m.question}\t{m.formula}\t{' '.join(m.events)}\t{m.unit}\n" for m in metrics)
    return hashlib.sha256(text.encode()).hexdigest()


def definitions_table() -> str:
    """The definitions as a Markdown table, for docs/oversight.md."""
    lines = ["| id | question | how it is counted | from | unit |", "|---|---|---|---|---|"]
    lines += [
        f"| `{m.id}` | {m.question} | {m.formula} | {', '.join(f'`{kind}`' for kind in m.events)} | {m.unit} |"
        for m in METRICS
    ]
    return "\n".join(lines)
