"""Signing in through a government's provider that runs beside the test, and everything that is not accepted."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.cache import cache
from django.test import Client

import requests as http
from schoolgate import people, rights
from schoolgate.clock import FixedClock, SystemClock
from schoolgate.config import Config, Outside
from schoolgate.errors import SchoolgateError
from schoolgate.people import signin
from schoolgate.people.models import Account, OutsideSignIn
from schoolgate.records.vault import Vault
from tests.oidc.provider import CLIENT, PERSON
from tests.world import CHILDREN, load_children

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Running:
    """The provider's process."""

    address: str
    key: Path

    def fault(self, name: str) -> None:
        urlopen(f"{self.address}/fault?name={name}", timeout=10).read()


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("oidc")
    private = ec.generate_private_key(ec.SECP256R1())
    key, public = folder / "client.pem", folder / "public.pem"
    key.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    public.write_bytes(
        private.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    words = [sys.executable, "-m", "tests.oidc.provider", str(public)]
    process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield Running(f"http://127.0.0.1:{int(process.stdout.readline())}", key)
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture
def site(provider: Running, home: Config, settings: Any, client: Client) -> Client:
    """The site, with the provider set."""
    cache.clear()
    provider.fault("")
    outside = Outside(provider.address, CLIENT, provider.key, f"{provider.address}/identity")
    settings.CONFIG = replace(home, oidc=outside, site="http://testserver")
    settings.CLOCK = SystemClock()
    return client


PASSWORD = "correct horse battery"


def show_who(site: Client, email: str) -> None:
    """Sign in with the password: whoever is here has just shown who they are."""
    site.post("/family/sign-in/", {"email": email, "password": PASSWORD})


def at_the_provider(site: Client, start: str = "/family/sign-in/government/") -> str:
    """Go to the provider, sign in there, and give the address it sends one back to."""
    sent = site.get(start)
    assert sent.status_code == 302, sent.content
    answer = http.get(sent["Location"], allow_redirects=False, timeout=10)
    assert answer.status_code == 302, answer.text
    return str(answer.headers["Location"])


def test_somebody_signs_in_and_comes_back_to_the_same_account(site: Client) -> None:
    came = site.get(at_the_provider(site))
    assert (came.status_code, came["Location"]) == (302, "/family/")
    (row,) = OutsideSignIn.objects.all()
    assert row.account.role == "family"
    assert not row.account.has_usable_password()
    site.post("/family/sign-out/")
    site.get(at_the_provider(site))
    assert site.get("/family/account/").status_code == 200
    assert Account.objects.count() == OutsideSignIn.objects.count() == 1


def test_what_is_sent_to_the_provider_is_code_flow_with_pkce_a_nonce_and_two_factors(site: Client) -> None:
    asked = parse_qs(urlsplit(site.get("/family/sign-in/government/")["Location"]).query)
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["vtr"] == ['["Cl.Cm"]']
    assert asked["redirect_uri"] == ["http://testserver/family/sign-in/government/back/"]
    assert len(asked["nonce"][0]) == len(asked["state"][0]) == 43


@pytest.mark.parametrize(
    "fault",
    ["nonce", "audience", "issuer", "expired", "one-factor", "signature", "unsigned", "somebody-else", "declined"],
)
def test_an_answer_that_does_not_fit_signs_nobody_in(site: Client, provider: Running, fault: str) -> None:
    provider.fault(fault)
    came = site.get(at_the_provider(site))
    assert came.status_code == 400
    assert "We could not sign you in" in came.content.decode()
    assert not Account.objects.exists()
    assert "_auth_user_id" not in site.session


@pytest.mark.parametrize("fault", ["level", "identity-signature"])
def test_an_identity_that_is_not_proven_opens_no_record(site: Client, provider: Running, fault: str) -> None:
    provider.fault(fault)
    came = site.get(at_the_provider(site, "/family/sign-in/government/?proven=yes"))
    assert came.status_code == 400
    assert "_auth_user_id" not in site.session


def test_an_answer_counts_once_and_only_for_who_asked(site: Client) -> None:
    address = at_the_provider(site)
    assert Client().get(address).status_code == 400  # somebody else's browser: a sent link signs nobody in
    assert site.get(address).status_code == 302
    assert site.get(address).status_code == 400  # state, nonce and code are used up


def test_a_code_that_was_used_before_is_refused_by_the_provider_and_so_by_us(site: Client) -> None:
    first = at_the_provider(site)
    code = parse_qs(urlsplit(first).query)["code"][0]
    assert site.get(first).status_code == 302
    site.post("/family/sign-out/")
    state = parse_qs(urlsplit(at_the_provider(site)).query)["state"][0]
    assert site.get("/family/sign-in/government/back/", {"code": code, "state": state}).status_code == 400


def test_a_provider_that_is_down_is_said_in_plain_words(site: Client, provider: Running, settings: Any) -> None:
    provider.fault("token-down")
    came = site.get(at_the_provider(site))
    assert came.status_code in (400, 502)
    assert "another way" in came.content.decode()
    cache.clear()
    outside = replace(settings.CONFIG.oidc, issuer="http://127.0.0.1:9")
    settings.CONFIG = replace(settings.CONFIG, oidc=outside)
    down = site.get("/family/sign-in/government/")
    assert down.status_code == 502
    assert "did not answer" in down.content.decode()
    settings.CONFIG = replace(settings.CONFIG, oidc=None)
    assert site.get("/family/sign-in/government/")["Location"] == "/family/sign-in/"  # off unless it is set


def test_an_address_that_has_an_account_here_joins_nobody_to_it(site: Client) -> None:
    mine = people.create_account("adult@example.org", "correct horse battery")
    site.get(at_the_provider(site))
    assert int(site.session["_auth_user_id"]) != mine.id


def test_whoever_is_signed_in_adds_the_provider_to_their_own_account(site: Client) -> None:
    mine = people.create_account("adult@example.org", PASSWORD)
    show_who(site, "adult@example.org")
    site.get(at_the_provider(site))
    assert people.outside_sign_ins(mine.id)
    other = people.create_account("other@example.org", PASSWORD)
    show_who(site, "other@example.org")
    assert site.get(at_the_provider(site)).status_code == 400
    assert people.outside_sign_ins(other.id) == ()


def an_hour_later(site: Client) -> None:
    """The session is no longer fresh: it may be somebody else's by now."""
    session = site.session
    session["proved-at"] -= 3600
    session.save()


def test_who_holds_a_stolen_session_adds_no_way_in_and_is_not_taken_for_who_has_just_signed_in(site: Client) -> None:
    mine = people.create_account("adult@example.org", PASSWORD)
    show_who(site, "adult@example.org")
    begun = at_the_provider(site)  # begun while it was fresh, and come back when it is not
    an_hour_later(site)
    assert site.get(begun).status_code == 400
    assert people.outside_sign_ins(mine.id) == ()
    for start in ("/family/sign-in/government/", "/family/sign-in/government/?proven=yes"):
        asked = site.get(start)
        assert asked["Location"].startswith("/family/sign-in/?next=%2Ffamily%2Fsign-in%2Fgovernment%2F")
    assert site.get("/family/account/passkeys/add/")["Location"].startswith("/family/sign-in/")  # still not fresh
    # Whoever has this way already shows by it who they are.
    show_who(site, "adult@example.org")
    site.get(at_the_provider(site))
    an_hour_later(site)
    assert site.get(at_the_provider(site))["Location"] == "/family/"


def test_a_way_in_that_somebody_else_added_is_taken_away_and_the_last_way_in_stays(site: Client) -> None:
    mine = people.create_account("adult@example.org", PASSWORD)
    show_who(site, "adult@example.org")
    site.get(at_the_provider(site))
    an_hour_later(site)
    assert site.post("/family/account/government/remove/")["Location"].startswith("/family/sign-in/")
    assert people.outside_sign_ins(mine.id)
    show_who(site, "adult@example.org")
    assert site.post("/family/account/government/remove/")["Location"] == "/family/account/"
    assert people.outside_sign_ins(mine.id) == ()
    # An account that the provider alone opens would be lost to everybody.
    again = Client()
    again.get(at_the_provider(again))
    alone = int(again.session["_auth_user_id"])
    assert alone != mine.id
    said = again.post("/family/account/government/remove/", follow=True).content.decode()
    assert "your only way to sign in" in said
    assert people.outside_sign_ins(alone)


def test_somebody_who_signs_in_twice_at_one_moment_has_one_account_and_stands_in_no_log(
    site: Client, settings: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    made, real = people.create_account("adult@example.org", PASSWORD), signin._new

    def meanwhile(email: str, name: str) -> Account:
        now, issuer = SystemClock().now(), settings.CONFIG.oidc.issuer
        OutsideSignIn.objects.create(
            account_id=made.id, issuer=issuer, subject=PERSON["sub"], added_at=now, used_at=now
        )
        return real(email, name)

    monkeypatch.setattr(signin, "_new", meanwhile)
    assert site.get(at_the_provider(site)).status_code == 400
    assert Account.objects.count() == 1
    assert PERSON["sub"] not in caplog.text


def test_an_adult_comes_to_the_record_of_their_own_schooldays(site: Client, settings: Any) -> None:
    config = settings.CONFIG
    load_children(config, FixedClock(datetime(2026, 9, 1, tzinfo=UTC)))
    vault = Vault(config)
    (pupil,) = vault.holders([CHILDREN[1].upn])[CHILDREN[1].upn]
    vault.update({pupil: replace(CHILDREN[1], dob="1990-02-11")})
    site.get(at_the_provider(site, "/family/sign-in/government/?proven=yes"))
    stored = site.session["outside-who"]
    assert "Canary" not in bytes.fromhex(stored).decode("latin-1")  # the table of sessions holds no name
    for wrong in (CHILDREN[2].upn, "A000000000000", "nonsense"):
        told = site.post("/family/own-record/", {"upn": wrong}).content.decode()
        assert "We could not find one record that fits." in told
    came = site.post("/family/own-record/", {"upn": CHILDREN[1].upn})
    assert came.status_code == 302, came.content
    assert came["Location"].startswith("/family/child/")
    account = int(site.session["_auth_user_id"])
    (link,) = rights.children(account)
    assert link.standing == "pupil"
    assert "outside-who" not in site.session
    again = site.get("/family/own-record/").content.decode()
    assert "First show who you are." in again


@pytest.mark.parametrize(
    "given",
    [
        {"SCHOOLGATE_OIDC_ISSUER": "https://oidc.example"},
        {"SCHOOLGATE_OIDC_ISSUER": "http://oidc.example", "SCHOOLGATE_OIDC_CLIENT": "c", "SCHOOLGATE_OIDC_KEY": "k"},
    ],
    ids=["half set", "in the clear"],
)
def test_settings_that_cannot_work_are_refused(given: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SchoolgateError, match="SCHOOLGATE_OIDC"):
        Config.from_environment()
