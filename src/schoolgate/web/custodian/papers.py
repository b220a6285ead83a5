"""The paper route, as the custodian's staff walk it: a claim is entered, a colleague checks it, a letter goes out.

Also a school's account, and one adult's access that ends. A pupil's number is sent in a form and stands in no address.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from schoolgate import people, rights
from schoolgate.errors import Refused
from schoolgate.web.acting import at_desk, only_for, sent
from schoolgate.web.custodian.paper_forms import Decide, Enter, Stop, TheSchool, evidence_of
from schoolgate.web.custodian.step import step
from schoolgate.web.ports import installation


def _words() -> Mapping[str, str]:
    return {name: row.words for name, row in rights.competence().standings.items()}


@require_http_methods(["GET", "HEAD"])
@only_for("custodian")
def waiting(request: HttpRequest, person: people.PersonView) -> HttpResponse:
    """The claims that wait for their second check."""
    found = at_desk("papers-waiting", person)
    if isinstance(found, Refused):
        raise Http404
    words, papers = _words(), rights.competence().evidence
    rows = [(one, words.get(one.standing, ""), [papers[kind].words for kind in one.evidence]) for one in found]
    return render(request, "schoolgate/custodian/papers.html", {"rows": rows, "person": person})


@sensitive_post_parameters("upn")
@require_http_methods(["GET", "HEAD", "POST"])
@only_for("custodian")
def enter(request: HttpRequest, person: people.PersonView) -> HttpResponse:
    """Enter a claim: which pupil, what the person is to the child, which papers were seen."""

    def given(typed: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"upn": typed["upn"], "standing": typed["standing"], "evidence": evidence_of(typed)}

    return step(
        request,
        person,
        Enter(sent(request)),
        "paper-open",
        given,
        title=_("Enter a claim with papers"),
        about=_("Look at the papers, note what they are, and give them back. A colleague looks at them, too."),
        button=_("Enter the claim"),
        back=("/custodian/papers/", _("claims with papers")),
        done=_("Entered. A colleague checks it now."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@only_for("custodian")
def decide(request: HttpRequest, person: people.PersonView, claim_id: int) -> HttpResponse:
    """The second check. The letter is shown once, to be printed."""
    form = Decide(sent(request))
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        made = at_desk(
            "paper-decide",
            person,
            claim=claim_id,
            agree=typed["agree"] == "yes",
            way=typed["way"],
            reason=typed["reason"],
        )
        if isinstance(made, Refused):
            form.refuse(made)
        elif made.code:
            return render(
                request,
                "schoolgate/school/letter.html",
                {"issued": {"text": made.code, "expires_at": made.expires_at}, "site": installation().site},
            )
        else:
            messages.success(request, _done(made))
            return redirect("custodian-papers")
    context = {
        "form": form,
        "title": _("Check a claim a second time"),
        "about": _("Look at the papers yourself. Agree only when they show what the claim says."),
        "button": _("Record it"),
        "back": ("/custodian/papers/", _("claims with papers")),
    }
    return render(request, "schoolgate/custodian/step.html", context)


def _done(made: rights.PaperDecided) -> str:
    if made.outcome == "refused":
        return _("Refused. Tell the person why, and that they may complain.")
    return _("Confirmed. Staff act for this link now: %(link)s") % {"link": made.link_id}


@require_http_methods(["GET", "HEAD", "POST"])
@only_for("custodian")
def school(request: HttpRequest, person: people.PersonView) -> HttpResponse:
    """Let a school's account act for its school."""
    return step(
        request,
        person,
        TheSchool(sent(request)),
        "school-account",
        lambda typed: {"email": typed["email"], "urn": int(typed["urn"])},
        title=_("Let an account act for a school"),
        about=_("It may then give code letters out for the school’s own pupils, and end them."),
        button=_("Set the school"),
        back=("/custodian/papers/", _("claims with papers")),
        done=_("Set. The account acts for this school from now on."),
    )


@sensitive_post_parameters("upn")
@require_http_methods(["GET", "HEAD", "POST"])
@only_for("custodian")
def adults(request: HttpRequest, person: people.PersonView) -> HttpResponse:
    """Who holds a link to a child, and ending one: whoever held it is told nothing."""
    form = Stop(sent(request))
    shown = None
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        if typed["way"]:
            ended = at_desk("way-end", person, upn=typed["upn"], way=typed["way"], by_order=typed["by_order"])
            if not isinstance(ended, Refused):
                messages.success(request, _("It has ended, at once.") if ended else _("It had ended already."))
                return redirect("custodian-adults")
            form.refuse(ended)
        else:
            found = at_desk("ways-show", person, upn=typed["upn"])
            if isinstance(found, Refused):
                form.refuse(found)
            else:
                shown = [(one, _words().get(one.standing, "")) for one in found]
    return render(request, "schoolgate/custodian/adults.html", {"form": form, "ways": shown})
