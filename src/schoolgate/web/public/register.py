"""The public register: every application, decision, agreement and release."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse

from schoolgate import dictionary, published, register
from schoolgate.errors import SchoolgateError
from schoolgate.web.ports import installation, log_key
from schoolgate.web.public import listing, sources
from schoolgate.web.public.pages import public_page
from schoolgate.web.public.standing import up_to_date
from schoolgate.web.public.words import Entry

PAGE = 25
_LONGEST_NAME = 100


@public_page
def index(request: HttpRequest) -> HttpResponse:
    """Show the newest entries, a page at a time: all, of one kind, for one purpose, of one organisation.

    Query: ``show``, one of `listing.KINDS`, ``own`` or ``everything``; ``purpose``, a purpose's id; ``who``, words of
    an organisation's name; ``before``, a log index.
    """
    show, purpose = request.GET.get("show", ""), request.GET.get("purpose", "")
    who = " ".join(request.GET.get("who", "").split())[:_LONGEST_NAME]
    if show and show not in (*listing.KINDS, listing.OWN, listing.EVERYTHING):
        raise Http404
    known = dictionary.purposes()
    if purpose and purpose not in {one.id for one in known}:
        raise Http404
    before = _whole_number(request.GET.get("before", ""))
    fresh = up_to_date()
    found = listing.page(listing.Wanted(show, purpose, who.lower()), before, PAGE)
    kept = {key: value for key, value in (("purpose", purpose), ("who", who)) if value}
    counted = published.tallies("type:")
    numbers = published.numbers()
    shown = {name: sum(counted.get(kind, 0) for kind in kinds) for name, (_label, kinds) in listing.KINDS.items()}
    shown["releases"] -= numbers["own_looks"]
    context = {
        "section": "register",
        "rows": found.rows,
        "older": _address(show, kept, found.older) if found.older is not None else "",
        "newest": _address(show, kept) if before is not None else "",
        "show": show,
        "purpose": purpose,
        "who": who,
        "purposes": [(one.id, one.name) for one in known],
        "tabs": [(name, label, _address(name, kept), shown[name]) for name, (label, _kinds) in listing.KINDS.items()],
        "own": _address(listing.OWN, kept),
        "all": _address("", kept),
        "everything": _address(listing.EVERYTHING, kept),
        "panel_refused": published.search(published.Query(status="refused"), size=1).total,
        "is_narrowed": bool(who or purpose),
        "overdue_ever": counted.get("destruction.overdue", 0),
        "refused": counted.get("query.refused", 0),
        "log_size": fresh.size,
        "behind": fresh.behind,
        "numbers": numbers,
    }
    return render(request, "schoolgate/public/register.html", context)


_PAGES = {
    "minutes.published": ("register-minutes", True),
    "notice.published": ("notice-version", True),
    "statement.published": ("statement", True),
    "question.asked": ("questions", False),
    "question.answered": ("questions", False),
    "finding.recorded": ("findings", False),
    "action.due": ("findings", False),
    "action.done": ("findings", False),
}
"""Type of an entry -> the page that shows what it is about, and whether that page is of its subject alone."""


def _elsewhere(entry: Entry) -> str:
    """Where what an entry is about stands in full; empty when it stands here."""
    name, of_one = _PAGES.get(entry.type, ("", False))
    try:
        return reverse(name, args=[str(entry.body.get("subject", ""))] if of_one else []) if name else ""
    except NoReverseMatch:
        return ""


def _address(show: str, kept: dict[str, str], before: int | None = None) -> str:
    query = {**({"show": show} if show else {}), **kept, **({"before": str(before)} if before is not None else {})}
    return f"?{urlencode(query)}#entries"


@public_page
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
    up_to_date()
    canonical = register.canonical(raw.body)
    entry = sources.in_words(raw)
    context = {
        "section": "register",
        "elsewhere": _elsewhere(entry),
        "entry": entry,
        "row": listing.with_context(entry),
        "canonical": canonical.decode("utf-8"),
        "leaf_hash": register.leaf_hash(canonical).hex(),
        "proof": proof,
        "tile": _tile("entries", index),
        "hashes": _tile("0", index),
        "key": log_key(),
        "earlier": index - 1 if index else None,
        "later": index + 1 if index + 1 < register.log_size() else None,
    }
    return render(request, "schoolgate/public/entry.html", context)


@public_page
def proof(request: HttpRequest, index: int) -> HttpResponse:
    """Hand out the inclusion proof as a file (C2SP tlog-proof); with ``?as=entry`` the entry's exact bytes."""
    try:
        if request.GET.get("as") == "entry":
            content, kind = register.canonical(register.event(index).body), "application/json"
            name = f"entry-{index}.json"
        else:
            content, kind = register.receipt_proof(index).encode(), "text/plain; charset=utf-8"
            name = f"entry-{index}.tlog-proof"
    except SchoolgateError as unknown:
        raise Http404 from unknown
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@public_page
def check(request: HttpRequest) -> HttpResponse:
    """How to check the log and a proof without trusting this site."""
    context = {"key": log_key(), "log_size": register.log_size(), "witnesses": register.cosigners(installation())}
    return render(request, "schoolgate/public/check.html", context)


def _tile(level: str, index: int) -> str:
    """Find the published file of the log that covers this entry; empty when none is published yet.

    A full tile's name is stable; the newest, partial one is named by its width (C2SP tlog-tiles).
    """
    path = f"tile/{level}/{_tile_path(index // 256)}"
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
