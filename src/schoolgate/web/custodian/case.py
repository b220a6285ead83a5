"""One case: who decides, how each voted once that may be seen, one's own vote, and what the votes come to."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from schoolgate import people, requests
from schoolgate.web.acting import only_for, sent
from schoolgate.web.custodian import forms
from schoolgate.web.custodian.step import step

_METHODS = ["GET", "HEAD", "POST"]


def _seen(case_id: str, person: people.PersonView) -> requests.CaseView:
    try:
        return requests.case(case_id, person)
    except requests.NotYours as unknown:
        raise Http404 from unknown


def _back(case_id: str) -> tuple[str, str]:
    return reverse("custodian-case", args=[case_id]), case_id


@require_safe
@only_for("custodian", "panel")
def one(request: HttpRequest, person: people.PersonView, case_id: str) -> HttpResponse:
    """The case as this person may see it."""
    found = _seen(case_id, person)
    context = {
        "case": found,
        "application": requests.application(found.application_id),
        "votes": [(vote, found.seats[vote.person]) for vote in found.votes],
        "acting": person,
        "item_words": {item: requests.drafting.item_words(item) for item in found.items},
    }
    return render(request, "schoolgate/custodian/case.html", context)


@require_http_methods(_METHODS)
@only_for("panel")
def vote(request: HttpRequest, person: people.PersonView, case_id: str) -> HttpResponse:
    """Vote, or change one's vote."""
    found = _seen(case_id, person)
    initial = {}
    if found.own is not None:
        initial = {
            "choice": found.own.choice,
            "reasons": "\n\n".join(found.own.reasons),
            "conditions": "\n".join(found.own.conditions),
        }
        said = {one.item: f"{one.decision}{':' if one.instead else ''}{one.instead}" for one in found.own.items}
        initial |= {f"item-{number}": said.get(item, "") for number, item in enumerate(found.items)}
    form = forms.Ballot(found, sent(request), initial=initial)
    return step(
        request,
        person,
        form,
        "case-vote",
        lambda given: {
            "case_id": case_id,
            "choice": given["choice"],
            "reasons": forms.paragraphs(given["reasons"]),
            "items": form.votes_on_items,
            "conditions": forms.lines(given.get("conditions", "")),
        },
        title=_("Vote on %(about)s") % {"about": found.about},
        about=_("Nobody sees it until all have voted or the meeting is open. You may change it until it is decided."),
        button=_("Vote"),
        back=_back(case_id),
        done=_("Your vote is kept."),
        template="schoolgate/custodian/vote.html",
        more={"case": found, "kinds": requests.CONDITION_KINDS.items()},
    )


@require_http_methods(_METHODS)
@only_for("panel")
def conflict(request: HttpRequest, person: people.PersonView, case_id: str) -> HttpResponse:
    """Declare a conflict; afterwards the case is not one's own any more."""
    _seen(case_id, person)
    return step(
        request,
        person,
        forms.Conflict(sent(request)),
        "case-conflict",
        lambda said: {"case_id": case_id, "kind": said["kind"]},
        title=_("Declare a conflict"),
        about=_("You take no further part in this case, and a vote you gave does not count."),
        button=_("Declare it"),
        back=(reverse("custodian"), _("Cases")),
        done=_("You take no part in this case any more."),
    )


@require_http_methods(_METHODS)
@only_for("custodian")
def members(request: HttpRequest, person: people.PersonView, case_id: str) -> HttpResponse:
    """Name members for a proposal, or change those of a case."""
    found = _seen(case_id, person)
    candidates = requests.candidates(found.application_id)
    if found.state == "proposed":
        return step(
            request,
            person,
            forms.Members(candidates, sent(request)),
            "change-allocate",
            lambda said: {"case_id": case_id, "members": tuple(said["members"]), "chair": said["chair"]},
            title=_("Name the members who decide"),
            about=found.rule,
            button=_("Name them"),
            back=_back(case_id),
            done=_("The members are named."),
        )
    return step(
        request,
        person,
        forms.ChangeMembers(candidates, found, sent(request)),
        "case-members",
        lambda said: {
            "case_id": case_id,
            "added": tuple(said["added"]),
            "removed": tuple(said["removed"]),
            "chair": said["chair"],
        },
        title=_("Change the members"),
        about=found.rule,
        button=_("Change them"),
        back=_back(case_id),
        done=_("The members are changed."),
    )


@require_http_methods(_METHODS)
@only_for("custodian", "panel")
def conclude(request: HttpRequest, person: people.PersonView, case_id: str) -> HttpResponse:
    """Write down what the votes come to."""
    found = _seen(case_id, person)
    return step(
        request,
        person,
        forms.StepForm(sent(request)),
        "case-conclude",
        lambda said: {"case_id": case_id},
        title=_("Write down the decision"),
        about=found.rule,
        button=_("Write it down"),
        back=_back(case_id),
        done=_("The decision is in the register."),
        template="schoolgate/custodian/conclude.html",
        more={"case": found},
    )


@require_http_methods(_METHODS)
@only_for("custodian", "researcher")
def stop(request: HttpRequest, person: people.PersonView, case_id: str) -> HttpResponse:
    """Take a proposal back: the custodian any, a researcher their own."""
    back = _back(case_id)
    if person.role == "researcher":
        own = requests.own_proposal(case_id, person)
        if own is None:
            raise Http404
        back = reverse("agreement", args=[own.application_id]), own.application_id
    else:
        _seen(case_id, person)
    return step(
        request,
        person,
        forms.StepForm(sent(request)),
        "change-withdraw",
        lambda said: {"case_id": case_id},
        title=_("Take the proposal back"),
        about=_("That it was proposed stays in the register, and that it was taken back is there at once."),
        button=_("Take it back"),
        back=back,
        done=_("The proposal is no longer before the panel."),
    )
