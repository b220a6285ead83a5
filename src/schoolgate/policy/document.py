"""The decision table as a page: what docs/policy.md holds, drawn from the rules themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schoolgate.dictionary import consent_only_items, purposes
from schoolgate.policy.asking import ITEM
from schoolgate.policy.collected import TOLD_OF_CHANGE, TOLD_OF_ITEM
from schoolgate.policy.decide import RULES
from schoolgate.policy.table import Rule


def _rule(rule: Rule[Any]) -> Iterator[str]:
    for number, case in enumerate(rule.cases):
        title = f"**{rule.title}** (`{rule.id}`)" if number == 0 else ""
        code = f" `{case.code}`" if case.code else ""
        yield f"| {title} | {case.name} | {case.verdict}{code} |"


def as_markdown() -> str:
    """Every rule with its cases, then what each purpose can rest on, then the items that need a yes."""
    lines = ["| rule | case | verdict |", "|---|---|---|"]
    for rule in RULES:
        lines += _rule(rule)
    lines += _rule(TOLD_OF_CHANGE)
    lines += _rule(ITEM)
    lines += _rule(TOLD_OF_ITEM)
    lines += [
        "",
        "| purpose | Article 6(1) | power to share | notice, in days | can be objected to |",
        "|---|---|---|---|---|",
    ]
    for purpose in purposes():
        bases = ", ".join(f"({letter})" for letter in purpose.bases) or "none"
        objection = "no" if purpose.statutory_override else "yes"
        lines.append(
            f"| {purpose.name} (`{purpose.id}`) | {bases} | {purpose.carried_by or 'none'} | {purpose.notice_days} |"
            f" {objection} |"
        )
    lines += ["", "| item that needs a yes | why | source |", "|---|---|---|"]
    lines += [f"| `{one.item}` | {one.why} | {one.source} |" for one in consent_only_items()]
    return "\n".join(lines) + "\n"
