"""Counters about use: what was read, what was refused, whether families were told first, what was looked up."""

from __future__ import annotations

from collections import Counter
from datetime import date

from schoolgate.dictionary import purposes
from schoolgate.oversight.counting import Metric, Row, between, bounds, tallied
from schoolgate.oversight.deciding import Counted
from schoolgate.oversight.entries import Entry
from schoolgate.oversight.known import Known
from schoolgate.oversight.periods import Period

_BY_LAW = tuple(sorted(one.id for one in purposes() if one.statutory_override))
"""Purposes that a law allows against an objection. They stand in the definition, so that its hash binds the table of
purposes: under another table the figures are not compared."""


_WIDER = {
    "by_kind": "all that a kind of organisation asks",
    "by_recipient": "all that one organisation asks",
    "to_all": "every use that a family may refuse",
}
"""What an objection that is not to a purpose is to, as an entry counts it -> in words."""


class Reads:
    """Reads by purpose."""

    def __init__(self) -> None:
        self._purposes: Counter[str] = Counter()
        self._failed = 0

    def take(self, one: Entry, known: Known, inside: bool) -> None:
        """Count a read."""
        if inside:
            self._purposes[one.text("purpose") or "not stated"] += 1
            self._failed += one.text("outcome") == "failed"

    def rows(self, known: Known, period: Period) -> list[Row]:
        """All, those that gave nothing, and by purpose."""
        return [
            Row("reads", str(self._purposes.total())),
            Row("of them, ran and gave no result", str(self._failed)),
            *tallied(self._purposes, "purpose: "),
        ]


class RefusedQueries:
    """Queries the gate refused, by reason."""

    def __init__(self) -> None:
        self._refused = 0
        self._reasons: Counter[str] = Counter()

    def take(self, one: Entry, known: Known, inside: bool) -> None:
        """Count a refusal: once, and once for each of its reasons."""
        if inside:
            self._refused += 1
            self._reasons.update(set(one.texts("reasons")))

    def rows(self, known: Known, period: Period) -> list[Row]:
        """All, and by reason."""
        return [Row("refused", str(self._refused)), *tallied(self._reasons, "reason: ")]


class Notices:
    """Notices, and whether each use that needed one came after its days were over."""

    def __init__(self) -> None:
        self._published = self._after = 0
        self._before: list[str] = []
        self._of: set[str] = set()

    def _follows(self, one: Entry) -> bool:
        self._of |= set(one.texts("agreements"))
        is_one = one.text("agreement") in self._of
        self._of.discard(one.text("agreement"))
        return is_one

    def take(self, one: Entry, known: Known, inside: bool) -> None:
        """Count a notice, or look at a read."""
        if not inside:
            return
        if one.type != "release.begun":
            # A notice of several agreements is followed by an entry for each of them; it counts once.
            self._published += one.type == "notice.published" and not self._follows(one)
            return
        agreed = known.agreements.get(one.text("agreement"))
        read = set(one.texts("items"))
        waits = [wait for wait in (agreed.waits if agreed else ()) if wait.items is None or wait.items & read]
        if not waits:
            return
        if all(wait.over_on(one.day) for wait in waits):
            self._after += 1
        else:
            self._before.append(one.subject)

    def rows(self, known: Known, period: Period) -> list[Row]:
        """Notices, reads after and before."""
        return [
            Row("notices published", str(self._published)),
            Row("reads that had to wait for a notice, and did", str(self._after)),
            Row("reads before their notice was over", str(len(self._before)), is_alarm=bool(self._before)),
        ]


class Objections:
    """Objections in force, and the reads that had to leave children out or that a law let go on."""

    def __init__(self) -> None:
        self._now: dict[str, str] = {}
        self._wider: dict[str, str] = {}
        self._since: dict[str, date] = {}
        self._left_out: Counter[str] = Counter()
        self._overridden: Counter[str] = Counter()

    def take(self, one: Entry, known: Known, inside: bool) -> None:
        """Note what was counted last, or look at a read."""
        purpose = one.text("purpose")
        if one.type == "objection.totals":
            self._now[purpose] = one.text("objecting")
            self._since.setdefault(purpose, one.day)
        elif one.type == "objection.wider_totals":
            self._wider = {words: one.text(name) for name, words in _WIDER.items()}
        elif inside and purpose in self._since:
            (self._overridden if purpose in _BY_LAW else self._left_out)[purpose] += 1

    def rows(self, known: Known, period: Period) -> list[Row]:
        """A few rows a purpose."""
        rows = [Row(f"pupils kept out of {purpose}", count) for purpose, count in sorted(self._now.items())]
        rows += [Row(f"pupils kept out of {words}", count) for words, count in self._wider.items()]
        rows += [
            Row(f"reads for {purpose} since its first objection was counted", str(count))
            for purpose, count in sorted(self._left_out.items())
        ]
        rows += [
            Row(f"reads for {purpose} that a law allows against an objection", str(count))
            for purpose, count in sorted(self._overridden.items())
        ]
        return rows or [Row("objections", "0")]


class Lookups:
    """Look-ups of single persons, by what they were for; misses; delays in telling a family."""

    def __init__(self) -> None:
        self._made: Counter[str] = Counter()
        self._kinds: Counter[str] = Counter()
        self._asked = [0, 0]
        self._found = [0, 0]
        self._certified = 0
        self._delays = "0"

    @staticmethod
    def _add(to: list[int], count: object) -> None:
        least, most = bounds(count)
        to[0] += least
        to[1] += most

    def take(self, one: Entry, known: Known, inside: bool) -> None:
        """Count."""
        if one.type == "delay.totals":
            self._delays = one.text("delayed") or self._delays
        if not inside:
            return
        if one.type == "lookup.misses_destroyed":
            self._certified += 1
        elif one.type == "lookup.made":
            self._made[one.text("reason") or "not stated"] += 1
            self._kinds[one.text("kind") or "not stated"] += 1
            self._add(self._asked, one.body.get("people_asked"))
            self._add(self._found, one.body.get("people_found"))

    def rows(self, known: Known, period: Period) -> list[Row]:
        """All, by reason, found, and delays."""
        return [
            Row("look-ups", str(self._made.total())),
            *tallied(self._kinds, "kind: "),
            *tallied(self._made, "reason: "),
            Row("people asked about", between(*self._asked)),
            Row("people found among the pupils", between(*self._found)),
            Row("certificates that misses were destroyed", str(self._certified)),
            Row("families who are told later, by law, as counted last", self._delays),
        ]


class Extracts:
    """Extracts that left, beside all reads; and those that nobody signed for."""

    def __init__(self) -> None:
        self._count: Counter[str] = Counter()
        self._unsigned: set[str] = set()

    def take(self, one: Entry, known: Known, inside: bool) -> None:
        """Count."""
        self._count[one.type] += inside
        if one.type == "extract.unsigned":
            self._unsigned.add(one.text("release"))
        elif one.type in ("extract.received", "extract.reported"):
            self._unsigned.discard(one.text("release"))

    def rows(self, known: Known, period: Period) -> list[Row]:
        """Extracts from order to receipt, and all reads."""
        said = (
            ("ordered", "extract.ordered"),
            ("approved", "extract.approved"),
            ("declined", "extract.declined"),
            ("made, and encrypted to the recipient", "extract.ready"),
            ("signed for by the recipient", "extract.received"),
            ("deleted after their last day", "extract.expired"),
            ("all reads, extracts among them", "release.begun"),
        )
        late = len(self._unsigned)
        return [
            *(Row(of, str(self._count[kind])) for of, kind in said),
            Row("fetched and not signed for", str(late), is_alarm=late > 0),
        ]


METRICS = (
    Metric(
        "reads",
        "How often was pupil data read, and what for?",
        "Entries release.begun in the period; those with outcome failed ran and gave nothing; by purpose.",
        ("release.begun",),
        "reads",
        Reads,
    ),
    Metric(
        "extracts",
        "How often did single records leave, instead of staying in the safe setting?",
        "Entries of each of these types in the period, beside all entries release.begun. Not signed for: releases of"
        " extract.unsigned without extract.received or extract.reported up to the period's last day.",
        (
            "extract.ordered",
            "extract.approved",
            "extract.declined",
            "extract.ready",
            "extract.received",
            "extract.reported",
            "extract.expired",
            "extract.unsigned",
            "release.begun",
        ),
        "extracts",
        Extracts,
    ),
    Metric(
        "refused-queries",
        "What did the gate refuse, and why?",
        "Entries query.refused in the period; each of their reasons counts once an entry.",
        ("query.refused",),
        "queries",
        RefusedQueries,
    ),
    Metric(
        "notices",
        "Were families told before each use that needed a notice?",
        "Entries notice.published in the period, but for those of single agreements that follow a notice which names"
        " them. A read (release.begun) needs a notice when its agreement.signed has notice_days, or when it holds an"
        " item that agreement.amended added with notice_days. It came after when its day is later than the day of"
        " telling plus those days; the first notice that names the agreement (agreements) after that entry tells of it,"
        " on the day of its notice.told. Every other such read came before: an entry about a notice, alone, tells"
        " nobody.",
        ("agreement.signed", "agreement.amended", "notice.published", "notice.told", "release.begun"),
        "notices and reads",
        Notices,
    ),
    Metric(
        "objections",
        "Are objections honoured?",
        "Pupils kept out: of the last objection.totals up to the period's last day, for each purpose, and of the last"
        " objection.wider_totals, for objections to a kind of organisation, to one organisation and to all; a child"
        " may be in several of these. Reads"
        " (release.begun) in the period for a purpose that has had an objection.totals before: each had to leave out"
        " every child with an objection in force, unless a law allows the purpose against it (in the table of purposes:"
        f" {', '.join(_BY_LAW)}). Objections may have been withdrawn since: fewer than 10 may be none. The log holds no"
        " identity, so it cannot show which child a read left out: each family's own page does, and the entry's"
        " definition_hash binds it.",
        ("objection.totals", "objection.wider_totals", "release.begun"),
        "pupils (rounded) and reads",
        Objections,
    ),
    Metric(
        "look-ups",
        "How often was a single person looked up, and was every family told?",
        "Entries lookup.made in the period, by kind and reason; their people_asked and people_found are rounded, so a"
        " sum is given as the least and the most it can be (fewer than 10 is 0 to 9, any other count is up to 2 more or"
        " less). lookup.misses_destroyed in the period. Families told later: delayed in the last delay.totals up to the"
        " period's last day.",
        ("lookup.made", "lookup.misses_destroyed", "delay.totals"),
        "look-ups",
        Lookups,
    ),
    Metric(
        "stopped",
        "What was stopped?",
        "Entries of each of these types in the period.",
        ("use.stopped", "use.lifted", "agreement.suspended", "agreement.reopened"),
        "entries",
        lambda: Counted(
            ("use.stopped", "use out of pattern, stopped by the gate"),
            ("use.lifted", "such stops lifted by the custodian"),
            ("agreement.suspended", "agreements suspended"),
            ("agreement.reopened", "agreements re-opened because an organisation changed"),
        ),
    ),
)
