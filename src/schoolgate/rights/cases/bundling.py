"""Everything of one case as one ZIP file, for a regulator, tribunal or court: what was said, files, letters, proofs.

It names nobody but whom the family itself named: staff appear as roles. Of the log it holds the proof of each release
that took what the case is about, which anybody can check with the offline verifier.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime

from schoolgate import requests, statutory
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.rights.cases.evidence import file_of
from schoolgate.rights.cases.kept import as_mapping, unknown, view_of
from schoolgate.rights.cases.letters import item_name, letter_pdf
from schoolgate.rights.cases.models import Case
from schoolgate.rights.cases.states import LIFE
from schoolgate.rights.cases.views import CaseView, FileOut, OnPaper
from schoolgate.rights.lines import UnknownLine, proof_file, who_has
from schoolgate.rights.views import ChildLink

MOST_PROOFS = 200
"""Of the newest releases: what a tribunal can read, and what is made while a page waits."""

_README = """This file holds everything of one case about a child's data.

case.json       the case, each step with its day, who took it (as a role), and what was said
history.txt     the same to read, and as history.pdf; what somebody wrote on several lines stands behind bars
letters/        each letter as text and as a PDF
evidence/       the files that were sent
proofs/         for each use of the data: the proof that it stands in the public log, and that this child is on its
                sealed list. Check one with verify_receipt.py, which the custodian's site offers:
                python verify_receipt.py FILE --key "the log's key"
SHA256SUMS      the digest of each file
"""


def bundle(row: Case, link: ChildLink | None, *, config: Config, clock: Clock) -> FileOut:
    """The whole case as one file.

    Args:
        row: the case, which whoever asks may see.
        link: the family's link to the child; None: without proofs, which are the family's alone.
        config: the installation.
        clock: the time.
    """
    view = view_of(row, "family", config, clock)
    files = dict(_files(row, view, link, config))
    sums = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(files.items()))
    files["SHA256SUMS"] = sums.encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as out:
        for name, data in sorted(files.items()):
            # One fixed day, so that the same case gives the same bytes (the format knows no earlier one).
            out.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)
    content = base64.b64encode(packed.getvalue()).decode()
    return FileOut(f"{row.reference}.zip", "application/zip", content)


def _files(row: Case, view: CaseView, link: ChildLink | None, config: Config) -> Iterator[tuple[str, bytes]]:
    yield "README.txt", _README.encode()
    yield "case.json", (json.dumps(_document(view), indent=2, ensure_ascii=False) + "\n").encode()
    history = tuple(_history(view))
    yield "history.txt", "".join(f"\n{text}\n" if kind == "heading" else f"{text}\n" for kind, text in history).encode()
    lines = [requests.line(kind, text) for kind, text in history if text.strip()]
    title = f"Case {row.reference}"
    yield "history.pdf", requests.document_pdf([requests.line("title", title), *lines], title, "; history.txt")
    for step in view.steps:
        if step.said.letter:
            name = f"letters/{step.number:02d}-{step.event}"
            yield f"{name}.txt", step.said.letter.encode()
            yield f"{name}.pdf", letter_pdf(step.said.letter, row.reference)
    for one in view.evidence:
        held = file_of(row, one.number, config)
        yield f"evidence/{one.number:02d}-{held.name}", base64.b64decode(held.content)
    if link is not None:
        yield from _proofs(row, link, config)


def _document(view: CaseView) -> dict[str, object]:
    return {
        "schoolgate": "case/1",
        "reference": view.line.reference,
        "kind": view.line.kind,
        "right": view.right,
        "state": view.line.state,
        "item": view.line.item or None,
        "received_on": view.line.received_on.isoformat(),
        "wrong_since": view.wrong_since.isoformat() if view.wrong_since else None,
        "extended": view.extended,
        "outcome": view.outcome or None,
        "item_kept_out_of_use": view.disputed,
        "clocks": {name: asdict(rule) for name, rule in statutory.RULES.items()},
        "steps": [
            {
                "number": step.number,
                "what": step.event,
                "state_after": step.target,
                "who": step.who,
                "at": _iso(step.at),
                **{key: value for key, value in as_mapping(step.said).items() if key != "letter"},
                **({"on_paper": _paper(step.paper)} if step.paper else {}),
            }
            for step in view.steps
        ],
        "evidence": [
            {
                "number": one.number,
                "name": one.name,
                "kind": one.kind,
                "size": one.size,
                "who": one.who,
                "at": _iso(one.at),
            }
            for one in view.evidence
        ],
    }


def _paper(paper: OnPaper) -> dict[str, str | None]:
    return {"state": paper.state, "on": paper.on.isoformat() if paper.on else None}


def _iso(at: datetime) -> str:
    return at.isoformat()


def _history(view: CaseView) -> Iterator[tuple[str, str]]:
    """The history as lines, each with its kind: a step is a heading, and nothing that somebody wrote is one."""
    yield "paragraph", f"Case {view.line.reference}: {view.line.kind} ({view.right})"
    if view.line.item:
        yield "paragraph", f"About: {item_name(view.line.item)} ({view.line.item})"
    why = {move.event: move.why for move in LIFE.moves}
    for step in view.steps:
        at, what = f"{step.at:%-d %B %Y, %H:%M} UTC", step.event.replace("_", " ")
        yield "heading", f"{step.number}. {at}: {what}, by the {step.who}"
        if step.event in why:
            yield "paragraph", f"   ({why[step.event]})"
        for key, value in as_mapping(step.said).items():
            if key != "letter":
                yield from (("paragraph", f"   {one}") for one in _behind_bars(key.replace("_", " "), str(value)))


def _behind_bars(name: str, text: str) -> Iterator[str]:
    """What somebody wrote, so that no line of it can be taken for a step, or for another thing that was said in one."""
    lines = text.splitlines()
    if len(lines) < 2:
        yield f"{name}: {text.strip()}"
        return
    yield f"{name}:"
    yield from (f"| {one}" for one in lines)


def _proofs(row: Case, link: ChildLink, config: Config) -> Iterator[tuple[str, bytes]]:
    concerned = [
        line.release_id
        for line in who_has(link, config=config)
        if line.can_prove and (not row.item or row.item in line.items)
    ]
    for release in concerned[:MOST_PROOFS]:
        try:
            proof = proof_file(link, release, config=config)
        except UnknownLine:
            continue  # told to this family later, by law
        yield f"proofs/{release}.json", (json.dumps(proof, indent=2, ensure_ascii=False) + "\n").encode()
    if len(concerned) > MOST_PROOFS:
        yield "proofs/MORE.txt", f"{len(concerned) - MOST_PROOFS} older ones are on the child's page.\n".encode()


def letter(row: Case, number: int, config: Config, clock: Clock) -> str:
    """The text of the letter that a step has.

    Raises:
        UnknownCase: it has none.
    """
    for step in view_of(row, "family", config, clock).steps:
        if step.number == number and step.said.letter:
            return step.said.letter
    raise unknown()
