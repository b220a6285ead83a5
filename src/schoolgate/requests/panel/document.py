"""The rules of deciding as a page of the docs, made from the data itself so that the two cannot disagree."""

from __future__ import annotations

from schoolgate.people import SEATS
from schoolgate.requests.panel.cases import CASES
from schoolgate.requests.panel.clocks import clocks
from schoolgate.requests.panel.complete import checklist
from schoolgate.requests.panel.conflict import CONFLICT_KINDS
from schoolgate.requests.panel.meeting import APPROVALS, MEETINGS
from schoolgate.requests.panel.quorum import KINDS, RISKS, rules
from schoolgate.requests.panel.triage import risk_rules


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    return [
        f"| {' | '.join(head)} |",
        f"|{'---|' * len(head)}",
        *(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows),
        "",
    ]


def _quorum_rows() -> list[tuple[str, ...]]:
    seen: dict[tuple[str, str], list[str]] = {}
    for (kind, risk), rule in rules().items():
        seen.setdefault((risk, f"{rule.plain}{' Who leads votes too.' if rule.chair_votes else ''}"), []).append(kind)
    ordered = sorted(seen.items(), key=lambda entry: RISKS.index(entry[0][0]))
    return [(", ".join(KINDS[kind] for kind in kinds), risk, plain) for (risk, plain), kinds in ordered]


def panel_document() -> str:
    """The whole page, as Markdown."""
    days = clocks()
    lines = [
        "# How the panel decides",
        "",
        "Printed by `schoolgate request rules` from `requests/panel/data/`; a test holds the two together.",
        "",
        "## Risk",
        "",
        "The highest class that any rule gives counts; what no rule names is standard.",
        "",
        *_table(
            ("what", "is", "class", "why"),
            [(rule.fact, ", ".join(rule.values), rule.risk, rule.why) for rule in risk_rules()],
        ),
        "## Who is needed",
        "",
        "Seats: " + "; ".join(f"{seat}: {words}" for seat, words in SEATS.items()) + ".",
        "",
        *_table(("what is decided", "class", "who is needed"), _quorum_rows()),
        "Each item needs the majority that the whole needs; whoever refuses, or asks for changes, approves no item. A"
        " condition of one member who approves holds, because without it that vote would be no approval. Abstaining is"
        " no vote. More votes for changes than against send an application back. Two persons of one account are one"
        " human being, and one vote.",
        "",
        "No data file can let one person decide, or a panel without an independent member, or a minority: such a file"
        " is not read.",
        "",
        "## Who may not",
        "",
        "A member is not named, and what they voted does not count, when they belong to who asks, its owner or whoever"
        " it merged with; when the same human being does; when they are named in the application or wrote it; when"
        " they declared an interest; when they proposed the change; when they have left. A member declares a conflict"
        " at any time before the decision: "
        + "; ".join(CONFLICT_KINDS.values())
        + ". The register tells the seat and nothing else.",
        "",
        "## Before the vote",
        "",
        *_table(("the custodian asks", "who asks is told"), [(asks, told) for asks, told in checklist().values()]),
        "Each member votes without knowing how the others did, until all have voted or a meeting is opened. A changed"
        " vote is a new row; the minutes tell both.",
        "",
        "## Nobody chooses who decides by how they decide",
        "",
        "- Who has voted is taken out only for a conflict, or because they left. Once the votes are shown a member"
        " joins only in the place of one who is out; once they are enough nobody is added,"
        " nothing is sent back, and what was refused is not taken back: the decision is written down.",
        "- No member sends an application back alone: they vote to ask for changes. An appeal does not go back.",
        "- What cannot wait is put before a few members once. The register tells at once that it is, why, and when"
        " they did not agree.",
        "- Each change of the members, and each change of an agreement that is proposed or taken back, is in the"
        " register at once, with seats and roles and no person.",
        "- The class of risk is that of the day of the decision, with every item added before; when it has risen the"
        " votes of the higher class are needed.",
        "- Whoever of the custodian is tied to who asks, in whichever of their persons, neither names the members nor"
        " signs.",
        "",
        "## Days",
        "",
        f"An appeal comes within {days.appeal_days} days of the decision, once, and is final. "
        + ("Who decided does not look at it, as long as enough others can be found. " if days.others else "")
        + ("Somebody else leads. " if days.chair_differs else "")
        + f"What was approved in an emergency is looked at by the whole panel within {days.review_days} days; after"
        " that the gate refuses.",
        "",
        *_table(
            ("state", "waits for", "late after, in days"),
            [(one.state.replace("_", " "), one.who, str(one.days)) for one in days.waits],
        ),
        "## Meetings and minutes",
        "",
        f"A meeting opens on its day. One that was called less than {days.meeting_days} days before waits for everybody"
        " who was named and has not voted; else who is away is not waited for. From then on the members see each"
        " other's votes.",
        "",
        f"Minutes are made from what was recorded, with seats and no person. Notes are added under them; {APPROVALS}"
        " members who were there approve the text over its hash, and it is published whole.",
        "",
        "```mermaid",
        CASES.mermaid(),
        "```",
        "",
        "```mermaid",
        MEETINGS.mermaid(),
        "```",
        "",
    ]
    return "\n".join(lines)
