"""A letter to the family whenever staff took a step. It names no child, school or fact: many may read an inbox.

An account without an address in use is told on the page alone; who is served on paper is told by the staff who serve.
"""

from __future__ import annotations

from contextlib import suppress

from django.utils.translation import gettext as _

from schoolgate import people, post
from schoolgate.clock import Clock
from schoolgate.errors import SchoolgateError
from schoolgate.rights.cases.models import Case

_NEEDS_ANSWER = ("ask_identity", "ask_clarification", "keep_child")


def tell_family(row: Case, event: str, clock: Clock) -> bool:
    """Write that there is something to read; whether a letter was put into the box."""
    with suppress(SchoolgateError):
        address = people.account(row.account_id).email
        text = [
            _("There is something new in your case %(case)s.") % {"case": row.reference},
            _("We need an answer from you before we can go on.") if event in _NEEDS_ANSWER else "",
            _("Sign in to read it: %(site)s/family/") % {"site": post.site_address()},
            _("We say no more here, because others may read your letters."),
        ]
        subject = _("Something new in your case %(case)s") % {"case": row.reference}
        post.write(address, subject, "\n\n".join(part for part in text if part), clock=clock)
        return True
    return False
