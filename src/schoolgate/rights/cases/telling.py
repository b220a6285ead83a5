"""A letter to the family whenever staff took a step, and to a school that is asked.

It names no child, school or fact: many may read an inbox. Who is served by staff, and an account without an address, is
told on paper (`posting`).
"""

from __future__ import annotations

from contextlib import suppress

from django.utils.translation import gettext as _

from schoolgate import consent, people, post
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError
from schoolgate.rights.cases.models import Case
from schoolgate.rights.claims import open_links
from schoolgate.rights.models import ChildLink

NEEDS_ANSWER = ("ask_identity", "ask_clarification", "keep_child")
"""Steps after which the family has to say something."""


def on_paper(row: Case) -> bool:
    """Whether a family is told on paper: staff act for it, or its account has no address. Not once its link ended."""
    link = ChildLink.objects.filter(account_id=row.account_id, pupil=row.pupil, ended_at=None).first()
    if link is None:
        return False
    with suppress(SchoolgateError):
        return link.by_staff or not people.account(row.account_id).has_address
    return False


def opens(row: Case, config: Config | None, clock: Clock) -> int:
    """The number of the family's link whose page opens today; 0 when none does, and nobody may be written to."""
    own = (link for link in open_links(row.pupil, config=config, clock=clock) if link.account_id == row.account_id)
    return next((link.public_id for link in own), 0)


def tell_family(row: Case, event: str, config: Config, clock: Clock) -> bool:
    """Write that there is something to read; whether a letter was put into the box."""
    if on_paper(row) or not opens(row, config, clock):
        return False  # to a page that is closed a letter would lead nowhere, and say that something goes on
    with suppress(SchoolgateError):
        address = people.account(row.account_id).email
        text = [
            _("There is something new in your case %(case)s.") % {"case": row.reference},
            _("We need an answer from you before we can go on.") if event in NEEDS_ANSWER else "",
            _("Sign in to read it: %(site)s/family/") % {"site": post.site_address()},
            _("We say no more here, because others may read your letters."),
        ]
        subject = _("Something new in your case %(case)s") % {"case": row.reference}
        post.write(address, subject, "\n\n".join(part for part in text if part), clock=clock)
        return True
    return False


def tell_school(row: Case, clock: Clock) -> int:
    """Write to the school that is asked that a question waits on its page; to how many addresses. Of a shielded child
    nobody is written to: the question is on no school's page, either.
    """
    shielded = set(consent.shielded_pupils()) & {row.pupil, row.pmr}
    if row.state != "with_source" or row.source_urn is None or shielded:
        return 0
    offices = [one.email for one in people.accounts_of("school") if one.urn == row.source_urn]
    text = [
        _("A family says that a fact is wrong which came from your school’s return."),
        _("Sign in to see which fact, and to say what is right: %(site)s/school/questions/")
        % {"site": post.site_address()},
        _("If you say nothing by the day that stands there, it is decided without you."),
        _("We name no child here, because others may read your letters."),
    ]
    for address in offices:
        post.write(address, _("A question waits for your school"), "\n\n".join(text), clock=clock)
    return len(offices)
