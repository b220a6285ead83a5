"""What the custodian destroys of its own, on pages: proposed by one person, decided by another, with its certificate.

A pupil's number is sent in a form and stands in no address.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from schoolgate import gate, people
from schoolgate.errors import Refused
from schoolgate.web.acting import at_desk, only_for, sent
from schoolgate.web.custodian.destruction_forms import Decide, Items, Pupil
from schoolgate.web.custodian.forms import StepForm
from schoolgate.web.custodian.step import step

_METHODS = ["GET", "HEAD", "POST"]

STANDS = MappingProxyType(
    {
        "proposed": lazy("waits for a second person"),
        "agreed": lazy("agreed: it is being destroyed"),
        "done": lazy("destroyed"),
        "refused": lazy("refused: nothing was destroyed"),
        "withdrawn": lazy("taken back: nothing was destroyed"),
    }
)
"""State -> in words."""


def _all(person: people.PersonView) -> tuple[gate.DestructionView, ...]:
    found = at_desk("destructions", person)
    if isinstance(found, Refused):
        raise Http404
    return tuple(found)


def _one(number: str, person: people.PersonView) -> gate.DestructionView:
    found = next((one for one in _all(person) if one.number == number), None)
    if found is None:
        raise Http404
    return found


def _back() -> tuple[str, str]:
    return reverse("custodian-destructions"), _("what is destroyed")


def _to(number: str) -> tuple[str, str]:
    return reverse("custodian-destruction", args=[number]), number


@require_safe
@only_for("custodian", "overseer")
def index(request: HttpRequest, person: people.PersonView) -> HttpResponse:
    """What is past its last day, what was proposed, and what was destroyed."""
    due = at_desk("destroy-due", person)
    rows = [(one, STANDS[one.state]) for one in _all(person)]
    context = {
        "person": person,
        "due": () if isinstance(due, Refused) else due,
        "waiting": [row for row in rows if row[0].state in ("proposed", "agreed")],
        "over": [row for row in rows if row[0].state not in ("proposed", "agreed")],
    }
    return render(request, "schoolgate/custodian/destructions.html", context)


@require_safe
@only_for("custodian", "overseer")
def one(request: HttpRequest, person: people.PersonView, number: str) -> HttpResponse:
    """One destruction: who proposed it and why, who decided, how far it is, its certificate."""
    found = _one(number, person)
    certificate = found.certificate or {}
    until = certificate.get("backups_until")
    context = {
        "one": found,
        "stands": STANDS[found.state],
        "ground": gate.GROUNDS[found.ground],
        "certificate": certificate,
        "backups_until": date.fromisoformat(until) if until else None,
        "may": person.role == "custodian" and found.state == "proposed",
        "own": people.same_human(found.proposed_by, person.id),
    }
    return render(request, "schoolgate/custodian/destruction.html", context)


@sensitive_post_parameters("upn")
@require_http_methods(_METHODS)
@only_for("custodian")
def pupil(request: HttpRequest, person: people.PersonView) -> HttpResponse:
    """Propose that one pupil's record is erased."""
    return step(
        request,
        person,
        Pupil(sent(request)),
        "destroy-pupil",
        lambda typed: {"upn": typed["upn"].strip(), "ground": typed["ground"], "because": typed["because"]},
        title=_("Propose that a pupil’s record is erased"),
        about=_("A second person decides. Only what there is no duty to keep can go. It cannot come back."),
        button=_("Propose it"),
        back=_back(),
        done=_("Proposed. A second person decides now."),
        template="schoolgate/custodian/destroy.html",
        more={"plan": gate.ERASURE_PLAN},
    )


@require_http_methods(_METHODS)
@only_for("custodian")
def items(request: HttpRequest, person: people.PersonView) -> HttpResponse:
    """Propose that items are destroyed of every pupil."""
    return step(
        request,
        person,
        Items(sent(request)),
        "destroy-items",
        lambda typed: {name: typed[name] for name in ("items", "years", "ground", "because")},
        title=_("Propose that items are destroyed, of every pupil"),
        about=_("They are taken out of the store and of every return. Whoever was given them is told to delete them."),
        button=_("Propose it"),
        back=_back(),
        done=_("Proposed. A second person decides now."),
    )


@require_http_methods(_METHODS)
@only_for("custodian")
def rule(request: HttpRequest, person: people.PersonView, rule_id: str, year: int) -> HttpResponse:
    """Propose that what is past its last day goes, a whole year's at once."""
    due = at_desk("destroy-due", person)
    found = next((one for one in due if (one.rule, one.census) == (rule_id, year)), None) if due else None
    if found is None:
        raise Http404
    about = _("%(holds)s, of the censuses of %(year)s. It is past its last day.")
    return step(
        request,
        person,
        StepForm(sent(request)),
        "destroy-by-rule",
        lambda typed: {"rule": rule_id, "year": year},
        title=_("Propose that what is past its last day is destroyed"),
        about=about % {"holds": found.holds, "year": year},
        button=_("Propose it"),
        back=_back(),
        done=_("Proposed. A second person decides now."),
        template="schoolgate/custodian/destroy.html",
        more={"due": found},
    )


@require_http_methods(_METHODS)
@only_for("custodian")
def decide(request: HttpRequest, person: people.PersonView, number: str) -> HttpResponse:
    """Agree to it or refuse it, as a second person."""
    found = _one(number, person)

    def given(typed: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"number": number, "agree": typed["agree"] == "yes", "because": typed["because"]}

    return step(
        request,
        person,
        Decide(sent(request)),
        "destroy-decide",
        given,
        title=_("Decide on %(number)s") % {"number": number},
        about=_("When you say yes it is destroyed at once, by itself. It cannot come back."),
        button=_("Decide"),
        back=_to(number),
        done=_("Your decision is kept."),
        template="schoolgate/custodian/destroy.html",
        more={"one": found, "ground": gate.GROUNDS[found.ground], "plan": _plan(found)},
    )


def _plan(found: gate.DestructionView) -> tuple[gate.PlanLine, ...]:
    return gate.ERASURE_PLAN if found.kind == "pupil" else ()


@require_http_methods(_METHODS)
@only_for("custodian")
def withdraw(request: HttpRequest, person: people.PersonView, number: str) -> HttpResponse:
    """Take a proposal back before it is decided."""
    found = _one(number, person)
    return step(
        request,
        person,
        StepForm(sent(request)),
        "destroy-withdraw",
        lambda typed: {"number": number},
        title=_("Take %(number)s back") % {"number": number},
        about=_("Nothing is destroyed then. It can be proposed again."),
        button=_("Take it back"),
        back=_to(number),
        done=_("Taken back. Nothing was destroyed."),
        template="schoolgate/custodian/destroy.html",
        more={"one": found, "ground": gate.GROUNDS[found.ground]},
    )
