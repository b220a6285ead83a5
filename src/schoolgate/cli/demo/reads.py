"""The researcher's four questions: two answered, one refused, and one asked again after a family said no."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow.csv as pa_csv

from schoolgate import gate, requests
from schoolgate.cli.console import console
from schoolgate.cli.demo.family import Family
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError

BY_MEALS = """
SELECT ethnicity, fsmeligible, count(*) AS pupils,
       round(100.0 * sum(sessionsauthorised + sessionsunauthorised) / sum(sessionspossible), 1) AS percent_missed
FROM census_pupil WHERE year = 2026 AND term = 'SPR' GROUP BY ethnicity, fsmeligible
"""
BY_PUPIL = """
SELECT p.pupil, p.ncyearactual, p.fsmeligible, sum(a.sessions) AS half_days_ill
FROM census_pupil p LEFT JOIN census_absence a
  ON a.pupil = p.pupil AND a.year = p.year AND a.term = p.term AND a.attendancereason = 'I'
WHERE p.year = 2026 AND p.term = 'SPR' GROUP BY p.pupil, p.ncyearactual, p.fsmeligible
"""
TOO_MUCH = """
SELECT urn, language, monthofbirth, random() FROM census_pupil WHERE year = 2026
"""


@dataclass(frozen=True, slots=True)
class Answers:
    """What came of the questions.

    Attributes:
        releases: the releases of the answered ones, in order.
        refused: codes of the reasons of the refused one.
        before: pupils in the pupil-level answer before the family said no.
        after: and after.
    """

    releases: tuple[str, ...]
    refused: tuple[str, ...]
    before: int
    after: int = 0


def _keep(name: str, answer: gate.Handover, config: Config) -> Path:
    place = config.home / "demo" / "researcher"
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    pa_csv.write_csv(answer.table, place / f"{name}.csv")
    (place / f"{name}-receipt.json").write_text(json.dumps(answer.receipt, indent=1, ensure_ascii=False) + "\n")
    return place


def _ask(sql: str, agreement: requests.Agreement, person: str, config: Config, clock: Clock) -> gate.Handover:
    answer = gate.read(agreement.id, person, sql.strip(), config=config, clock=clock)
    if isinstance(answer, gate.RefusedQuery):
        reasons = "; ".join(reason.reason for reason in answer.reasons)
        raise SchoolgateError(f"The gate refused a question that it should answer: {reasons}", code="demo-refused")
    gate.settle_pending(config, clock)
    return answer


def three_queries(agreement: requests.Agreement, person: str, config: Config, clock: Clock) -> Answers:
    """Ask for a table, for a row a pupil, and for more than was approved."""
    table = _ask(BY_MEALS, agreement, person, config, clock)
    _keep("1-absence-by-meals", table, config)
    console.print(
        f"  A table by ethnic background and free meals: {table.table.num_rows} rows, release {table.release_id}."
    )
    extract = _ask(BY_PUPIL, agreement, person, config, clock)
    _keep("2-illness-by-pupil", extract, config)
    console.print(
        f"  A row for each pupil under this agreement's own pseudonyms: {extract.table.num_rows:,} rows,"
        f" release {extract.release_id}."
    )
    refused = gate.read(agreement.id, person, TOO_MUCH.strip(), config=config, clock=clock)
    if not isinstance(refused, gate.RefusedQuery):
        raise SchoolgateError("The gate answered a question that it must refuse.", code="demo-answered")
    console.print("  A question for more than was approved: [bold]refused[/], with every reason, and on record:")
    for reason in refused.reasons:
        console.print(f"    • {reason.reason}", markup=False)
    return Answers(
        releases=(table.release_id, extract.release_id),
        refused=tuple(reason.code for reason in refused.reasons),
        before=extract.table.num_rows,
    )


def fourth_query(
    answers: Answers, agreement: requests.Agreement, person: str, family: Family, config: Config, clock: Clock
) -> Answers:
    """Ask for a row a pupil once more.

    Raises:
        SchoolgateError: the child is still in the answer or on the family's page of who was given something.
    """
    again = _ask(BY_PUPIL, agreement, person, config, clock)
    _keep("4-illness-by-pupil-again", again, config)
    named = again.release_id in family.releases_of(agreement)
    console.print(
        f"  The same question: {again.table.num_rows:,} rows instead of {answers.before:,}; release {again.release_id}"
        f" {'IS' if named else 'is not'} among those on the family's page."
    )
    if named or again.table.num_rows != answers.before - 1:
        raise SchoolgateError("The objection was not honoured.", code="demo-objection")
    return replace(answers, releases=(*answers.releases, again.release_id), after=again.table.num_rows)
