"""The single-file verifier, handed to whoever wants to check a proof without asking anybody."""

from __future__ import annotations

from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

VERIFIER = Path(__file__).resolve().parents[3] / "tools" / "verify_receipt.py"
"""Beside the package in a checkout; an installation without the checkout has none to hand out."""


@require_safe
def download(request: HttpRequest) -> HttpResponse:
    """The file, as it stands in the source."""
    if not VERIFIER.is_file():
        raise Http404
    return HttpResponse(
        VERIFIER.read_bytes(),
        content_type="text/x-python; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="verify_receipt.py"'},
    )
