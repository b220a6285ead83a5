"""The record of processing in portions: there may be twenty thousand agreements in it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import cast

from django.http import Http404, HttpResponse, StreamingHttpResponse

from schoolgate import oversight, register, requests
from schoolgate.clock import custodians_day
from schoolgate.web.ports import clock

_SIGNED = ("active", "suspended", "reopened", "ended", "destroyed")
_PORTION = 200


def signed_agreements(before: int | None, limit: int) -> tuple[list[str], int | None]:
    """Numbers of agreements, the newest first, and where the next page begins."""
    lines, older = requests.listed(_SIGNED, before=before, limit=limit)
    return [one.agreement_id for one in lines if one.agreement_id], older


def family_right(checked: oversight.Checked) -> tuple[oversight.Activity, ...]:
    """The agreement that is every family's right, once there is one."""
    return oversight.agreement_activities([requests.SUBJECT_ACCESS], checked)


def _portions(checked: oversight.Checked) -> Iterator[tuple[oversight.Activity, ...]]:
    yield (*oversight.standing_activities(checked), *family_right(checked))
    before: int | None = None
    while True:
        ids, before = signed_agreements(before, _PORTION)
        yield oversight.agreement_activities(ids, checked)
        if before is None:
            return


def _csv(checked: oversight.Checked) -> Iterator[str]:
    yield oversight.as_csv(oversight.COLUMNS, ())
    for part in _portions(checked):
        yield oversight.as_csv(oversight.COLUMNS, map(oversight.as_row, part)).partition("\r\n")[2]


def _json(checked: oversight.Checked) -> Iterator[str]:
    head = {
        "controller": json.loads(oversight.as_json(checked.controller)),
        "undeclared": json.loads(oversight.as_json(checked.undeclared)),
        "held_too_long": json.loads(oversight.as_json(checked.held_too_long)),
    }
    yield json.dumps(head, ensure_ascii=False).removesuffix("}") + ', "activities": ['
    comma = ""
    for part in _portions(checked):
        for one in part:
            yield f"{comma}\n{oversight.as_json(one).rstrip()}"
            comma = ","
    yield "\n]}\n"


_FORMS = {"csv": ("text/csv; charset=utf-8", _csv), "json": ("application/json", _json)}


def record_file(checked: oversight.Checked, form: str) -> HttpResponse:
    """The whole record as a file, sent while it is made.

    Raises:
        Http404: it does not come in this form.
    """
    if form not in _FORMS:
        raise Http404
    content_type, parts = _FORMS[form]
    answer = StreamingHttpResponse((part.encode() for part in parts(checked)), content_type=content_type)
    # What it will be is known by the log's size and the day, so that the same is not sent twice.
    known = repr((form, register.log_size(), custodians_day(clock())))
    answer.headers["ETag"] = f'W/"{hashlib.sha256(known.encode()).hexdigest()[:32]}"'
    answer.headers["Content-Disposition"] = f'attachment; filename="record-of-processing.{form}"'
    return cast(HttpResponse, answer)  # a view's decorators ask for its headers alone
