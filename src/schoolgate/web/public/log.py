"""The log's static files, read-only, as C2SP tlog-tiles lays them out."""

from __future__ import annotations

import re

from django.http import Http404, HttpRequest, HttpResponse

from schoolgate.web.ports import installation
from schoolgate.web.public.pages import public_page

# c2sp.org/tlog-tiles: `checkpoint`, `tile/<L>/<N>[.p/<W>]`, `tile/entries/<N>[.p/<W>]`, and the verifier key.
# Everything else in the directory (a half-written file, a lock) is not there, as far as the world can see.
PUBLIC_PATH = re.compile(
    r"checkpoint|key|vkey"
    r"|tile/(?:entries|[0-9]|[1-5][0-9]|6[0-3])/(?:x[0-9]{3}/)*[0-9]{3}(?:\.p/(?:[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5]))?"
)
_LARGEST = 256 * 65_537
"""A full entries tile: 256 entries of at most 65,535 bytes, each after a two-byte length."""
_LONGEST_PATH = 200


@public_page
def file(request: HttpRequest, path: str) -> HttpResponse:
    """One file of the log."""
    if len(path) > _LONGEST_PATH or not PUBLIC_PATH.fullmatch(path):
        raise Http404
    log = installation().log.resolve()
    place = (log / path).resolve()
    if not place.is_relative_to(log) or not place.is_file() or place.stat().st_size > _LARGEST:
        raise Http404
    try:
        data = place.read_bytes()
    except FileNotFoundError:  # a partial tile, removed since because the full one is in place
        raise Http404 from None
    is_tile = path.startswith("tile/")
    return HttpResponse(
        data,
        content_type="application/octet-stream" if is_tile else "text/plain; charset=utf-8",
        headers={
            # Tiles never change once written; a checkpoint is replaced (tlog-tiles, "Caching").
            "Cache-Control": "public, max-age=31536000, immutable" if is_tile else "no-cache",
            "Access-Control-Allow-Origin": "*",  # anybody's verifier may read the public log
            "Cross-Origin-Resource-Policy": "cross-origin",
        },
    )
