"""A submission's report for machines: rule, row, item, what is wrong, what to do. Never a value of a pupil."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from schoolgate.collect.pack import rules
from schoolgate.collect.service import Submission
from schoolgate.ids import Term


def as_report(submissions: Sequence[tuple[str, Submission]]) -> Mapping[str, Any]:
    """Reports of several files as plain values for JSON: file name -> what became of it.

    `findings_bounded` says that of some rule fewer rows are listed than were found; `counts` always has the
    true number.
    """
    return {"returns": [_one(name, sent) for name, sent in submissions]}


def _one(name: str, sent: Submission) -> Mapping[str, Any]:
    official = {rule.number: rule.official for rule in rules(sent.year, Term(sent.term)).rules}
    listed = len(sent.findings)
    found = sum(count.times for count in sent.counts)
    return {
        "file": name,
        "return": sent.return_id,
        "year": sent.year,
        "term": sent.term,
        "state": sent.state,
        "pupils": sent.pupils,
        "sent_before": sent.known,
        "replaces": sent.replaces or None,
        "stays_in_force": sent.stays_in_force or None,
        "counts": [
            {
                "rule": count.rule,
                "official_number": official.get(count.rule, False),
                "kind": count.kind,
                "times": count.times,
            }
            for count in sent.counts
        ],
        "findings": [
            {
                "rule": finding.rule,
                "kind": finding.kind,
                "row": finding.row or None,
                "item": finding.item,
                "wrong": finding.title,
                "to_do": finding.remedy,
            }
            for finding in sent.findings
        ],
        "findings_bounded": listed < found,
    }
