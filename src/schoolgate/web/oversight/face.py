"""The overseer's face: everything can be read without asking; all it changes is its own place, and questions."""

from __future__ import annotations

from datetime import date, timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from schoolgate import oversight, people, published, register, requests
from schoolgate.clock import custodians_day
from schoolgate.errors import Refused, SchoolgateError
from schoolgate.web.acting import at_desk, only_for
from schoolgate.web.oversight import computed
from schoolgate.web.oversight.forms import Ask
from schoolgate.web.oversight.lists import all_of
from schoolgate.web.oversight.public import as_file, file_of_figures
from schoolgate.web.ports import clock, installation
from schoolgate.web.public import sources
from schoolgate.web.public.standing import up_to_date
from schoolgate.web.public.words import entry

PAGE = 100

_STATED_IN = 2
"""Days after a quarter's end within which its statement is there: a worker looks every six hours."""

_STATES = requests.LIFECYCLE.states


@require_safe
@only_for("overseer")
def home(request: HttpRequest, person: people.PersonView) -> HttpResponse:
    """What somebody has to act on, and what changed since this person last looked."""
    today = custodians_day(clock())
    found = computed.figures(computed.now())
    changed, checked = oversight.changes(person.id), computed.checked()
    context = {
        "alarms": [(one.metric.question, row) for one in found for row in one.rows if row.is_alarm],
        "late": [one for one in requests.queue(today) if one.late],
        "unstated": [
            name
            for name in oversight.quarters_to_state(clock())
            if today > oversight.quarter(name).last + timedelta(days=_STATED_IN)
        ],
        "undeclared": checked.undeclared,
        "held_too_long": checked.held_too_long,
        "families": at_desk("families-standing", person),
        "changes": changed,
        "groups": [
            (group.heading, group.count, [entry(one.index, one.body, sources.purpose_name) for one in group.entries])
            for group in changed.groups
        ],
    }
    return render(request, "schoolgate/oversight/home.html", context)


@require_POST
@only_for("overseer")
def seen(request: HttpRequest, person: people.PersonView) -> HttpResponse:
    """Note how far this person has looked."""
    size = request.POST.get("size", "")
    if not (size.isascii() and size.isdigit() and len(size) < 16):
        raise Http404
    outcome = at_desk("oversight-seen", person, size=int(size))
    if not isinstance(outcome, Refused):  # otherwise another window has noted more already
        messages.success(request, _("Noted. Next time you see what came after entry %(n)s.") % {"n": size})
    return redirect("oversight")


def _years(spec: requests.ApplicationSpec) -> str:
    return ", ".join(str(first) if first == last else f"{first} to {last}" for first, last in spec.years)


def _row(one: requests.Application) -> dict[str, object]:
    return {
        "id": one.id,
        "agreement": one.agreement_id,
        "organisation": one.organisation_name,
        "kind": one.organisation_kind,
        "title": one.spec.title,
        "purpose": one.spec.purpose,
        "state": one.state,
        "items": one.spec.items,
        "years": _years(one.spec),
        "reasons": one.reasons,
    }


@require_safe
@only_for("overseer")
def applications(request: HttpRequest, person: people.PersonView) -> HttpResponse:
    """Every application from its submission on. Query: ``state``; ``before``; ``as``, csv or json."""
    state, before = request.GET.get("state", ""), request.GET.get("before", "")
    if (state and state not in _STATES) or (
        before and not (before.isascii() and before.isdigit() and len(before) < 16)
    ):
        raise Http404
    wanted = [state] if state else [one for one in _STATES if one != requests.LIFECYCLE.start]
    columns = ("id", "agreement", "organisation", "kind", "title", "purpose", "state", "items", "years", "reasons")
    if form := request.GET.get("as", ""):
        rows = [_row(one) for one in requests.applications() if one.state in wanted]
        return as_file(
            oversight.as_json(rows) if form == "json" else oversight.as_csv(columns, rows), "applications", form
        )
    lines, older = requests.listed(wanted, before=int(before) if before else None, limit=PAGE)
    states = [(one, one.replace("_", " ")) for one in _STATES if one != requests.LIFECYCLE.start]
    context = {
        "rows": [_row(requests.application(one.application_id)) for one in lines],
        "state": state,
        "states": states,
        "older": older,
    }
    return render(request, "schoolgate/oversight/applications.html", context)


def _reads(agreement_id: str) -> tuple[list[tuple[int, str]], int]:
    """The newest reads under an agreement, as (entry, time), and how many there were, however many others there are."""
    if not agreement_id:
        return [], 0
    standing = up_to_date()
    case = published.case(agreement_id)
    late = [  # what the register's pages have not taken in yet
        (one.index, str(one.body["at"]))
        for one in register.events(type=sources.RELEASE, limit=PAGE * 10)
        if one.index >= standing.read and one.body.get("agreement") == agreement_id
    ]
    lines = published.releases_of(case, most=PAGE) if case else ()
    found = [*late, *((one.index, one.at) for one in lines)]
    return found[:PAGE], len(late) + (case.releases if case else 0)


@require_safe
@only_for("overseer")
def application(request: HttpRequest, person: people.PersonView, request_id: str) -> HttpResponse:
    """One request: its steps, who decided how and why, what was signed, and each time it was read."""
    try:
        found = requests.application(request_id)
    except SchoolgateError as unknown:
        raise Http404 from unknown
    if found.state == requests.LIFECYCLE.start:
        raise Http404
    agreement = requests.get(found.agreement_id) if found.agreement_id else None
    reads, count = _reads(found.agreement_id or "")
    missing = requests.completeness(found.id)
    context = {
        "application": found,
        "agreement": agreement,
        "steps": requests.history(found.id),
        "versions": requests.versions(found.id),
        "cases": [
            (case, [(vote, case.seats.get(vote.person, "")) for vote in case.votes])
            for case in requests.cases_of(found.id, person)
        ],
        "missing": None if missing is None else [requests.checklist()[line][1] for line in missing],
        "reads": reads,
        "reads_count": count,
    }
    return render(request, "schoolgate/oversight/application.html", context)


@require_safe
@only_for("overseer")
def entries(request: HttpRequest, person: people.PersonView, kind: str) -> HttpResponse:
    """Entries of the log of one kind, newest first, with everything they say. Query: ``before``; ``as``."""
    if kind not in register.EVENT_TYPES:
        raise Http404
    before = request.GET.get("before", "")
    if before and not (before.isascii() and before.isdigit() and len(before) < 16):
        raise Http404
    if form := request.GET.get("as", ""):
        return all_of(kind, form)
    found = register.events(type=kind, before=int(before) if before else None, limit=PAGE)
    context = {
        "kind": kind,
        "title": register.title(kind),
        "entries": [sources.in_words(one) for one in found],
        "older": found[-1].index if len(found) == PAGE else None,
        "kinds": sorted((register.title(name), name, count) for name, count in register.totals().items()),
    }
    return render(request, "schoolgate/oversight/entries.html", context)


@require_safe
@only_for("overseer")
def figures(request: HttpRequest, person: people.PersonView) -> HttpResponse:
    """Every metric of any period. Query: ``from`` and ``until``, days; ``as``, csv or json."""
    period, problem = computed.now(), ""
    try:
        first, last = request.GET.get("from", ""), request.GET.get("until", "")
        if first or last:
            period = oversight.Period.between(date.fromisoformat(first), date.fromisoformat(last))
    except (ValueError, SchoolgateError):
        problem = _("Enter two days such as 2026-07-01 and 2026-09-30, the earlier one first.")
    found = computed.figures(period)
    if (form := request.GET.get("as", "")) and not problem:
        return file_of_figures(found, f"figures-{period.first}-{period.last}", form)
    context = {"figures": found, "period": period, "problem": problem}
    return render(request, "schoolgate/oversight/period.html", context)


@require_safe
@only_for("overseer")
def machinery(request: HttpRequest, person: people.PersonView) -> HttpResponse:
    """Who watches the log and what they saw; what waits in the queue; reads that are not sealed yet."""
    queue = at_desk("queue-show", person)
    found = oversight.health(installation(), clock(), queue)
    return render(request, "schoolgate/oversight/machinery.html", {"health": found})


@require_safe
@only_for("overseer")
def meetings(request: HttpRequest, person: people.PersonView) -> HttpResponse:
    """The panel's meetings and their minutes, in every state."""
    return render(request, "schoolgate/oversight/meetings.html", {"meetings": requests.meetings(person)})


@require_http_methods(["GET", "HEAD", "POST"])
@only_for("overseer")
def ask(request: HttpRequest, person: people.PersonView) -> HttpResponse:
    """Put a question to the custodian."""
    form = Ask(request.POST or None, initial={"about": request.GET.get("about", "")[:40]})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        outcome = at_desk(
            "oversight-question", person, question=given["question"], about=given["about"], due=given["due"]
        )
        if not isinstance(outcome, Refused):
            messages.success(request, _("Your question %(n)s is in the register.") % {"n": outcome.number})
            return redirect("oversight")
        form.refuse(outcome)
    return render(request, "schoolgate/oversight/ask.html", {"form": form})
