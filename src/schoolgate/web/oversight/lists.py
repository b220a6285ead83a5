"""Every entry of a kind as a file: sent while it is read, so that nothing is cut and nothing is held in memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, cast

from django.http import Http404, HttpResponse, StreamingHttpResponse

from schoolgate import oversight, register

_PORTION = 500


def _rows(kind: str) -> Iterator[list[dict[str, Any]]]:
    """All entries of a kind, newest first, in portions."""
    before: int | None = None
    while found := register.events(type=kind, before=before, limit=_PORTION):
        yield [{"index": one.index, **one.body} for one in found]
        before = found[-1].index


def _csv(kind: str) -> Iterator[str]:
    columns = ("index", "at", "subject", *(key.rstrip("?") for key in register.EVENT_TYPES[kind].keys))
    yield oversight.as_csv(columns, ())
    for rows in _rows(kind):
        yield oversight.as_csv(columns, rows).partition("\r\n")[2]


def _json(kind: str) -> Iterator[str]:
    comma = "["
    for rows in _rows(kind):
        for row in rows:
            yield f"{comma}\n{json.dumps(row, ensure_ascii=False)}"
            comma = ","
    yield "[]\n" if comma == "[" else "\n]\n"


_FORMS = {"csv": ("text/csv; charset=utf-8", _csv), "json": ("application/json", _json)}


def all_of(kind: str, form: str) -> HttpResponse:
    """A file with every entry of a kind.

    Raises:
        Http404: it does not come in this form.
    """
    if form not in _FORMS:
        raise Http404
    content_type, parts = _FORMS[form]
    answer = StreamingHttpResponse((part.encode() for part in parts(kind)), content_type=content_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{kind.replace(".", "-")}.{form}"'
    return cast(HttpResponse, answer)  # a view's decorators ask for its headers alone
