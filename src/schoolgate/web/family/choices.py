"""“Your choices”: everything a family says yes and no to, in one place, and each taken back in as many steps.

A page asks for an act of the desk and never writes a choice itself; the act looks at the account's link anew.
"""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from schoolgate import consent, dictionary, people, published, requests, rights
from schoolgate.clock import custodians_day
from schoolgate.errors import Refused
from schoolgate.web.family.chosen import EVERYTHING, WITHHELD_WORDS, Said, laid_out, scope_words, targets
from schoolgate.web.family.doing import do, told
from schoolgate.web.family.forms import AskToStop, SayYes
from schoolgate.web.family.who import own_child
from schoolgate.web.ports import clock
from schoolgate.web.public.standing import up_to_date

_MOST = 20
"""Organisations a page lists at most; more words find fewer."""


@login_required
@require_safe
def page(request: HttpRequest, link_id: int) -> HttpResponse:
    """Everything that is chosen, and what may be chosen."""
    link = own_child(request, link_id)
    found = do(request, link.id, "choices-show")
    if isinstance(found, Refused):
        raise Http404
    context = {
        "section": "family",
        "link": link,
        "said": laid_out(found),
        "uses": [one for one in targets("purpose") if not _is_said(found, one)],
        "kinds": [one for one in targets("kind") if not _is_said(found, one)],
        "says_no_to_all": any(one.of == "all" and one.by == "you" for one in found.no),
        "asked": _asked(found),
    }
    return render(request, "schoolgate/family/choices.html", context)


def _is_said(found: rights.Choices, one: Said) -> bool:
    return (one.of, one.target) in {(no.of, no.target) for no in found.no if no.by == "you"}


def _asked(found: rights.Choices) -> list[tuple[requests.Agreement, str]]:
    """Agreements in force that wait for this family's yes to an item, as far as it has not said it.

    Found in the public register, so that no page goes through every agreement there is.
    """
    up_to_date()
    said = {(one.item, one.purpose_id, one.recipient) for one in found.yes if not one.is_over}
    wanted = []
    for item in (one.item for one in dictionary.consent_only_items()):
        lines = published.recipients(item, most=_MOST * 10)
        numbers = {line.case.agreement for line in lines if line.case.agreement}
        agreements = requests.agreements(numbers) if numbers else ()
        wanted += [
            (agreement, item)
            for agreement in agreements
            if agreement.state == "active"
            and item in rights.yes_wanted(agreement)
            and (item, agreement.purpose, agreement.organisation_id) not in said
        ]
    return wanted[:_MOST]


@login_required
@require_safe
def who(request: HttpRequest, link_id: int) -> HttpResponse:
    """Find the one organisation that is meant."""
    link, words = own_child(request, link_id), " ".join(request.GET.get("q", "")[:100].casefold().split())
    found = [
        one
        for one in people.organisations()
        if words and words in one.name.casefold() and one.kind not in consent.NOT_REFUSED and not one.merged_into
    ]
    context = {
        "section": "family", "link": link, "words": words, "found": found[:_MOST], "more": len(found) > _MOST,
    }  # fmt: skip
    return render(request, "schoolgate/family/who.html", context)


def _said(of: str, target: str) -> tuple[Said, str]:
    """What an address means, and its target as the room has it."""
    own = "" if of == "all" and target == EVERYTHING else target
    found = scope_words(of, own)
    if found is None or (of == "all") != (target == EVERYTHING):
        raise Http404
    return found, own


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def object_to(request: HttpRequest, link_id: int, of: str, target: str) -> HttpResponse:
    """Ask once more, then record the "no"."""
    link, (said, own) = own_child(request, link_id), _said(of, target)
    if request.method == "POST":
        outcome = do(request, link.id, "object", of=of, target=own)
        words = (
            _("Your “no” is recorded. But a law lets this use go on.")
            if said.law
            else _("Your “no” is recorded. It counts from the next question on.")
        )
        return told(request, outcome, words) or redirect("child-choices", link_id)
    context = {"section": "family", "link": link, "said": said, "by_law": _by_law() if of != "purpose" else []}
    return render(request, "schoolgate/family/object.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, link_id: int, of: str, target: str) -> HttpResponse:
    """Take a "no" back: the same two steps as saying it."""
    link, own = own_child(request, link_id), "" if of == "all" and target == EVERYTHING else target
    found = do(request, link.id, "choices-show")
    mine = _mine(found, of, own)
    stays = mine is not None and mine.stays
    if request.method == "POST":
        outcome = do(request, link.id, "object-no-more", of=of, target=own)
        words = (
            _("You took your “no” back. Somebody else said no to it too, so your child stays out of the answers.")
            if stays
            else _("You took your “no” back. Answers may contain your child again from now on.")
        )
        return told(request, outcome, words) or redirect("child-choices", link_id)
    said = scope_words(of, own) or _stands(found, of, own)
    context = {"section": "family", "link": link, "said": said, "mine": mine, "stays": stays}
    return render(request, "schoolgate/family/withdraw.html", context)


def _mine(found: rights.Choices | Refused, of: str, target: str) -> rights.SaidNo | None:
    """The "no" that stands, by whomever."""
    if isinstance(found, Refused):
        return None
    return next((one for one in found.no if (one.of, one.target) == (of, target)), None)


def _stands(found: rights.Choices | Refused, of: str, target: str) -> Said:
    """What a "no" is said to that stands, and that is no longer on a list."""
    if not isinstance(found, Refused):
        for one in laid_out(found).no:
            if (one.said.of, one.said.target) == (of, target):
                return one.said
    raise Http404


def _by_law() -> list[dictionary.Purpose]:
    """The uses that a law lets go on against every "no", with their provisions; a family's own looks are not named."""
    own = ("subject-access", "own-pupils")
    return [one for one in dictionary.purposes() if one.statutory_override and one.id not in own]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, link_id: int) -> HttpResponse:
    """Ask that the whole record is kept and not used, for one of the law's four reasons."""
    link = own_child(request, link_id)
    form = AskToStop(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        outcome = do(request, link.id, "stop", reason=form.cleaned_data["reason"])
        words = _("Nobody uses your child’s record for now. It counts from the next question on.")
        return told(request, outcome, words) or redirect("child-choices", link_id)
    return render(request, "schoolgate/family/stop.html", {"section": "family", "link": link, "form": form})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def stop_no_more(request: HttpRequest, link_id: int, reason: str) -> HttpResponse:
    """Let the record be used again."""
    link = own_child(request, link_id)
    if reason not in consent.RESTRICTION_REASONS:
        raise Http404
    if request.method == "POST":
        outcome = do(request, link.id, "stop-no-more", reason=reason)
        words = _("Your child’s record may be used again, from the next question on.")
        return told(request, outcome, words) or redirect("child-choices", link_id)
    return render(request, "schoolgate/family/stop_no_more.html", {"section": "family", "link": link})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def say_yes(request: HttpRequest, link_id: int, agreement_id: str, item: str) -> HttpResponse:
    """Say yes to one item, for one organisation and use, until a day."""
    link = own_child(request, link_id)
    try:
        agreement = requests.get(agreement_id)
    except requests.UnknownRequest as unknown:
        raise Http404 from unknown
    if agreement.state != "active" or item not in rights.yes_wanted(agreement):
        raise Http404
    form = SayYes(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        last_day = custodians_day(clock()) + timedelta(days=form.days)
        outcome = do(request, link.id, "yes", agreement=agreement_id, item=item, last_day=last_day)
        words = _("Your “yes” is recorded. You can take it back at any time.")
        return told(request, outcome, words) or redirect("child-choices", link_id)
    context = {"section": "family", "link": link, "form": form, "agreement": agreement, "item": item}
    return render(request, "schoolgate/family/yes.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def yes_no_more(request: HttpRequest, link_id: int, item: str, purpose_id: str, recipient: str) -> HttpResponse:
    """Take a "yes" back: the same two steps as saying it."""
    link = own_child(request, link_id)
    if request.method == "POST":
        outcome = do(request, link.id, "yes-no-more", item=item, purpose=purpose_id, recipient=recipient)
        words = _("You took your “yes” back. It counts from the next question on.")
        return told(request, outcome, words) or redirect("child-choices", link_id)
    found = do(request, link.id, "choices-show")
    if isinstance(found, Refused):
        raise Http404
    named = [one for one in found.yes if (one.item, one.purpose_id, one.recipient) == (item, purpose_id, recipient)]
    if not named:
        raise Http404
    context = {"section": "family", "link": link, "one": named[0], "name": named[0].name or str(WITHHELD_WORDS)}
    return render(request, "schoolgate/family/yes_no_more.html", context)
