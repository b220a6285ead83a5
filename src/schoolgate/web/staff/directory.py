"""The custodian's directory: organisations and persons, each change through an act of the desk, with its history."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from schoolgate import people
from schoolgate.errors import Refused
from schoolgate.web.acting import at_desk, only_for, sent
from schoolgate.web.staff import forms

_READERS = ("custodian", "panel", "overseer")
PAGE = 50


@require_safe
@only_for(*_READERS)
def organisations(request: HttpRequest, person: people.PersonView) -> HttpResponse:
    """Every organisation, by name; also by a name that it had before."""
    words = request.GET.get("name", "").strip().casefold()[:200]
    found = [
        one
        for one in people.organisations()
        if one.kind != "family" and any(words in name.casefold() for name in (one.id, one.name, *one.former_names))
    ]
    found.sort(key=lambda one: one.name.casefold())
    page = min(max(_number(request.GET.get("page")), 1), max(-(-len(found) // PAGE), 1))
    context = {
        "rows": [(one, people.ORGANISATION_KINDS[one.kind]) for one in found[(page - 1) * PAGE : page * PAGE]],
        "count": len(found),
        "words": request.GET.get("name", ""),
        "more": page + 1 if page * PAGE < len(found) else 0,
        "may_change": person.role == "custodian",
    }
    return render(request, "schoolgate/staff/organisations.html", context)


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else 1


def _organisation(organisation_id: str) -> people.OrganisationView:
    try:
        return people.organisation(organisation_id)
    except people.UnknownOrganisation:
        raise Http404 from None


def _person(person_id: str) -> people.PersonView:
    try:
        return people.person(person_id)
    except people.UnknownPerson:
        raise Http404 from None


@require_safe
@only_for(*_READERS)
def organisation(request: HttpRequest, person: people.PersonView, organisation_id: str) -> HttpResponse:
    """One organisation: what is known of it, how it came to be so, and its persons."""
    one = _organisation(organisation_id)
    known = {
        "name": one.name,
        "kind": people.ORGANISATION_KINDS[one.kind],
        "country": one.country,
        "owner": one.owner,
        "business": one.business,
        "commercial": people.COMMERCIAL[one.commercial],
        "funders": "; ".join(one.funders),
        "register": people.REGISTERS[one.register],
        "number": one.number,
    }
    context = {
        "one": one,
        "known": [(forms.FACTS[fact], value) for fact, value in known.items()],
        "history": [(line, forms.FACTS[line.fact]) for line in reversed(people.organisation_history(one.id))],
        "persons": [(each, forms.ROLES[each.role]) for each in people.persons(one.id)],
        "may_change": person.role == "custodian" and not one.merged_into and one.kind != "family",
        "tied": people.conflicts(person.id, one.id),
    }
    return render(request, "schoolgate/staff/organisation.html", context)


@require_safe
@only_for(*_READERS)
def one_person(request: HttpRequest, person: people.PersonView, person_id: str) -> HttpResponse:
    """One person: role and accreditation with its history, and declared interests."""
    one = _person(person_id)
    context = {
        "one": one,
        "role": forms.ROLES[one.role],
        "seat": people.SEATS.get(one.seat, ""),
        "history": [(line, forms.HAPPENED[line.what]) for line in reversed(people.person_history(one.id))],
        "interests": [(tie, people.organisation(tie.organisation_id)) for tie in people.interests(one.id)],
        "may_change": person.role == "custodian" and one.left_on is None,
    }
    return render(request, "schoolgate/staff/person.html", context)


def _asked(
    request: HttpRequest,
    form: forms.StaffForm,
    act: Callable[[], Any],
    done: Callable[[Any], tuple[str, str]],
    **words: Any,
) -> HttpResponse:
    """Show a form; when it is sent, do the act: the page that comes of it, or the form with every reason why not."""
    if request.method == "POST" and form.is_valid():
        outcome = act()
        if not isinstance(outcome, Refused):
            said, address = done(outcome)
            messages.success(request, said)
            return redirect(address)
        if any(reason.code == "not-your-decision" for reason in outcome.reasons):
            raise PermissionDenied
        for reason in outcome.reasons:
            text = f"{reason.reason} {reason.remedy}".strip()
            form.add_error(reason.where if reason.where in form.fields else None, text)
    return render(request, "schoolgate/staff/act.html", {"form": form, **words})


def _address(one: people.OrganisationView | people.PersonView) -> str:
    kind = "organisations" if isinstance(one, people.OrganisationView) else "persons"
    return f"/custodian/{kind}/{one.id}/"


@require_http_methods(["GET", "HEAD", "POST"])
@only_for("custodian")
def enter(request: HttpRequest, person: people.PersonView) -> HttpResponse:
    """Enter an organisation."""
    form = forms.OrganisationForm(sent(request), initial={"country": _("United Kingdom")})

    def act() -> Any:
        given = form.cleaned_data
        details = {fact: given[fact] for fact in people.FACTS if fact not in ("name", "kind", "country")}
        return at_desk(
            "organisation-enter",
            person,
            name=given["name"],
            kind=given["kind"],
            country=given["country"],
            details=details,
            alike_is_another=given["alike_is_another"],
        )

    return _asked(
        request,
        form,
        act,
        lambda made: (_("%(name)s is entered.") % {"name": made.name}, _address(made)),
        title=_("Enter an organisation"),
        button=_("Enter it"),
        about=_("If it is entered already under another name, change that name instead."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@only_for("custodian")
def change(request: HttpRequest, person: people.PersonView, organisation_id: str) -> HttpResponse:
    """Record what changed about an organisation."""
    one = _organisation(organisation_id)
    now = {fact: getattr(one, fact) for fact in people.FACTS} | {"funders": "; ".join(one.funders)}
    form = forms.ChangeForm(sent(request), initial=now)

    def act() -> Any:
        given = form.cleaned_data
        changed = {fact: given[fact] for fact in people.FACTS if given[fact] != now[fact]}
        return at_desk(
            "organisation-change",
            person,
            organisation_id=one.id,
            changes=changed,
            reason=given["reason"],
            alike_is_another=given["alike_is_another"],
        )

    return _asked(
        request,
        form,
        act,
        lambda outcome: (_opened(outcome), _address(one)),
        title=_("What changed about %(name)s?") % {"name": one.name},
        button=_("Record the change"),
        about=_(
            "A new name, kind, country, owner, business or commercial interest is public at once. It also opens every "
            "agreement again: nobody reads under it until the panel has decided anew."
        ),
        back=one,
    )


def _opened(outcome: Any) -> str:
    if not outcome.reopened:
        return _("The change is recorded. No agreement had to be opened again.")
    return _("The change is recorded. Opened again, and not in use any more: %(which)s.") % {
        "which": ", ".join(outcome.reopened)
    }


@require_http_methods(["GET", "HEAD", "POST"])
@only_for("custodian")
def merge(request: HttpRequest, person: people.PersonView, organisation_id: str) -> HttpResponse:
    """Record that an organisation became part of another."""
    one = _organisation(organisation_id)
    form = forms.MergeForm(sent(request))
    return _asked(
        request,
        form,
        lambda: at_desk("organisation-merge", person, organisation_id=one.id, **form.cleaned_data),
        lambda outcome: (_opened(outcome), _address(one)),
        title=_("What did %(name)s become part of?") % {"name": one.name},
        button=_("Record the merger"),
        about=_("This cannot be undone. Its agreements are opened again, and nothing new is entered under it."),
        back=one,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@only_for("custodian")
def verify(request: HttpRequest, person: people.PersonView, organisation_id: str) -> HttpResponse:
    """Note how somebody made sure of an organisation."""
    one = _organisation(organisation_id)
    form = forms.VerifyForm(sent(request))
    return _asked(
        request,
        form,
        lambda: at_desk("organisation-verify", person, organisation_id=one.id, **form.cleaned_data),
        lambda made: (_("It is noted that you made sure of %(name)s.") % {"name": made.name}, _address(made)),
        title=_("Make sure of %(name)s") % {"name": one.name},
        button=_("I made sure of it"),
        about=_("Check its name, owner and number in the register it stands in. Do not use a link that it sent you."),
        back=one,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@only_for("custodian")
def enter_person(request: HttpRequest, person: people.PersonView, organisation_id: str) -> HttpResponse:
    """Enter a person of an organisation."""
    one = _organisation(organisation_id)
    form = forms.PersonForm(sent(request))
    return _asked(
        request,
        form,
        lambda: at_desk("person-enter", person, organisation_id=one.id, **form.cleaned_data),
        lambda made: (_("%(id)s is entered.") % {"id": made.id}, _address(made)),
        title=_("Enter a person of %(name)s") % {"name": one.name},
        button=_("Enter the person"),
        about=_("No name is kept. The person gets a number, and the public sees the role."),
        back=one,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@only_for("custodian")
def about_person(request: HttpRequest, person: people.PersonView, person_id: str, what: str) -> HttpResponse:
    """Accredit a person, withdraw that, note that they left, link an account, or declare an interest of theirs."""
    one = _person(person_id)
    pages: dict[str, tuple[str, type[forms.StaffForm], str, str, str]] = {
        "accredit": (
            "person-accredit", forms.UntilForm, _("Until when is %(id)s accredited?"), _("Save"),
            _("The last day is included."),
        ),
        "withdraw": (
            "person-withdraw", forms.ReasonForm, _("Withdraw the accreditation of %(id)s"), _("Withdraw it now"),
            _("It counts at once. A query that runs now is not handed over."),
        ),
        "leave": (
            "person-leave", forms.ReasonForm, _("%(id)s leaves the organisation"), _("Note that the person left"),
            _("This cannot be undone. Agreements keep the number on record, and refuse it."),
        ),
        "account": (
            "person-account", forms.AccountForm, _("Let an account act as %(id)s"), _("Link the account"),
            _("One account may act as several persons. The rules on conflicts then take them for one human being."),
        ),
        "interest": (
            "interest-declare", forms.InterestForm, _("Declare an interest of %(id)s"), _("Declare it"),
            _("Who is tied to an organisation does not decide about it."),
        ),
    }  # fmt: skip
    if what not in pages:
        raise Http404
    act, kind, title, button, about = pages[what]
    form = kind(sent(request))
    return _asked(
        request,
        form,
        lambda: at_desk(act, person, person_id=one.id, **form.cleaned_data),
        lambda outcome: (_("It is recorded."), _address(one)),
        title=title % {"id": one.id},
        button=button,
        about=about,
        back_person=one,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@only_for("custodian")
def end_interest(request: HttpRequest, person: people.PersonView, person_id: str, interest_id: str) -> HttpResponse:
    """Note that an interest ended."""
    one = _person(person_id)
    if interest_id not in {tie.id for tie in people.interests(one.id) if tie.ended_on is None}:
        raise Http404
    form = forms.NoForm(sent(request))
    return _asked(
        request,
        form,
        lambda: at_desk("interest-end", person, interest_id=interest_id),
        lambda outcome: (_("It is recorded."), _address(one)),
        title=_("The interest %(id)s ended") % {"id": interest_id},
        button=_("It ended"),
        about=_("It stays on record, and counts no more."),
        back_person=one,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@only_for("researcher", "panel", "custodian")
def own_interests(request: HttpRequest, person: people.PersonView) -> HttpResponse:
    """What one declared, and declaring more."""
    form = forms.InterestForm(sent(request))
    return _asked(
        request,
        form,
        lambda: at_desk("interest-declare", person, person_id=person.id, **form.cleaned_data),
        lambda made: (_("Your interest is recorded."), "/interests/"),
        title=_("Your interests"),
        button=_("Declare it"),
        about=_("Declare what you own, work for, advise or are paid by. You will not decide about it."),
        interests=[(tie, people.organisation(tie.organisation_id)) for tie in people.interests(person.id)],
    )
