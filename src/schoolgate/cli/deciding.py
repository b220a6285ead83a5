"""``schoolgate request``, the panel's part: check, return, allocate, vote, conclude, appeal, propose, meetings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from schoolgate import people, requests
from schoolgate.cli.agreeing import Actor, taken
from schoolgate.cli.console import console
from schoolgate.clock import SystemClock
from schoolgate.errors import SchoolgateError

Application = Annotated[str, typer.Argument(help="The application, e.g. APP-2026-0001.")]
Case = Annotated[str, typer.Argument(help="The case, e.g. C-0001. See: schoolgate request queue.")]
Meeting = Annotated[str, typer.Argument(help="The meeting, e.g. M-0001. See: schoolgate request meetings.")]
Reasons = Annotated[list[str], typer.Option("--reason", help="Why; public; may be repeated.")]
Members = Annotated[list[str], typer.Option("--member", help="A panel member; repeat it for each.")]
Chair = Annotated[str, typer.Option(help="Which of them leads: an independent member.")]


def check(
    application: Application,
    actor: Actor,
    missing: Annotated[list[str] | None, typer.Option(help="A line that is not met; may be repeated.")] = None,
) -> None:
    """Check whether an application is complete, for the custodian. Without --missing it is."""
    taken(requests.check_completeness(application, missing or (), actor, SystemClock()))
    if not missing:
        console.print(f"{application} is complete. Next: schoolgate request allocate {application}")
    else:
        console.print(f"Noted. Next: schoolgate request return {application}")
    for line, (asks, _) in requests.checklist().items():
        met = "missing" if line in (missing or ()) else "met"
        console.print(f"  {line}: {met}. {escape(asks)}")


def send_back(application: Application, actor: Actor, reason: Reasons = []) -> None:  # noqa: B006 - typer copies it
    """Send an application back with what is missing; what the check found is added by itself."""
    taken(requests.return_application(application, reason, actor, SystemClock()))
    console.print(f"{application} went back to who asks.")


def members(request: Annotated[str, typer.Argument(help="An application or agreement.")]) -> None:
    """Who sits on the panel, and what speaks against naming them for a request."""
    table = Table("member", "seat", "of", "speaks against it", show_edge=False)
    for one in requests.candidates(request):
        table.add_row(one.person, one.seat, escape(one.organisation), escape("; ".join(one.conflicts)))
    console.print(table)


def allocate(
    request: Annotated[str, typer.Argument(help="An application, or a proposal's case (C-0001).")],
    member: Members,
    chair: Chair,
    actor: Actor,
) -> None:
    """Name the members who decide. Who has a conflict cannot be named; independent and lay seats are required."""
    if request.startswith("C-"):
        case = taken(requests.allocate_proposal(request, member, chair, actor, SystemClock()))
    else:
        case = taken(requests.allocate(request, member, chair, actor, SystemClock()))
    console.print(f"Case {case} is before the panel. Each member: schoolgate request vote {case} --as …")
    _show(requests.case(case, people.person(actor)))


def emergency(
    application: Application,
    member: Members,
    why: Annotated[str, typer.Option(help="Why it cannot wait; public.")],
    actor: Actor,
) -> None:
    """Put an application that cannot wait before at least two members, one of them independent."""
    case = taken(requests.allocate_in_emergency(application, member, why, actor, SystemClock()))
    console.print(f"Case {case} is before these members. Each of them: schoolgate request vote {case} --as …")


def change_members(
    case: Case,
    actor: Actor,
    add: Annotated[list[str] | None, typer.Option(help="A further member; may be repeated.")] = None,
    remove: Annotated[list[str] | None, typer.Option(help="A member who takes no part; may be repeated.")] = None,
    chair: Annotated[str, typer.Option(help="Who leads from now on.")] = "",
) -> None:
    """Name further members, take members out, or let another lead."""
    taken(requests.change_members(case, add or (), remove or (), chair, actor, SystemClock()))
    _show(requests.case(case, people.person(actor)))


def declare_conflict(
    case: Case,
    kind: Annotated[str, typer.Option(help="Which kind: " + "works-there, works-together, … or other.")],
    actor: Actor,
) -> None:
    """Declare a conflict, for a member: you are out, and a vote you gave does not count. No detail is kept."""
    taken(requests.declare_conflict(case, kind, actor, SystemClock()))
    console.print(f"You take no part in {case} any more. The register tells your seat, nothing else.")


def _item_vote(text: str) -> requests.ItemVote:
    item, _, said = text.partition("=")
    decision, _, instead = said.partition(":")
    return requests.ItemVote(item.strip(), decision.strip(), instead.strip())


def vote(
    case: Case,
    choice: Annotated[str, typer.Argument(help="approve, refuse, changes or abstain.")],
    reason: Reasons,
    actor: Actor,
    item: Annotated[
        list[str] | None,
        typer.Option(
            help="On one item, may be repeated: “census_pupil.monthofbirth=coarser:census_pupil.age”, or “…=refuse”."
        ),
    ] = None,
    condition: Annotated[
        list[str] | None,
        typer.Option(
            help="A condition, may be repeated: “kind”, “kind: detail” or a sentence. Kinds: "
            + ", ".join(requests.CONDITION_KINDS)
            + "."
        ),
    ] = None,
) -> None:
    """Vote, for a member who was named. Nobody sees it until all have voted or the meeting is open."""
    items = tuple(_item_vote(one) for one in item or ())
    taken(requests.vote(case, choice, reason, items, condition or (), actor, SystemClock()))
    console.print(f"Your vote on {case} is kept. You may change it until it is decided.")


def conclude(case: Case, actor: Actor) -> None:
    """Write down what the votes come to. The quorum rules decide, not whoever asks."""
    done = taken(requests.conclude(case, actor, SystemClock()))
    view = requests.case(case, people.person(actor))
    console.print(f"{view.about} is {done}.")
    _show(view)


def appeal(application: Application, reason: Reasons, actor: Actor) -> None:
    """Appeal against a decision, for who asked: once, within 28 days, to other members."""
    taken(requests.appeal(application, reason, actor, SystemClock()))
    console.print(f"{application} is appealed. Next, for the custodian: schoolgate request allocate {application}")


def propose(
    agreement: Annotated[str, typer.Argument(help="An agreement, e.g. A-2026-0001.")],
    kind: Annotated[str, typer.Argument(help="amend, extend, resume, reaffirm or review-emergency.")],
    reason: Reasons,
    actor: Actor,
    item: Annotated[list[str] | None, typer.Option(help="An item to add; may be repeated.")] = None,
    person: Annotated[list[str] | None, typer.Option(help="A person to add; may be repeated.")] = None,
    until: Annotated[datetime | None, typer.Option(help="The new last day of use.", formats=["%Y-%m-%d"])] = None,
    replacing: Annotated[
        bool, typer.Option("--replacing", help="Put it in the place of a version not signed.")
    ] = False,
) -> None:
    """Put a change of an agreement before the panel."""
    case = taken(
        requests.propose(
            agreement,
            kind,
            items=item or (),
            added=person or (),
            valid_until=until.date() if until is not None else None,
            reasons=reason,
            actor=actor,
            clock=SystemClock(),
            replacing=replacing,
        )
    )
    console.print(f"Proposal {case} is in. Next, for the custodian: schoolgate request allocate {case}")


def _show(view: requests.CaseView) -> None:
    console.print(f"{view.id}: {view.kind_plain}, risk {view.risk}. {escape(view.rule)}")
    for why in view.risk_why:
        console.print("  • " + escape(why))
    for one in view.members:
        said = one.out or ("has voted" if one.voted else "has not voted")
        console.print(f"  {one.person} ({one.seat}{', leads' if one.chair else ''}): {said}")
    if view.standing is not None:
        for line in (*view.standing.counts, *view.standing.why):
            console.print("  " + escape(line))


def case(
    case: Case,
    actor: Actor,
) -> None:
    """One case, as you may see it."""
    try:
        _show(requests.case(case, people.person(actor)))
    except requests.NotYours as unknown:
        raise SchoolgateError(unknown.what, hint="See `request queue`.", code=unknown.code) from unknown


def queue() -> None:
    """What waits for whom, since when."""
    table = Table("request", "state", "waits for", "days", "case", "who asks", show_edge=False)
    today = SystemClock().now().date()
    for one in requests.queue(today):
        days = f"{one.days} (late)" if one.late else str(one.days)
        table.add_row(one.id, one.state, one.who, days, ", ".join(one.cases), escape(one.organisation))
    console.print(table)


def call_meeting(
    day: Annotated[datetime, typer.Argument(help="The day, e.g. 2026-09-01.", formats=["%Y-%m-%d"])],
    case: Annotated[list[str], typer.Option(help="A case; repeat it for each.")],
    actor: Actor,
) -> None:
    """Call a meeting, for the custodian."""
    meeting = taken(requests.call_meeting(day.date(), case, actor, SystemClock()))
    console.print(f"Meeting {meeting} is called. On the day: schoolgate request meeting-open {meeting}")


def open_meeting(
    meeting: Meeting, present: Annotated[list[str], typer.Option(help="A member who is there.")], actor: Actor
) -> None:
    """Open a meeting: from now on its members see each other's votes."""
    taken(requests.open_meeting(meeting, present, actor, SystemClock()))
    console.print(f"Meeting {meeting} is open.")


def close_meeting(meeting: Meeting, actor: Actor) -> None:
    """Close a meeting and make its minutes from what was recorded."""
    taken(requests.close_meeting(meeting, actor, SystemClock()))
    minutes(meeting, actor)


def minutes(meeting: Meeting, actor: Actor) -> None:
    """The minutes of a meeting, with their notes."""
    found = requests.meeting(meeting, people.person(actor))
    typer.echo(found.text)
    console.print(f"{found.state}; approved by {found.approvals} of {found.needed}. SHA-256 {found.text_hash}")


def correct_minutes(
    meeting: Meeting, note: Annotated[str, typer.Option(help="What is to be said besides.")], actor: Actor
) -> None:
    """Add a note under the minutes; they themselves stay as they were made."""
    taken(requests.correct_minutes(meeting, note, actor, SystemClock()))
    minutes(meeting, actor)


def approve_minutes(
    meeting: Meeting, text_hash: Annotated[str, typer.Option("--hash", help="Of the text you read.")], actor: Actor
) -> None:
    """Approve the minutes, for a member who was there. The second approval publishes them."""
    console.print(f"{taken(requests.approve_minutes(meeting, text_hash, actor, SystemClock()))}.")


def meetings(actor: Actor) -> None:
    """The meetings you may see."""
    table = Table("meeting", "day", "state", "about", show_edge=False)
    for one in requests.meetings(people.person(actor)):
        table.add_row(one.id, str(one.day), one.state, ", ".join(one.cases))
    console.print(table)


def rules() -> None:
    """Print the rules of deciding: risk, quorum, conflicts, days."""
    typer.echo(requests.panel_document(), nl=False)


def add_to(app: typer.Typer) -> None:
    """Put the commands under ``request``."""
    commands: dict[str, Callable[..., None]] = {
        "check": check,
        "return": send_back,
        "members": members,
        "allocate": allocate,
        "emergency": emergency,
        "change-members": change_members,
        "declare-conflict": declare_conflict,
        "vote": vote,
        "conclude": conclude,
        "appeal": appeal,
        "propose": propose,
        "case": case,
        "queue": queue,
        "rules": rules,
        "meeting-call": call_meeting,
        "meeting-open": open_meeting,
        "meeting-close": close_meeting,
        "minutes": minutes,
        "minutes-correct": correct_minutes,
        "minutes-approve": approve_minutes,
        "meetings": meetings,
    }
    for name, command in commands.items():
        app.command(name)(command)
