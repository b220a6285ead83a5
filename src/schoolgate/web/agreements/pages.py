"""The agreement's pages: which there are, its text and versions, and the steps that each side may take.

A researcher sees their own organisation's, and those of what became part of it; another's is not there for them. The
panel and the overseer read all.
"""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from schoolgate import people, requests
from schoolgate.clock import custodians_day
from schoolgate.errors import Refused, SchoolgateError
from schoolgate.web.acting import at_desk, only_for
from schoolgate.web.agreements.forms import AgreementForm, Certify, Seen, Sign, Why
from schoolgate.web.ports import clock

_EVERYBODY = ("researcher", "custodian", "panel", "overseer")
_SHOWN = ("approved", "accepted", "active", "suspended", "reopened", "ended", "destroyed")
_LIVE = ("active", "suspended", "reopened")


def _seen(request_id: str, person: people.PersonView) -> requests.Application:
    """The request, when this person may see it."""
    try:
        found = requests.application(request_id)
    except requests.UnknownRequest:
        raise Http404 from None
    is_own = person.role != "researcher" or found.organisation_id in people.stands_for(person.organisation_id)
    if not is_own or found.state not in _SHOWN:
        raise Http404
    return found


def _version(request_id: str, number: int) -> requests.VersionView:
    made = {one.number: one for one in requests.versions(request_id)}
    waits = requests.to_sign(request_id)
    if waits is not None:
        made.setdefault(waits.number, waits)
    if number not in made or not made[number].text:
        raise Http404
    return made[number]


@require_safe
@only_for(*_EVERYBODY)
def listing(request: HttpRequest, person: people.PersonView) -> HttpResponse:
    """Every agreement, and what is approved and waits for signatures; overdue destruction first."""
    own = people.stands_for(person.organisation_id) if person.role == "researcher" else None
    before = request.GET.get("before", "")
    place = int(before) if before.isascii() and before.isdigit() and len(before) < 16 else None
    lines, older = requests.listed(_SHOWN, organisations=own, before=place)
    names = {one: people.organisation(one).name for one in {line.organisation_id for line in lines}}
    context = {
        "lines": [(line, names[line.organisation_id]) for line in lines],
        "older": older,
        "overdue": [
            one for one in requests.overdue(custodians_day(clock())) if own is None or one.organisation_id in own
        ],
    }
    return render(request, "schoolgate/agreements/list.html", context)


@require_safe
@only_for(*_EVERYBODY)
def page(request: HttpRequest, person: people.PersonView, request_id: str) -> HttpResponse:
    """One agreement: where it stands, its text as it is, its versions with who signed, what may be done now."""
    found = _seen(request_id, person)
    made = requests.versions(request_id)
    waits = requests.to_sign(request_id)
    in_force = [one for one in made if one.state == "signed"]
    ending = next(
        (one for one in requests.endings(found.organisation_id) if one.agreement_id == found.agreement_id), None
    )
    late = {one.agreement_id for one in requests.overdue(custodians_day(clock()), found.organisation_id)}
    stated = requests.certificate(request_id)
    context = {
        "found": found,
        "agreement": requests.get(found.agreement_id) if found.agreement_id else None,
        "versions": made,
        "waits": waits,
        "lines": requests.read(in_force[-1].text) if in_force else (),
        "in_force": in_force[-1] if in_force else None,
        "may": _may(found, waits, stated, person),
        "due": ending.due if ending is not None else None,
        "is_overdue": ending is not None and ending.agreement_id in late,
        "proposals": requests.proposals(request_id),
        "acting": person,
        "stated": stated if stated is not None and not stated.seen else None,
        "steps": [(step, step.event.replace("_", " ")) for step in requests.history(request_id)],
    }
    return render(request, "schoolgate/agreements/one.html", context)


def _may(
    found: requests.Application,
    waits: requests.VersionView | None,
    stated: requests.CertificateView | None,
    person: people.PersonView,
) -> set[str]:
    """The steps whose link this person is shown; the room decides when one is taken."""
    signed = {one.side for one in waits.signatures} if waits is not None else set()
    steps = set()
    if waits is not None and person.role == "researcher" and "organisation" not in signed:
        steps.add("sign")
    if waits is not None and person.role == "custodian" and signed == {"organisation"}:
        steps.add("sign")
    if person.role == "custodian" and found.state == "active":
        steps.add("stop")
    if person.role in ("custodian", "researcher"):
        steps |= {"end"} if found.state in _LIVE else set()
        steps |= {"destroyed"} if found.state == "ended" else set()
    if found.state == "ended" and stated is not None and stated.witness == person.id:
        steps.add("witness")
    return steps


@require_safe
@only_for(*_EVERYBODY)
def version(request: HttpRequest, person: people.PersonView, request_id: str, number: int) -> HttpResponse:
    """One version's text: as a page; ``?as=text`` the bytes that are hashed; ``?as=pdf`` to keep or print."""
    _seen(request_id, person)
    found = _version(request_id, number)
    name = f"{request_id}-version-{number}"
    if request.GET.get("as") == "text":
        answer = HttpResponse(found.text.encode("utf-8"), content_type="text/plain; charset=utf-8")
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}.txt"'
        return answer
    if request.GET.get("as") == "pdf":
        answer = HttpResponse(requests.as_pdf(found), content_type="application/pdf")
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
        return answer
    context = {"request_id": request_id, "version": found, "lines": requests.read(found.text)}
    return render(request, "schoolgate/agreements/version.html", context)


@require_safe
@only_for(*_EVERYBODY)
def compare(request: HttpRequest, person: people.PersonView, request_id: str, before: int, after: int) -> HttpResponse:
    """How one version differs from another, line by line."""
    _seen(request_id, person)
    try:
        found = requests.differences(request_id, before, after)
    except SchoolgateError:
        raise Http404 from None
    context = {
        "request_id": request_id,
        "before": before,
        "after": after,
        "differences": found,
        "is_same": all(one.kind == "same" for one in found),
    }
    return render(request, "schoolgate/agreements/compare.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@only_for("researcher", "custodian")
def sign(request: HttpRequest, person: people.PersonView, request_id: str) -> HttpResponse:
    """The whole text that waits, and the signature under it. The hash that is signed is that of the text shown."""
    _seen(request_id, person)
    waits = requests.to_sign(request_id)
    if waits is None:
        raise Http404
    form = Sign(request.POST or None, initial={"shown": waits.text_hash})
    if request.method == "POST" and form.is_valid():
        act = "agreement-accept" if person.role == "researcher" else "agreement-sign"
        given = {"request_id": request_id, "shown": form.cleaned_data["shown"]}
        if _done(act, person, form, **given):
            messages.success(request, _("You have signed. The hash of the text is in the register."))
            return redirect("agreement", request_id)
        # What is shown now is what can be signed now: a changed text must be read anew.
        waits = requests.to_sign(request_id) or waits
        form.data = {**dict(form.data.items()), "shown": waits.text_hash, "is_read": ""}
    context = {"request_id": request_id, "form": form, "version": waits, "lines": requests.read(waits.text)}
    return render(request, "schoolgate/agreements/sign.html", context)


def _done(act: str, person: people.PersonView, form: AgreementForm, **given: object) -> bool:
    """Do an act; when it is refused the form says why."""
    outcome = at_desk(act, person, **given)
    if isinstance(outcome, Refused):
        form.refuse(outcome)
        return False
    return True


def _asked(
    request: HttpRequest,
    person: people.PersonView,
    request_id: str,
    form: AgreementForm,
    act: str,
    said: tuple[str, str],
) -> HttpResponse:
    """A step that takes a form; `said` is what the page is called and what is said when the step is taken."""
    is_sent = request.method == "POST" and form.is_valid()
    if is_sent and _done(act, person, form, agreement_id=request_id, **form.cleaned_data):
        messages.success(request, said[1])
        return redirect("agreement", request_id)
    return render(
        request, "schoolgate/agreements/step.html", {"request_id": request_id, "form": form, "title": said[0]}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@only_for("custodian")
def stop(request: HttpRequest, person: people.PersonView, request_id: str) -> HttpResponse:
    """Stop the use at once."""
    _seen(request_id, person)
    said = _("Stop the use of this data"), _("The use is stopped. The next read is refused.")
    return _asked(request, person, request_id, Why(request.POST or None), "agreement-suspend", said)


@require_http_methods(["GET", "HEAD", "POST"])
@only_for("custodian", "researcher")
def end(request: HttpRequest, person: people.PersonView, request_id: str) -> HttpResponse:
    """End the agreement."""
    _seen(request_id, person)
    said = _("End this agreement"), _("The agreement has ended. Now the data must be destroyed.")
    return _asked(request, person, request_id, Why(request.POST or None), "agreement-end", said)


@require_http_methods(["GET", "HEAD", "POST"])
@only_for("custodian", "researcher")
def destroyed(request: HttpRequest, person: people.PersonView, request_id: str) -> HttpResponse:
    """State that the data was destroyed."""
    _seen(request_id, person)
    said = (
        _("State that the data was destroyed"),
        _("It is in the register. It is certified when who saw it has said so."),
    )
    return _asked(request, person, request_id, Certify(request.POST or None), "agreement-certify", said)


@require_http_methods(["GET", "HEAD", "POST"])
@only_for("custodian")
def witness(request: HttpRequest, person: people.PersonView, request_id: str) -> HttpResponse:
    """Say, as the witness who was named, whether one saw the data destroyed."""
    _seen(request_id, person)
    stated = requests.certificate(request_id)
    if stated is None or stated.seen or stated.witness != person.id:
        raise Http404
    form = Seen(request.POST or None)
    if request.method == "POST" and form.is_valid():
        saw, reason = form.cleaned_data["saw"] == "yes", form.cleaned_data["reason"]
        if _done("agreement-witness", person, form, agreement_id=request_id, saw=saw, reason=reason):
            messages.success(request, _("What you said is in the register."))
            return redirect("agreement", request_id)
    context = {
        "request_id": request_id,
        "form": form,
        "title": _("Did you see this data destroyed?"),
        "button": _("Say so"),
        "stated": stated,
    }
    return render(request, "schoolgate/agreements/step.html", context)
