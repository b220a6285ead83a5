"""Every figure counted a second time, by other hands: from the entries' JSON and the written definitions alone.

Nothing of `oversight` is used for counting here: lists are walked again for each figure, days are made by the standard
library. The logs are random, at the edges where figures go wrong: minutes around midnight in London, the ends of
quarters, the night the clocks change, a leap day, new versions, appeals, emergencies, withdrawn requests.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from schoolgate import oversight

Body = dict[str, Any]
LONDON = ZoneInfo("Europe/London")
EDGES = [
    datetime(2023, 12, 31, 23, 58), datetime(2024, 2, 28, 23, 59), datetime(2024, 2, 29, 12, 0),
    datetime(2024, 3, 31, 0, 59), datetime(2024, 3, 31, 22, 58), datetime(2024, 6, 30, 22, 59),
    datetime(2024, 6, 30, 23, 1), datetime(2024, 9, 30, 22, 59), datetime(2024, 10, 27, 0, 30),
    datetime(2024, 12, 31, 23, 59),
]  # fmt: skip
QUARTERS = ["2023-Q4", "2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4", "2025-Q1"]


def a_log(seed: int, length: int = 400) -> list[Body]:
    """A random life: numbers are few, so that the same application and agreement are met again and again."""
    rng = random.Random(seed)
    moments = sorted(rng.choice(EDGES) + timedelta(minutes=rng.randrange(-90, 60 * 24 * 25)) for _ in range(length))
    made = [_one(rng, moment) for moment in moments]
    published: list[str] = []
    for body in made:  # the notice that was published first and is not told yet, is told
        if body["type"] == "notice.published" and "agreements" in body:
            published.append(body["subject"])
        elif body["type"] == "notice.told" and published:
            body["notice"] = body["subject"] = published.pop(0)
    return [body for at, body in enumerate(made) if not (body.get("emergency") and _known(made[:at], body["subject"]))]


def _known(log: list[Body], application: str) -> bool:
    """Whether an application was decided in a hurry, or signed, before: it is not decided in a hurry again."""
    return any(
        (body.get("emergency") and body["subject"] == application) or body.get("application") == application
        for body in log
    )


def _one(rng: random.Random, moment: datetime) -> Body:
    number = rng.randrange(14)  # an agreement comes of one application
    application, agreement = f"APP-{number}", f"A-{number}"
    day = (moment.date() + timedelta(days=rng.randrange(-10, 30))).isoformat()
    name = f"Organisation {rng.randrange(3)}"
    makers: list[Callable[[], Body]] = [
        lambda: {"type": "application.received", "subject": application, "organisation": name,
                 "kind": rng.choice(["university", "company"]), "request_kind": rng.choice(["research", "matching"]),
                 "commercial_interest": rng.choice(["", "none", "none: nobody earns by it", "direct: a shop"])},
        lambda: {"type": "application.resubmitted", "subject": application, "organisation": name,
                 **rng.choice([{}, {"kind": "university"}, {"kind": "company"}]),
                 "commercial_interest": rng.choice(["none", "indirect: a name"]), "request_kind": "research"},
        lambda: {"type": "organisation.changed", "subject": "O-1", "organisation": name, "changed": [
                 "owner", "kind of organisation"], "before": ["a", "b"], "after": ["c", rng.choice(["charity", "company"])]},
        lambda: {"type": "application.decided", "subject": application, "outcome": rng.choice(["approved", "refused"])},
        lambda: {"type": "application.decided", "subject": application, "outcome": "approved", "emergency": "Danger.",
                 "review_due": day},
        lambda: {"type": "application.appealed", "subject": application},
        lambda: {"type": "agreement.reopened", "subject": application},
        lambda: {"type": "application.withdrawn", "subject": application},
        lambda: {"type": "agreement.signed", "subject": agreement, "application": application,
                 "items": ["sex"], "notice_days": rng.choice([0, 5])},
        lambda: {"type": "agreement.amended", "subject": agreement, "items": ["age"], "notice_days": 5, "version": 2},
        lambda: {"type": "agreement.reaffirmed", "subject": agreement, "version": 2},
        lambda: {"type": f"agreement.{rng.choice(['suspended', 'resumed', 'reopened', 'reaffirmed', 'ended'])}",
                 "subject": agreement},
        *3 * [lambda: {"type": "emergency.reviewed", "subject": agreement, "agreement": agreement,
                       "outcome": "approved"}],  # often, so that some are reviewed in time
        lambda: {"type": "notice.published", "subject": agreement, "agreement": agreement},
        lambda: {"type": "notice.published", "subject": f"N-{rng.randrange(10**9)}", "agreements": [agreement, "A-1"]},
        lambda: {"type": "notice.told", "subject": "", "notice": ""},  # its number is filled in below
        lambda: {"type": "release.begun", "subject": f"R-{rng.randrange(300)}", "agreement": agreement,
                 "purpose": "education-research", "items": rng.choice([["sex"], ["age"]]),
                 "outcome": rng.choice(["failed", "handed over"])},
        lambda: {"type": "release.settled", "subject": f"R-{rng.randrange(300)}"},
        lambda: {"type": "destruction.certified", "subject": agreement, "agreement": agreement},
        lambda: {"type": "destruction.overdue", "subject": agreement, "agreement": agreement, "due": day},
        lambda: {"type": "finding.recorded", "subject": f"F-{rng.randrange(40)}"},
        lambda: {"type": "action.due", "subject": f"AC-{rng.randrange(200)}", "due": day,
                 "finding": f"F-{rng.randrange(40)}"},
        lambda: {"type": "action.done", "subject": f"AC-{rng.randrange(200)}"},
        lambda: {"type": "query.refused", "subject": agreement, "reasons": ["a", "b"][: rng.randrange(1, 3)]},
    ]  # fmt: skip
    body = rng.choice(makers)()
    return {**body, "at": moment.replace(tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}


def day(body: Body) -> date:
    moment = datetime.fromisoformat(body["at"].replace("Z", "+00:00"))
    return moment.astimezone(LONDON).date()


class Again:
    """The definitions, read by somebody else."""

    def __init__(self, log: list[Body], first: date, last: date) -> None:
        self.log = [body for body in log if day(body) <= last]
        self.first, self.last = first, last

    def all(self, *types: str) -> list[tuple[int, Body]]:
        return [(at, body) for at, body in enumerate(self.log) if body["type"] in types]

    def inside(self, *types: str) -> list[tuple[int, Body]]:
        return [(at, body) for at, body in self.all(*types) if day(body) >= self.first]

    def before(self, at: int, subject: str, *types: str) -> list[Body]:
        return [body for index, body in self.all(*types) if index <= at and body["subject"] == subject]

    def received(self, at: int, application: str) -> Body | None:
        found = self.before(at, application, "application.received")
        return found[-1] if found else None

    def commercial(self, at: int, application: str) -> bool:
        received = self.received(at, application)
        if received is None:
            return False
        start = self.log.index(received)
        who, kind, interest = received["organisation"], received["kind"], received["commercial_interest"]
        for body in self.log[start + 1 : at + 1]:
            if body["type"] == "organisation.changed" and body["organisation"] == who:
                kind = body["after"][body["changed"].index("kind of organisation")]
            if body["type"] == "application.resubmitted" and body["subject"] == application:
                who, kind, interest = body["organisation"], body.get("kind", kind), body["commercial_interest"]
        return kind == "company" or interest.split(":")[0] not in ("", "none")

    def first_signed(self) -> dict[str, tuple[int, Body]]:
        found: dict[str, tuple[int, Body]] = {}
        for at, body in self.all("agreement.signed"):
            found.setdefault(body["subject"], (at, body))
        return found

    def shares(self) -> dict[str, str]:
        signed = self.first_signed()
        asked = [self.commercial(at, body["subject"]) for at, body in self.inside("application.received")]
        agreed = [self.commercial(at, body["application"]) for at, body in signed.values() if day(body) >= self.first]
        reads = [
            self.commercial(at, signed[body["agreement"]][1]["application"])
            for at, body in self.inside("release.begun")
            if body["agreement"] in signed and signed[body["agreement"]][0] < at
        ]
        return {
            name: in_hundred(sum(values), len(values))
            for name, values in (("applications", asked), ("agreements signed", agreed), ("reads", reads))
        }

    def waits(self) -> dict[str, str]:
        found, seen = [], set()
        for at, body in self.all("application.decided"):
            received = self.received(at, body["subject"])
            if received is None or body["subject"] in seen:
                continue
            seen.add(body["subject"])
            if day(body) >= self.first:
                found.append((day(body) - day(received)).days)
        if not found:
            return {"decisions": "0"}
        found.sort()
        middle = next(value for value in found if 2 * sum(other <= value for other in found) >= len(found))
        most = next(value for value in found if 10 * sum(other <= value for other in found) >= 9 * len(found))
        in_words = [f"{count} day" if count == 1 else f"{count} days" for count in (middle, most)]
        return {"decisions": str(len(found)), "median": in_words[0], "nine in ten within": in_words[1]}

    def standing(self) -> dict[str, str]:
        states: Counter[str] = Counter()
        for number, (start, _) in self.first_signed().items():
            state = "active"
            for at, body in enumerate(self.log):
                if at <= start or body["subject"] != number:
                    continue
                new = {"suspended": "suspended", "reopened": "reopened", "ended": "ended"}
                step = body["type"].removeprefix("agreement.")
                if state == "destroyed":
                    continue
                if body["type"] == "destruction.certified":
                    state = "destroyed"
                elif state != "ended" and body["type"].startswith("agreement."):
                    state = new.get(step, state)
                    goes_on = [("resumed", "suspended"), ("signed", "reopened")]
                    goes_on += [] if "version" in body else [("reaffirmed", "reopened")]
                    state = "active" if (step, state) in goes_on else state
            states[state] += 1
        return {state: str(count) for state, count in states.items()} or {"agreements": "0"}

    def emergencies(self) -> dict[str, int]:
        counts: Counter[str] = Counter()
        for at, body in self.all("application.decided"):
            if body.get("emergency"):
                self._follow(at, body, counts)
        return dict(counts)

    def _follow(self, at: int, body: Body, counts: Counter[str]) -> None:
        due, agreement = date.fromisoformat(body["review_due"]), ""
        counts["approved"] += day(body) >= self.first
        for later in self.log[at + 1 :]:
            kind, subject = later["type"], later["subject"]
            if kind == "agreement.signed" and later["application"] == body["subject"] and not agreement:
                agreement = subject
            elif kind == "emergency.reviewed" and subject in (agreement, body["subject"]):
                counts["late" if day(later) > due else "in time"] += day(later) >= self.first
                return
            elif (kind == "agreement.ended" and subject == agreement) or (
                kind in ("application.appealed", "application.withdrawn", "agreement.reopened")
                and subject == body["subject"]
                and not agreement
            ):
                counts["over"] += day(later) >= self.first
                return
        counts["overdue" if agreement and due < self.last else "open"] += 1

    def notices(self) -> dict[str, int]:
        counts: Counter[str] = Counter()
        signed = self.first_signed()
        for at, body in self.inside("release.begun"):
            number = body["agreement"]
            if number not in signed or signed[number][0] > at:
                continue
            start, agreement = signed[number]
            waits = [(start, agreement["notice_days"])] if agreement["notice_days"] else []
            if "age" in body["items"]:
                waits += [
                    (index, 5)
                    for index, one in self.all("agreement.amended")
                    if start < index < at and one["subject"] == number and not self._signed_items(index, number)
                ]
            if not waits:
                continue
            counts["after" if all(self._told(index, days, at, number) for index, days in waits) else "before"] += 1
        return dict(counts)

    def _signed_items(self, at: int, number: str) -> bool:
        return any("age" in body["items"] for body in self.before(at, number, "agreement.signed"))

    def _told(self, since: int, days: int, at: int, number: str) -> bool:
        notices = [
            body for i, body in self.all("notice.published") if i > since and number in body.get("agreements", [])
        ]
        if not notices:
            return False
        told = [body for i, body in self.all("notice.told") if i < at and body["notice"] == notices[0]["subject"]]
        return bool(told) and day(self.log[at]) > day(told[0]) + timedelta(days=days)

    def destruction(self) -> dict[str, str]:
        signed, certified = self.first_signed(), [body for _, body in self.inside("destruction.certified")]
        waiting, late = 0, list[date]()
        for number, (start, _) in signed.items():
            later = [body for body in self.log[start + 1 :] if body["subject"] == number]
            kinds = [body["type"] for body in later]
            if "agreement.ended" not in kinds or "destruction.certified" in kinds:
                continue
            days = [date.fromisoformat(body["due"]) for body in later if body["type"] == "destruction.overdue"]
            if days and days[-1] <= self.last:
                late.append(days[-1])
            else:
                waiting += 1
        found = {"certified": len(certified), "ended and not yet certified, in time": waiting, "overdue": len(late)}
        longest = (self.last - min(late)).days if late else 0
        words = {"longest overdue": f"{longest} day" if longest == 1 else f"{longest} days"} if late else {}
        return {of: str(count) for of, count in found.items()} | words

    def unsealed(self) -> list[str]:
        begun = {body["subject"]: (at, day(body)) for at, body in self.all("release.begun")}
        sealed = {body["subject"]: at for at, body in self.all("release.settled")}
        open_ = [when for number, (at, when) in begun.items() if sealed.get(number, -1) < at]
        return [str(sum(when >= self.last for when in open_)), str(sum(when < self.last for when in open_))]

    def refused(self) -> dict[str, str]:
        bodies = [body for _, body in self.inside("query.refused")]
        reasons = Counter(reason for body in bodies for reason in body["reasons"])
        return {"refused": str(len(bodies)), **{f"reason: {name}": str(count) for name, count in reasons.items()}}

    def actions(self) -> dict[str, str]:
        due: dict[str, date] = {}
        done: dict[str, date] = {}
        for body in self.log:
            if body["type"] == "action.due":
                due[body["subject"]] = date.fromisoformat(body["due"])
            elif body["type"] == "action.done" and body["subject"] in due:
                done.setdefault(body["subject"], day(body))
        here = [number for number, when in done.items() if when >= self.first]
        late = sum(done[number] > due[number] for number in here)
        open_ = [when for number, when in due.items() if number not in done]
        planned = {body["finding"] for _, body in self.all("action.due")}
        found: dict[str, date] = {}
        for _, body in self.all("finding.recorded"):
            found.setdefault(body["subject"], day(body))
        silent = [n for n, when in found.items() if n not in planned and when + timedelta(days=28) < self.last]
        return {
            "findings entered": str(len(self.inside("finding.recorded"))),
            "findings with nothing planned after 28 days": str(len(silent)),
            "done in time": str(len(here) - late), "done late": str(late),
            "overdue": str(sum(when < self.last for when in open_)),
            "open, in time": str(sum(when >= self.last for when in open_)),
        }  # fmt: skip


def in_hundred(part: int, whole: int) -> str:
    return f"{part} of {whole}" + (f" ({int(100 * part / whole + 0.5)} %)" if whole else "")


def periods() -> Iterator[tuple[date, date]]:
    for name in QUARTERS:
        year, number = int(name[:4]), int(name[-1])
        first = date(year, 3 * number - 2, 1)
        after = date(year + number // 4, 3 * number % 12 + 1, 1)
        yield first, after - timedelta(days=1)
    yield date(2024, 2, 29), date(2024, 2, 29)


@pytest.mark.parametrize("seed", range(30))
def test_other_hands_count_the_same(seed: int) -> None:
    log = a_log(seed)
    for first, last in periods():
        found = oversight.compute(oversight.from_bodies(log), oversight.Period.between(first, last))
        figures = {figure.metric.id: {row.of: row.value for row in figure.rows} for figure in found}
        again = Again(log, first, last)
        where = (seed, first, last)
        asked = again.inside("application.received")
        assert figures["applications"]["all"] == str(len(asked)), where
        assert figures["time-to-decide"] == again.waits(), where
        decided = [body["outcome"] for _, body in again.inside("application.decided")]
        assert figures["refusals"]["refused"] == in_hundred(decided.count("refused"), len(decided)), where
        assert figures["commercial-share"] == again.shares(), where
        urgent, told = again.emergencies(), again.notices()
        assert [int(value) for value in figures["emergencies"].values()] == [
            urgent.get(name, 0) for name in ("approved", "in time", "late", "open", "overdue", "over")
        ], where
        assert [int(value) for value in figures["notices"].values()][1:] == [
            told.get(name, 0) for name in ("after", "before")
        ], where
        assert figures["agreements"] == again.standing(), where
        assert {of: value for of, value in figures["findings"].items() if of != "new"} == again.actions(), where
        assert figures["destruction"] == again.destruction(), where
        assert list(figures["unfinished"].values()) == again.unsealed(), where
        assert figures["refused-queries"] == again.refused(), where
        reads = [body for _, body in again.inside("release.begun")]
        assert figures["reads"]["reads"] == str(len(reads)), where
        failed = sum(body["outcome"] == "failed" for body in reads)
        assert figures["reads"]["of them, ran and gave no result"] == str(failed), where
        assert figures["road"]["withdrawn by the applicant"] == str(len(again.inside("application.withdrawn"))), where


def test_the_random_logs_have_what_they_are_to_try() -> None:
    seen: Counter[tuple[str, str]] = Counter()
    for seed in range(30):
        log = a_log(seed)
        for first, last in periods():
            for figure in oversight.compute(oversight.from_bodies(log), oversight.Period.between(first, last)):
                seen.update((figure.metric.id, row.of) for row in figure.rows if not row.value.startswith("0"))
    wanted = ("emergencies", "notices", "findings", "agreements", "commercial-share", "time-to-decide")
    of = {metric: {row for one, row in seen if one == metric} for metric in wanted}
    assert len(of["emergencies"]) == 6
    assert len(of["notices"]) == 3
    assert len(of["findings"]) == 7
    assert of["agreements"] == {"active", "suspended", "reopened", "ended", "destroyed"}
    assert len(of["commercial-share"]) == 3
    assert len(of["time-to-decide"]) == 3
