"""The main job, step by step, each with the commands' own rooms; nothing is staged and nothing stands in."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.db import transaction

from schoolgate import collect, dictionary, match, register, requests, synthetic
from schoolgate.cli.console import console
from schoolgate.cli.demo.cast import Cast, approved, enter_cast, told, turned_down, waiting
from schoolgate.cli.demo.family import Family, family_looks, family_objects, open_account
from schoolgate.cli.demo.putting_right import Before, PutRight, carried_on, declined_and_copied, wrong_and_put_right
from schoolgate.cli.demo.reads import Answers, fourth_query, three_queries
from schoolgate.cli.demo.staff import FACES, address, open_staff_accounts
from schoolgate.cli.demo.tamper import Tampering, tamper
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError
from schoolgate.ids import CensusPoint, Term
from schoolgate.progress import Progress

POINTS = (CensusPoint(2025, Term.AUTUMN), CensusPoint(2026, Term.SPRING))
MISTAKES = 0.002
"""Share of rows with a planted mistake in what schools send first."""

QUERIES = 1.0
"""Share of temporary UPNs that stay on roll, which a school must explain and a clerk may have to look at."""

STEPS = 13

DAYS = timedelta(days=2)
"""How long ago the first steps were taken: a correction travels a day after it was decided."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the journey came to, for the summary and for whoever checks it."""

    returns: int
    sent_back: int
    pupils: int
    agreement: str
    answers: Answers
    family: Family
    put_right: PutRight
    entries: int
    tampering: Tampering
    home: Path

    def summary(self, port: int) -> list[str]:
        """What a newcomer should know, a line each."""
        site = f"http://127.0.0.1:{port}/"
        page = f"{site}family/child/{self.family.link.id}/"
        check = f"{_near(Path(sys.executable).parent / 'schoolgate')} log verify"
        return [
            "",
            "[bold]What you have just seen[/] (every pupil is synthetic; the schools' names are real and public)",
            f"  Schools      {self.returns} returns with {self.pupils:,} pupil rows were checked;"
            f" {self.sent_back} went back to the school first.",
            f"  The panel    let one researcher in (agreement {self.agreement}) and turned one company down.",
            "  The gate     answered three questions of the researcher and refused one; each is on record.",
            f"  The family   found {self.family.lines_before} of these reads of its child's record, checked"
            f" {self.family.proofs} proofs for itself, and said no.",
            f"  After that   the same question had {self.answers.after:,} pupils in its answer, one fewer than before.",
            f"  The record   was wrong in one fact. Case {self.put_right.case} put it right, and the university"
            f" answered for it (notice {self.put_right.notice}).",
            f"  The log      holds all of it in {self.entries} entries; one changed byte was found at once:",
            f"               {self.tampering.found}",
            "",
            "[bold]Look for yourself[/]",
            f"  The public register     {site}register/",
            f"  The data dictionary     {site}dictionary/",
            f"  The family's page       {site}family/sign-in/",
            f"                          e-mail {self.family.email}, password {self.family.password}",
            f"  Its case, its copy      {page}cases/{self.put_right.case}/ and {page}copy/",
            f"  What it chose           {page}choices/ and {page}declining/",
            f"  What families are told  {site}notices/",
            f"  For staff               {site}sign-in/ with the same password:",
            *(f"                          {address(role)}: {what}" for role, what in FACES.items()),
            f"  Check the log again     {check} {_near(self.home / 'log')}",
            f"  Check the changed copy  {check} {_near(self.tampering.copy)}",
        ]


def _near(path: Path) -> Path:
    """A path as one would type it from here."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _say(number: int, title: str) -> None:
    console.print(f"\n[bold]{number} of {STEPS}  {title}[/]")


def _load_dictionary(config: Config, clock: Clock, tell: Progress) -> None:
    tell("reading the ministry's workbook", 0, None)
    loaded, reports = dictionary.install([dictionary.shipped_workbook()], config.dictionary)
    with transaction.atomic():
        register.append_event(
            "dictionary.loaded", "dictionary", {"version": loaded.version, "items": len(loaded.items)}, clock.now()
        )
    register.publish(clock, config)
    sheets = sum(len(report.per_sheet) for report in reports)
    console.print(f"  {len(loaded.items):,} items from {sheets} sheets and the census's own tables since 2015.")


def _send(
    paths: tuple[Path, ...], config: Config, clock: Clock, tell: Progress, stage: str
) -> list[collect.Submission]:
    sent = []
    for number, path in enumerate(paths, start=1):
        sent.append(collect.submit(path, clock=clock, config=config, actor="school"))
        tell(stage, number, len(paths))
    return sent


def _answer_queries(sent: collect.Submission, clock: Clock) -> str:
    """The school looks at what a query asks about, finds it right, and says so; the return's state afterwards."""
    state = sent.state
    for rule in sorted({finding.rule for finding in sent.findings}) if state == "needs-explanation" else ():
        words = "Checked against the school's own records."
        state = collect.explain(sent.return_id, rule, words, actor="school", clock=clock)
    return state


def _returns(
    config: Config, clock: Clock, tell: Progress, *, schools: int, pupils: int | None, seed: int
) -> tuple[int, int, int, tuple[Path, ...]]:
    first, mended = config.home / "demo" / "returns-first", config.home / "demo" / "returns-mended"

    def write(place: Path, mistake_rate: float) -> tuple[Path, ...]:
        return synthetic.generate(
            place, schools=schools, points=POINTS, seed=seed, pupils=pupils, mistake_rate=mistake_rate,
            query_rate=QUERIES, progress=tell,
        )  # fmt: skip

    papers, clean = write(first, MISTAKES), write(mended, 0.0)
    sent = _send(papers, config, clock, tell, "schools send their returns")
    back = [at for at, one in enumerate(sent) if one.state == "rejected"]
    asked = [one for one in sent if one.state == "needs-explanation"]
    # The ministry's own numbers are digits; a house rule's number would say less to a data manager.
    example = next((f for at in back for f in sent[at].findings if f.kind == "error" and f.rule.isdigit()), None)
    console.print(
        f"  {len(papers)} returns: {len(sent) - len(back) - len(asked)} accepted, {len(asked)} with a question to"
        f" explain, {len(back)} sent back."
    )
    if example is not None:
        console.print(f"  For example rule {example.rule}, pupil row {example.row}: {example.title} {example.remedy}")
    for one in asked:
        _answer_queries(one, clock)
    again = _send(tuple(clean[at] for at in back), config, clock, tell, "schools send corrected returns")
    stuck = [one for one in again if _answer_queries(one, clock) != "accepted"]
    if stuck:
        rules = ", ".join(sorted({finding.rule for one in stuck for finding in one.findings}))
        raise SchoolgateError(f"{len(stuck)} corrected returns were not accepted (rules {rules}).", code="demo-returns")
    console.print(f"  {len(again)} corrected returns took the place of the first ones, which are kept sealed.")
    rows = sum(one.pupils for one in sent)
    return len(papers), len(back), rows, clean


def _match(config: Config, clock: Clock, tell: Progress) -> None:
    for point in POINTS:
        report = match.load_term(point.year, point.term, clock=clock, config=config, progress=tell)
        console.print(
            f"  {point.term.label.capitalize()} {point.year}: {report.new:,} new pupils, {report.matched:,} rows of"
            f" pupils met before, {report.queued} held for a clerk; visible in one step as version {report.version}"
            " of the lake."
        )
    case = next(iter(match.queue()), None)
    if case is not None:
        console.print(f"  What a machine must not decide waits for the clerk, for example: {case.reason}")


def _agree(config: Config, clock: Clock) -> tuple[Cast, requests.Agreement]:
    today = clock.now().date()
    cast = enter_cast(today)
    agreement = approved(cast, today, (POINTS[0].year, POINTS[-1].year), clock)
    refused = turned_down(cast, today, clock)
    notice = told(cast, clock)
    queued = waiting(cast, today, clock)
    register.publish(clock, config)
    console.print(f"  {agreement.organisation_name}: approved with reasons; agreement {agreement.id} is signed.")
    console.print(f"  {refused.organisation_name}: refused. That is public too.")
    console.print(f"  Families are told in notice {notice.number}; application {queued.id} waits for the custodian.")
    return cast, agreement


def run_journey(
    config: Config, clock: Clock, *, schools: int, pupils: int | None, seed: int, tell: Progress
) -> Outcome:
    """Run the main job.

    Args:
        config: an empty installation.
        clock: the time.
        schools: how many schools send returns.
        pupils: about how many pupils in all; None for schools of their usual size.
        seed: the synthetic nation's seed.
        tell: told how far it is.
    """
    today, clock = clock, Before(clock, DAYS)
    _say(1, "The data dictionary says what every item is and why it is collected")
    _load_dictionary(config, clock, tell)
    _say(2, "Schools send census returns; mistakes are sent back")
    returns, sent_back, rows, papers = _returns(config, clock, tell, schools=schools, pupils=pupils, seed=seed)
    _say(3, "Pupils are matched; names are sealed away from facts")
    _match(config, clock, tell)
    _say(4, "A panel decides who may use what, for what and until when")
    cast, agreement = _agree(config, clock)
    _say(5, "Every read passes the gate")
    answers = three_queries(agreement, cast.researcher, config, clock)
    _say(6, "A parent asks: who has my child's data?")
    family = open_account(papers, config, clock)
    open_staff_accounts(cast, family.password)
    family = family_looks(family, agreement, config, clock, tell)
    _say(7, "The parent says no")
    family_objects(family, agreement, clock)
    _say(8, "The next answer is without the child")
    answers = fourth_query(answers, agreement, cast.researcher, family, config, clock)
    _say(9, "The parent finds a mistake, and it is put right")
    put_right = wrong_and_put_right(family, cast, config, clock)
    _say(10, "Two days later: whoever was given the old value is told, and answers")
    put_right = carried_on(put_right, family, cast, agreement, config, today)
    _say(11, "The parent declines an item, and takes a copy of everything")
    declined_and_copied(family, config, today)
    _say(12, "Anybody can check the whole log")
    report = register.verify_log(
        str(config.log), register.verifier_key(config), state=config.home / "checkpoints-seen.json", progress=tell
    )
    console.print(f"  The log is whole: {report.checkpoint.size} entries, {report.files} files.")
    _say(13, "One byte is changed in a copy of the log")
    tampering = tamper(config)
    return Outcome(
        returns=returns, sent_back=sent_back, pupils=rows,
        agreement=agreement.id, answers=answers, family=family, put_right=put_right,
        entries=report.checkpoint.size, tampering=tampering,
        home=config.home,
    )  # fmt: skip
