"""The public pages: what happens to the data now, for whom one is; every published notice and what changed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from schoolgate import dictionary, notices
from schoolgate.errors import SchoolgateError
from schoolgate.web.notices.now import picture_now
from schoolgate.web.notices.speaking import Tongue, others, spoken, spoken_now
from schoolgate.web.ports import clock, installation
from schoolgate.web.public.pages import public_page

SCHOOLS = 20
"""Most schools found at once."""

PAGE = 100
"""Uses on one page of the last layer."""

_LONGEST = 100
_KEY = re.compile(
    r"nation|ages-(?P<a>[0-9]+-[0-9]+)|census-(?P<t>[a-z]+)|school-(?P<u>[0-9]{6})(?:-ages-(?P<sa>[0-9]+-[0-9]+))?"
)


def audience_of(key: str) -> notices.Audience:
    """The audience of an address.

    Raises:
        Http404: there is none of this key.
    """
    match = _KEY.fullmatch(key)
    if match is None:
        raise Http404
    try:
        return notices.audience(urn=match["u"], ages=match["a"] or match["sa"] or "", term=match["t"] or "")
    except SchoolgateError as unknown:
        raise Http404 from unknown


@dataclass(frozen=True, slots=True)
class Choice:
    """A link to a notice: its key, and what it is called."""

    key: str
    name: str


def ages_name(ages: str) -> str:
    """“From 8 to 11”."""
    first, _dash, last = ages.partition("-")
    return _("From %(first)s to %(last)s") % {"first": first, "last": last}


def _ages(whom: notices.Audience) -> list[Choice]:
    known: Sequence[str] = notices.ages_of(whom.school) if whom.school is not None else notices.AGES
    start = f"school-{whom.urn}-" if whom.school is not None else ""
    return [Choice(f"{start}ages-{ages}", ages_name(ages)) for ages in known]


@public_page
def index(request: HttpRequest) -> HttpResponse:
    """Every notice there is, and the newest that were published."""
    context = {
        "section": "notices",
        "ages": _ages(notices.Audience()),
        "terms": [Choice(f"census-{term}", _("The %(term)s census") % {"term": _(term)}) for term in notices.TERMS],
        "published": notices.notices(5),
    }
    return render(request, "schoolgate/notices/index.html", context)


@public_page
def school(request: HttpRequest) -> HttpResponse:
    """Find a school by its number or words of its name."""
    words = " ".join(request.GET.get("q", "").split())[:_LONGEST]
    found: list[Choice] = []
    if re.fullmatch(r"[0-9]{6}", words) and dictionary.establishment(int(words)) is not None:
        return redirect("notice", f"school-{words}")
    if len(words) > 1:
        wanted = words.casefold().split()
        for one in dictionary.establishments():
            name = f"{one.name} {one.authority_name}".casefold()
            if all(word in name for word in wanted):
                found.append(Choice(f"school-{int(one.urn)}", f"{one.name}, {one.authority_name}"))
            if len(found) > SCHOOLS:
                break
    context = {"section": "notices", "words": words, "found": found[:SCHOOLS], "more": len(found) > SCHOOLS}
    return render(request, "schoolgate/notices/school.html", context)


@public_page
@spoken
def one(request: HttpRequest, key: str, layer: str = notices.SHORT) -> HttpResponse:
    """One notice as it stands now: a layer of it."""
    whom = audience_of(key)
    if layer not in notices.LAYERS:
        raise Http404
    picture, page, pages = picture_now(), 1, 1
    if layer == notices.ALL and not whom.ages:
        page, pages = _page(request, sum(use.standing != notices.HELD for use in notices.uses_for(picture, whom)))
    text = notices.compose(
        picture,
        whom,
        site=installation().site,
        language=spoken_now().code,
        layers=(layer,),
        part=slice((page - 1) * PAGE, None if page == pages else page * PAGE),
    )
    last = notices.notices(1)
    context = {
        "section": "notices",
        "key": key,
        "text": text,
        "layer": layer,
        "layers": notices.layer_titles(whom, spoken_now().code),
        "tongue": spoken_now(),
        "tongues": others(),
        "sections": text.layer(layer).sections,
        "page": page,
        "pages": pages,
        "ages": _ages(whom) if not whom.ages and not whom.term else [],
        "parents": key.partition("-ages-")[0] if whom.school is not None and whom.ages else "",
        "last": last[0] if last else None,
    }
    return render(request, "schoolgate/notices/one.html", context)


def _page(request: HttpRequest, count: int) -> tuple[int, int]:
    pages = max(1, -(-count // PAGE))
    asked = request.GET.get("page", "1")
    if not re.fullmatch(r"[1-9][0-9]{0,5}", asked) or int(asked) > pages:
        raise Http404
    return int(asked), pages


@public_page
@spoken
def printed(request: HttpRequest, key: str) -> HttpResponse:
    """The first layer on one sheet of paper, for book bags."""
    text = notices.compose(
        picture_now(),
        audience_of(key),
        site=installation().site,
        language=spoken_now().code,
        layers=(notices.SHORT,),
    )
    context = {"tongue": spoken_now(), "text": text, "sections": text.layer(notices.SHORT).sections, "key": key}
    return render(request, "schoolgate/notices/print.html", context)


@public_page
@spoken
def plain(request: HttpRequest, key: str) -> HttpResponse:
    """The whole notice as plain text."""
    text = notices.compose(picture_now(), audience_of(key), site=installation().site, language=spoken_now().code)
    return HttpResponse(text.whole, content_type="text/plain; charset=utf-8")


@public_page
def versions(request: HttpRequest) -> HttpResponse:
    """Every published notice."""
    return render(request, "schoolgate/notices/versions.html", {"section": "notices", "published": notices.notices()})


@public_page
def version(request: HttpRequest, number: str) -> HttpResponse:
    """One published notice: what changed, who was told, from when it may be used, its texts."""
    try:
        found, picture = notices.notice(number), notices.picture_of(number)
        earlier = notices.before(number)
    except notices.UnknownNotice as unknown:
        raise Http404 from unknown
    before = notices.picture_of(earlier.number) if earlier is not None else None
    known = dict(settings.LANGUAGES)
    context = {
        "section": "notices",
        "notice": found,
        "earlier": earlier,
        **difference(before, picture),
        "texts": [
            (key, name_of(key), Tongue(code, known.get(code, code)), sha256) for key, code, sha256 in found.texts
        ],
    }
    return render(request, "schoolgate/notices/version.html", context)


def difference(before: notices.Picture | None, now: notices.Picture) -> dict[str, object]:
    """Before and after in words, for a template."""
    changes = notices.changes(before, now) if before is not None else ()
    return {
        "new": [notices.change_words(one) for one in changes if one.needs_notice],
        "other": [notices.change_words(one) for one in changes if not one.needs_notice],
        "sides": [notices.side_words(side) for side in notices.sides(before, now)],
        "is_first": before is None,
    }


def name_of(key: str) -> str:
    """What the notice of a key is called in a list."""
    whom = audience_of(key)
    if whom.ages:
        return ages_name(whom.ages)
    return _("The %(term)s census") % {"term": _(whom.term)} if whom.term else _("For parents, all of England")


@public_page
@spoken
def as_published(request: HttpRequest, number: str, key: str) -> HttpResponse:
    """The text as it was published; a school's is made from what that notice was made from."""
    whom = audience_of(key)
    try:
        kept = notices.kept_text(number, whom, spoken_now().code)
        if kept is None:
            if whom in notices.standard():  # it was not made in this language then
                raise Http404
            picture = notices.picture_of(number)
            kept = notices.compose(picture, whom, site=installation().site, language=spoken_now().code).whole
    except notices.UnknownNotice as unknown:
        raise Http404 from unknown
    return HttpResponse(kept, content_type="text/plain; charset=utf-8")


@public_page
def feed(request: HttpRequest) -> HttpResponse:
    """The published notices as an Atom feed (RFC 4287)."""
    found = notices.notices(50)
    context = {
        "site": installation().site,
        "published": found,
        "updated": found[0].published_at if found else clock().now(),
    }
    return render(request, "schoolgate/notices/feed.xml", context, content_type="application/atom+xml; charset=utf-8")
