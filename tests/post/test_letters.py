"""Letters: sealed while they wait, sent once, tried again, and never with an address where it could be read."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection, transaction
from pytest_django import Settings

from schoolgate import post, work
from schoolgate.clock import FixedClock
from schoolgate.config import Config, mail_of
from schoolgate.errors import SchoolgateError
from schoolgate.post import jobs
from schoolgate.post.letters import TRIES, send_due
from schoolgate.post.models import Letter

pytestmark = pytest.mark.django_db(transaction=True)

ADDRESS = "synthetic.parent@example.org"


class Broken(EmailBackend):
    """A server that says no, and repeats the address as servers do."""

    def send_messages(self, messages: Any) -> int:
        """Refuse."""
        raise OSError(f"550 no such box: {ADDRESS}")


def test_a_letter_leaves_by_the_worker_and_is_gone_from_the_box(home: Config, clock: FixedClock) -> None:
    post.write(f" {ADDRESS} ", "About your\nrequest", "It was approved.", clock=clock)
    assert post.outgoing() == post.Outgoing(1, 0)
    jobs.send.call(config=home, clock=clock)
    assert post.outgoing() == post.Outgoing(0, 0)
    (sent,) = mail.outbox
    assert (sent.to, sent.subject, sent.body) == ([ADDRESS], "About your request", "It was approved.")
    assert sent.message()["Auto-Submitted"] == "auto-generated"
    assert sent.message()["List-Unsubscribe"] is None


def test_the_worker_is_asked_for_letters_only_when_one_waits(home: Config, clock: FixedClock) -> None:
    assert not jobs._waiting(home)
    post.write(ADDRESS, "s", "t", clock=clock)
    assert jobs._waiting(home)
    work.Worker(home, clock, pace=work.Pace(poll=timedelta(seconds=0.01))).run(burst=True)
    assert len(mail.outbox) == 1


def test_neither_address_nor_text_can_be_read_in_the_database(clock: FixedClock) -> None:
    post.write(ADDRESS, "A subject to hide", "A text to hide", clock=clock)
    post.subscribe("register?", ADDRESS, clock=clock)
    with connection.cursor() as cursor:
        for table in ("post_letter", "post_subscription", "post_asking"):
            cursor.execute(f"SELECT * FROM {table}")
            held = repr([[bytes(v) if isinstance(v, memoryview) else v for v in row] for row in cursor.fetchall()])
            assert ADDRESS not in held
            assert "to hide" not in held


def test_a_letter_that_fails_is_tried_again_and_in_the_end_waits_for_a_person(
    settings: Settings, clock: FixedClock, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMAIL_BACKEND = "tests.post.test_letters.Broken"
    post.write(ADDRESS, "s", "t", clock=clock)
    moment = clock.now()
    with caplog.at_level(logging.DEBUG):
        assert send_due(FixedClock(moment)) == 0
        assert send_due(FixedClock(moment + timedelta(seconds=59))) == 0
    assert Letter.objects.get().tries == 1
    for _ in range(TRIES):
        moment = max(moment, Letter.objects.get().due_at)
        send_due(FixedClock(moment))
    assert post.outgoing() == post.Outgoing(0, 1)
    assert moment - clock.now() > timedelta(days=1)
    held = Letter.objects.get()
    assert held.problem == "OSError"
    assert ADDRESS not in caplog.text


def test_one_letter_that_cannot_be_sent_keeps_no_other_waiting(settings: Settings, clock: FixedClock) -> None:
    post.write(ADDRESS, "s", "t", clock=clock)
    Letter.objects.update(sealed=b"not what was sealed at all")
    post.write(ADDRESS, "the second", "t", clock=clock)
    assert send_due(clock) == 1
    assert [one.subject for one in mail.outbox] == ["the second"]


def test_a_letter_of_an_undone_transaction_was_never_written(clock: FixedClock) -> None:
    with transaction.atomic():
        post.write(ADDRESS, "s", "t", clock=clock)
        transaction.set_rollback(True)
    assert post.outgoing().waiting == 0


@pytest.mark.parametrize(
    "address", ["", "q@q", "a@b\nBcc: c@d.example", "x" * 250 + "@example.org", "a@b, c@d.example"]
)
def test_what_is_no_address_is_said_without_repeating_it(address: str, clock: FixedClock) -> None:
    with pytest.raises(SchoolgateError, match="not an e-mail address") as said:
        post.write(address, "s", "t", clock=clock)
    assert not address or address not in str(said.value)


@pytest.mark.parametrize(("subject", "text"), [("", "t"), ("s", " \n"), ("s" * 201, "t"), ("s", "t" * 200_001)])
def test_a_letter_without_subject_or_text_or_too_long_is_not_taken(subject: str, text: str, clock: FixedClock) -> None:
    with pytest.raises(SchoolgateError, match="one line"):
        post.write(ADDRESS, subject, text, clock=clock)


def test_nothing_leaves_a_machine_that_was_not_told_where_to(home: Config) -> None:
    assert mail_of(home).backend.endswith("filebased.EmailBackend")
    assert mail_of(home).folder == home.home / "letters"


@pytest.mark.parametrize(
    ("address", "port", "starttls", "tls"),
    [
        ("smtp://u:p%40ss@mail.example", 587, True, False),
        ("smtps://u:p%40ss@mail.example", 465, False, True),
        ("smtp://u:p%40ss@localhost:25", 25, False, False),
    ],
)
def test_a_mail_server_is_spoken_to_in_secret(home: Config, address: str, port: int, starttls: bool, tls: bool) -> None:
    found = mail_of(Config(home.home, "sqlite", mail=address, site="https://pupils.example"))
    assert (found.port, found.starttls, found.tls) == (port, starttls, tls)
    assert (found.user, found.password, found.sender) == ("u", "p@ss", "no-reply@pupils.example")


@pytest.mark.parametrize("address", ["pigeon", "http://secret@x", "smtp://u:secret@h:port", "smtp://"])
def test_a_wrong_mail_address_is_said_without_its_password(home: Config, address: str) -> None:
    with pytest.raises(SchoolgateError, match="SCHOOLGATE_MAIL") as said:
        mail_of(Config(home.home, "sqlite", mail=address))
    assert "secret" not in str(said.value)
