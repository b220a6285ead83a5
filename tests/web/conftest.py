"""Fixtures of the faces' tests: stand-in rooms, and who is signed in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

import schoolgate.desk
import schoolgate.dictionary
import schoolgate.notices
import schoolgate.register
import schoolgate.requests
import schoolgate.rights
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError
from schoolgate.people.models import Account
from tests.web import rooms

PASSWORD = "correct horse battery"


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> rooms.Log:
    """The register's stand-in, with one agreement's life in it."""
    log = rooms.Log()
    for name in ("events", "events_from", "event", "receipt_proof", "log_size", "totals"):
        monkeypatch.setattr(schoolgate.register, name, getattr(log, name), raising=False)
    monkeypatch.setattr(schoolgate.register, "canonical", rooms.canonical, raising=False)
    monkeypatch.setattr(schoolgate.register, "leaf_hash", rooms.leaf_hash, raising=False)
    monkeypatch.setattr(schoolgate.register, "verifier_key", lambda config: "log+abc+key", raising=False)
    who = {"organisation": "A university", "purpose": "education-research"}
    log.write("application.received", "APP-1", **who, items=[rooms.LANGUAGE])
    log.write("application.decided", "APP-1", outcome="approved", reasons=["It helps"])
    log.write("agreement.signed", rooms.AGREEMENT, application="APP-1", **who, items=[rooms.LANGUAGE])
    log.write("release.begun", "R1", agreement=rooms.AGREEMENT, **who, items=[rooms.LANGUAGE], pupils="120")
    log.write("query.refused", rooms.AGREEMENT, agreement=rooms.AGREEMENT, reasons=["item-not-approved"])
    return log


@pytest.fixture
def families(monkeypatch: pytest.MonkeyPatch) -> rooms.Families:
    """The rights room's stand-in."""
    families = rooms.Families()
    for name in (
        "child",
        "children",
        "lines_for",
        "my_record",
        "changed",
        "proof_file",
        "helped_for",
    ):
        monkeypatch.setattr(schoolgate.rights, name, getattr(families, name), raising=False)
    monkeypatch.setattr(schoolgate.desk, "for_family", families.for_family, raising=False)
    return families


@pytest.fixture
def site(
    log: rooms.Log,
    families: rooms.Families,
    home: Config,
    clock: FixedClock,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    client: Client,
) -> Client:
    """A browser without JavaScript, in front of the site."""

    def get(agreement_id: str) -> Any:
        if agreement_id != rooms.AGREEMENT:
            raise SchoolgateError("There is no such agreement.", code="unknown-agreement")
        return rooms.an_agreement()

    monkeypatch.setattr(schoolgate.requests, "get", get, raising=False)
    monkeypatch.setattr(schoolgate.requests, "agreements", lambda: (rooms.an_agreement(),), raising=False)
    monkeypatch.setattr(schoolgate.notices, "begins", rooms.begins, raising=False)
    monkeypatch.setattr(schoolgate.dictionary, "open_dictionary", lambda directory: rooms.Items(), raising=False)
    monkeypatch.setattr(schoolgate.dictionary, "purposes", lambda: rooms.PURPOSES, raising=False)

    settings.CONFIG = replace(home)
    home.dictionary.mkdir()
    settings.CLOCK = clock
    cache.clear()
    return client


@pytest.fixture
def parent(db: None) -> Account:
    """A parent's account."""
    return Account.objects.create_user("parent@example.org", PASSWORD)


@pytest.fixture
def signed_in(site: Client, parent: Account, families: rooms.Families) -> Client:
    """A parent signed in, with one child: link 1."""
    families.link(parent.pk, 1)
    families.lines.append(rooms.a_line())
    site.force_login(parent)
    return site


@pytest.fixture
def tiles(home: Config) -> Path:
    """The log's directory with a checkpoint and one tile."""
    place = home.log / "tile" / "entries"
    place.mkdir(parents=True)
    (place / "000").write_bytes(b"\x00\x01x")
    (home.log / "checkpoint").write_text("schoolgate\n1\nAAAA\n\n— k s\n", encoding="utf-8")
    (home.log / "publish.lock").write_text("secret", encoding="utf-8")
    (home.home / "secret").write_text("secret", encoding="utf-8")
    return home.log
