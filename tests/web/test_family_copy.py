"""A family's pages for its copy: asked for, looked after, read, fetched, deleted; and being told of something new."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from schoolgate import gate, rights
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.people.models import Account
from schoolgate.post.letters import send_due
from schoolgate.rights.packs.models import Pack
from schoolgate.rights.packs.wording import GROUNDS, RIGHTS
from tests.rights.packs.test_pack import linked
from tests.web.furnished import just_proved
from tests.web.reading_age import grade
from tests.world import CHILDREN, build

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_copy_from_the_asking_to_its_end_without_a_script(home: Config, clock: FixedClock, settings: Any) -> None:
    settings.CONFIG, settings.CLOCK = home, clock
    world = build(home, clock)
    home.dictionary.mkdir(exist_ok=True)
    question = "SELECT sex, count(*) AS n FROM census_pupil GROUP BY sex"
    assert isinstance(gate.read(world.agreement, world.person, question, config=home, clock=clock), gate.Handover)
    gate.settle_pending(home, clock)
    link = linked("parent@example.org", home, clock)
    browser = Client()
    browser.force_login(Account.objects.get(pk=link.account_id))
    page = f"/family/child/{link.id}/copy/"

    def shown(path: str = page, **sent: Any) -> str:
        answer = browser.post(path, sent["post"], follow=True) if "post" in sent else browser.get(path)
        assert answer.status_code == 200, answer.status_code
        assert answer.headers["Cache-Control"] == "no-store"
        return str(answer.content.decode())

    assert "Ask for a copy" in shown()
    waiting = shown(post={})
    assert "We are making your copy" in waiting
    assert "Look again" in waiting
    assert "Step 1 of 3" in waiting
    assert "1 October 2026" in waiting
    # It is a state of the page and not of a script: nothing reloads by itself (WCAG 2.2, F41).
    assert 'http-equiv="refresh"' not in waiting
    assert rights.packs.make_pack(Pack.objects.get().public_id, config=home, clock=clock)

    stolen = browser.post(f"{page}pdf/")
    assert "again=yes" in stolen.headers["Location"], "a session that was not proved lately takes nothing away"
    just_proved(browser, clock)
    ready = shown()
    assert "Your copy is here" in ready
    read = shown(f"{page}text/", post={})
    for words in (CHILDREN[1].surname, "Autumn 2026", "University of Example (synthetic)", "What this copy leaves out"):
        assert words in read
    assert "ZZ9 9ZZ" not in read
    for form, kind, start in (
        ("pdf", "application/pdf", b"%PDF"), ("csv", "application/zip", b"PK"), ("json", "application/json", b"{"),
    ):  # fmt: skip
        assert browser.get(f"{page}{form}/").headers["Location"] == page, "looking by GET fetches nothing"
        file = browser.post(f"{page}{form}/")
        assert file.headers["Content-Type"].startswith(kind)
        assert file.headers["Cache-Control"] == "no-store"
        name = file.headers["Content-Disposition"]
        assert name.startswith('attachment; filename="copy-of-a-record.')
        assert file.content.startswith(start)
    assert json.loads(browser.post(f"{page}json/").content)["schoolgate"] == "access-pack/1"
    assert browser.post(f"{page}exe/").status_code == 404
    done = shown()
    for words in ("It was made.", "It was read on this page.", "It was fetched to print."):
        assert words in done
    lines = shown(f"/family/child/{link.id}/")
    assert "You looked at the record." in lines
    gone = shown(f"{page}away/", post={})
    assert "The copy is deleted here." in gone
    assert "Ask for a copy" in gone
    assert browser.post(f"{page}pdf/").status_code == 404

    # The words of the copy itself are for a family to read; what others wrote, such as laws, is theirs.
    own = [one for one in RIGHTS + GROUNDS if "Regulations" not in one]
    assert grade("\n".join(own)) < 9

    # Being told: chosen on a page, asked for a yes at the account's own address.
    told = f"/family/child/{link.id}/told/"
    assert "parent@example.org" in shown(told)
    assert "Choose how often" in browser.post(told, {"every": "hourly"}).content.decode()
    assert "We have sent you an e-mail" in shown(told, post={"every": "weekly"})
    mail.outbox.clear()
    send_due(clock)
    assert [letter.to for letter in mail.outbox] == [["parent@example.org"]]
    assert "We wait for your yes" in shown(told)
    assert "We will not write to you." in shown(told, post={"every": "none"})

    # Somebody else's page answers as one that is not there.
    stranger = Client()
    stranger.force_login(Account.objects.create_user("stranger@example.org", "correct horse battery"))
    for path in (page, told, f"/family/child/{link.id}/who/{world.agreement}/"):
        other = stranger.get(path)
        none = stranger.get(path.replace(str(link.id), str(link.id + 1)))
        assert (other.status_code, none.status_code) == (404, 404)
        assert other.content.replace(str(link.id).encode(), b"") == none.content.replace(str(link.id + 1).encode(), b"")
