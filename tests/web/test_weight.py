"""What a first visit weighs: nobody on a slow phone pays for bytes that say nothing."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

NAME = "govuk-frontend.css"


def test_a_browser_that_reads_compressed_files_gets_the_built_stylesheet_compressed() -> None:
    """The stylesheet is there when `frontend/` was built (Node is optional); then both copies are, and are the same."""
    built = [Path(folder) for folder in settings.STATICFILES_DIRS]
    assert built == [] or (built[0] / f"{NAME}.gz").is_file()
    for folder in built:
        plain = (folder / NAME).read_bytes()
        assert gzip.decompress((folder / f"{NAME}.gz").read_bytes()) == plain
        answer = Client().get(f"/static/{NAME}", headers={"accept-encoding": "gzip"})
        assert answer["Content-Encoding"] == "gzip"
        assert gzip.decompress(answer.getvalue()) == plain
        assert len(answer.getvalue()) < len(plain) / 6
        assert Client().get(f"/static/{NAME}").getvalue() == plain


@pytest.mark.django_db
def test_pages_themselves_are_sent_plain_since_they_may_hold_a_family_s_secrets() -> None:
    """Compressing what holds a secret and a reader's own words together tells the secret by length (BREACH, 2013)."""
    answer = Client().get("/check/", headers={"accept-encoding": "gzip, br"})
    assert answer.status_code == 200
    assert not answer.has_header("Content-Encoding")
