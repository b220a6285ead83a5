"""The public register: every application, decision, agreement and release."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from schoolgate import register, requests
from schoolgate.errors import SchoolgateError
from schoolgate.web.ports import installation
from schoolgate.web.public import sources

PAGE = 25
_WHOLE_LOG = 100_000

FILTERS = {
    "requests": (gettext_lazy("Requests"), "application.received"),
    "decisions": (gettext_lazy("Decisions"), "application.decided"),
    "agreements": (gettext_lazy("Agreements"), "agreement.signed"),
    "releases": (gettext_lazy("Releases"), sources.RELEASE),
    "refusals": (gettext_lazy("Refused questions"), "query.refused"),
}


def index(request: HttpRequest) -> HttpResponse:
    """Show the newest entries, a page at a time, all or of one kind.

    Query: ``show``, one of `FILTERS`; ``before``, a log index.
    """
    show = request.GET.get("show", "")
    if show and show not in FILTERS:
        raise Http404
    before = _whole_number(request.GET.get("before", ""))
    kind = FILTERS[show][1] if show else None
    found = sources.entries(kind=kind, before=before, limit=PAGE + 1)
    context = {
        "section": "register",
        "entries": found[:PAGE],
        "older": found[PAGE - 1].index if len(found) > PAGE else None,
        "before": before,
        "show": show,
        "filters": [(name, label) for name, (label, _kind) in FILTERS.items()],
        "agreements": requests.agreements(),
        "log_size": register.log_size(),
    }
    return render(request, "schoolgate/public/register.html", context)


def one(request: HttpRequest, index: int) -> HttpResponse:
    """One log entry: plain words, the exact bytes, and the proof that it is in the log."""
    try:
        raw = register.event(index)
    except SchoolgateError as unknown:
        raise Http404 from unknown
    try:
        proof = register.receipt_proof(index)
    except SchoolgateError:
        proof = ""  # committed a moment ago; in the next checkpoint
    context = {
        "section": "register",
        "entry": sources.in_words(raw),
        "canonical": register.canonical(raw.body).decode("utf-8"),
        "leaf_hash": register.leaf_hash(register.canonical(raw.body)).hex(),
        "proof": proof,
        "tile": _entries_tile(index),
    }
    return render(request, "schoolgate/public/entry.html", context)


def proof(request: HttpRequest, index: int) -> HttpResponse:
    """Hand out the inclusion proof as a file (C2SP tlog-proof)."""
    try:
        text = register.receipt_proof(index)
    except SchoolgateError as unknown:
        raise Http404 from unknown
    return HttpResponse(
        text,
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="entry-{index}.tlog-proof"'},
    )


def agreement(request: HttpRequest, agreement_id: str) -> HttpResponse:
    """One agreement and everything that happened under it, oldest first."""
    try:
        found = requests.get(agreement_id)
    except SchoolgateError as unknown:
        raise Http404 from unknown
    own = [
        entry
        for entry in sources.entries(limit=_WHOLE_LOG)
        if agreement_id in (entry.agreement, entry.body.get("subject"))
        or entry.body.get("subject") == found.application_id
    ]
    context = {
        "section": "register",
        "agreement": found,
        "purpose": sources.purpose_name(found.purpose),
        "items": sorted((sources.item_name(item), item) for item in found.items),
        "entries": own[::-1],
        "state": _(found.state),
    }
    return render(request, "schoolgate/public/agreement.html", context)


def check(request: HttpRequest) -> HttpResponse:
    """How to check the log and a proof without trusting this site."""
    context = {"key": register.verifier_key(installation()), "log_size": register.log_size()}
    return render(request, "schoolgate/public/check.html", context)


def _entries_tile(index: int) -> str:
    """Find the published file of the log that holds this entry; empty when none is published yet.

    A full tile's name is stable; the newest, partial one is named by its width (C2SP tlog-tiles).
    """
    path = f"tile/entries/{_tile_path(index // 256)}"
    log = installation().log
    if (log / path).is_file():
        return path
    widths = sorted(int(part.name) for part in (log / f"{path}.p").glob("[0-9]*") if part.name.isdigit())
    return f"{path}.p/{widths[-1]}" if widths and widths[-1] > index % 256 else ""


def _tile_path(number: int) -> str:
    """Write a tile's number as C2SP tlog-tiles writes it: x001/x234/067."""
    digits = f"{number:03d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[i : i + 3] for i in range(0, len(digits), 3)]
    return "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])


def _whole_number(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise Http404
    return int(text)
