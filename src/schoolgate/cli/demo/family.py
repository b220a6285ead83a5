"""The family's part: a code from the school, who has the child's data, the proofs, and saying no."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from schoolgate import collect, people, requests, rights
from schoolgate.cli.console import console
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.errors import Refusal, SchoolgateError
from schoolgate.progress import Progress
from schoolgate.web import VERIFIER

EMAIL = "parent@example.org"


@dataclass(frozen=True, slots=True)
class Family:
    """A parent's account with one child, and what it found.

    Attributes:
        lines_before: reads under the agreement that the family found.
        proofs: proof files that the single-file verifier accepted.
        has_meals: whether the record says that the child is eligible for free school meals.
    """

    email: str
    password: str
    link: rights.ChildLink
    lines_before: int = 0
    proofs: int = 0
    has_meals: bool = False

    def releases_of(self, agreement: requests.Agreement) -> frozenset[str]:
        """The releases under an agreement that the family's page names now."""
        return frozenset(
            release.release_id
            for line in rights.lines_for(self.link)
            if line.agreement_id == agreement.id
            for release in line.releases
        )


def _own_pupils(papers: tuple[Path, ...]) -> Iterator[tuple[int, str]]:
    """(URN, UPN) of pupils on roll in the latest census, as the school finds them in its own return."""
    for paper in reversed(papers):
        with paper.open("rb") as stream:
            header, rows = collect.read_return(stream)
            for row in rows:
                if row.on_roll and row.fields.get("enrolstatus") == "C" and row.fields.get("ncyearactual") == "4":
                    yield int(header.urn), row.fields["upn"]
                    break


def open_account(papers: tuple[Path, ...], config: Config, clock: Clock) -> Family:
    """The school issues a code for one of its pupils; a parent makes an account and uses it."""
    password = "-".join(secrets.token_hex(2) for _ in range(4))
    account = people.create_account(EMAIL, password)
    for urn, upn in _own_pupils(papers):
        issued = rights.issue_code(urn, upn, school_actor=f"school:{urn}", clock=clock, config=config)
        if isinstance(issued, Refusal):
            continue  # held for a clerk, say: the school then takes another pupil
        console.print(f"  The school gives the parent a code that works once, until {issued.expires_at:%-d %B %Y}.")
        link = rights.redeem_code(account.id, issued.text, clock, config=config)
        if isinstance(link, Refusal):
            raise SchoolgateError(link.reason, hint=link.remedy, code="demo-code")
        return Family(EMAIL, password, link)
    raise SchoolgateError(
        "No school of this small world has a pupil in year 4.",
        hint="Try more schools: --schools 40.",
        code="demo-small",
    )


def family_looks(family: Family, agreement: requests.Agreement, config: Config, clock: Clock, tell: Progress) -> Family:
    """The family reads its page, downloads every proof and checks each with the single-file verifier."""
    record = rights.my_record(family.link, clock=clock, config=config)
    held = sum(len(rows) for rows in record.tables.values())
    console.print(f"  What is held: {held} records of the child; this look is itself written down.")
    lines = rights.lines_for(family.link)
    for line in lines:
        console.print(
            f"  {line.organisation}: {len(line.items)} items, for “{line.purpose}”, {line.lawful_basis}; processed at:"
            f" {line.processed_at}, {line.country}; until {line.until:%-d %B %Y}.",
            markup=False,
        )
    place = config.home / "demo" / "family"
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    releases = [release.release_id for line in lines for release in line.releases]
    for number, release in enumerate(releases, start=1):
        proof = place / f"proof-{number}.json"
        proof.write_text(json.dumps(rights.proof_file(family.link, release, config=config), indent=1) + "\n")
        tell("checking the family's proofs", number, len(releases))
        checked = subprocess.run(  # noqa: S603 - our own file, by its own path
            [sys.executable, "-I", str(VERIFIER), str(proof)], capture_output=True, text=True, check=False
        )
        if checked.returncode != 0:
            raise SchoolgateError(f"A family's proof was not accepted: {checked.stdout}", code="demo-proof")
    console.print(f"  {len(releases)} proof files checked offline with verify_receipt.py: all hold.")
    latest = max(record.tables["census_pupil"], key=lambda row: int(str(row["year"])))
    return replace(
        family, lines_before=len(family.releases_of(agreement)), proofs=len(releases),
        has_meals=bool(latest["fsmeligible"]),
    )  # fmt: skip


def family_objects(family: Family, agreement: requests.Agreement, clock: Clock) -> None:
    """Say no to the agreement's purpose."""
    made = rights.object_to(family.link, agreement.purpose, clock=clock)
    if made.overridden:
        raise SchoolgateError("The law overrides this objection; the demo needs one that counts.", code="demo-purpose")
    console.print("  No to education research, for this child. It counts from the next question on.")
