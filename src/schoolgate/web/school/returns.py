"""What a school puts right in its own system, and what families declined: files for its own software.

Fetched by POST: each file is a look at the pupils in it, in the public log and in each child's own answer.
"""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from schoolgate import gate
from schoolgate.errors import Refused
from schoolgate.web.school.own import at_school, only_schools

PARTS = ("ctf", "table", "declined")
"""Which file: a Common Transfer File, a table of every value to change, or what families declined."""


@require_http_methods(["GET", "HEAD", "POST"])
@only_schools
def files(request: HttpRequest, urn: int) -> HttpResponse:
    """The three files; one of them when it is asked for."""
    part = request.POST.get("part", "")
    if request.method != "POST" or part not in PARTS:
        return render(request, "schoolgate/school/returns.html")
    name, kind, content = _declined(request, urn) if part == "declined" else _put_right(request, urn, part)
    if not content:
        messages.success(request, _("There is nothing to send or to put right."))
        return redirect("school-returns")
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _declined(request: HttpRequest, urn: int) -> tuple[str, str, bytes]:
    found = at_school(request, "school-declined")
    lines: tuple[gate.SchoolDeclined, ...] = () if isinstance(found, Refused) else found
    return f"declined-{urn}.csv", "text/csv; charset=utf-8", gate.declined_table(lines) if lines else b""


def _put_right(request: HttpRequest, urn: int, part: str) -> tuple[str, str, bytes]:
    found = at_school(request, "school-put-right")
    if isinstance(found, Refused) or not found.pupils:
        return "", "", b""
    if part == "ctf":
        return found.ctf_name, "application/xml; charset=utf-8", found.ctf.encode()
    return f"put-right-{urn}.csv", "text/csv; charset=utf-8", b"\xef\xbb\xbf" + found.table.encode()
