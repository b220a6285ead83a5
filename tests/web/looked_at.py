"""Every address of the site asked by everybody, once, with all of it kept: what the tests of all endpoints look at."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast
from unittest.mock import patch

from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponseBase, StreamingHttpResponse
from django.test import override_settings
from django.urls import reverse

import schoolgate.dictionary
from schoolgate import published
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from tests.web import asked, rooms, through
from tests.web.access import VISITORS, House, patterns, said
from tests.web.furnished import build


@dataclass(frozen=True)
class Answer:
    """What one visitor was answered.

    Attributes:
        said: one of `access.ADDRESSES`, or a bare status.
        statements: how many statements the database was asked.
        writing: those that write.
    """

    name: str
    path: str
    method: str
    who: str
    status: int
    said: str
    headers: Mapping[str, str]
    body: bytes
    statements: int
    writing: tuple[str, ...]

    @property
    def forms(self) -> list[asked.Form]:
        """The forms on the page."""
        is_page = self.status == 200 and "html" in self.headers.get("Content-Type", "") and self.body.strip()
        return asked.forms(self.body, self.path) if is_page else []


def ask(house: House, who: str, method: str, name: str, path: str, data: Mapping[str, Any] | None = None) -> Answer:
    """Ask an address as a visitor; whatever that changed is taken back."""
    with house.taken_back(), asked.watched() as seen:
        client = house.visitor(who)
        answer = getattr(client, method.lower())(path, *([dict(data)] if data is not None else []))
        body = body_of(answer)
        return Answer(
            name, path, method, who, answer.status_code, said(answer), dict(answer.headers), body,
            len(seen.asked), tuple(seen.writing),
        )  # fmt: skip


def body_of(answer: HttpResponseBase) -> bytes:
    """The whole body; a streamed one is read to its end."""
    if isinstance(answer, StreamingHttpResponse):
        return b"".join(cast("Iterator[bytes]", answer.streaming_content))
    return bytes(getattr(answer, "content", b""))


def names_of(name: str) -> tuple[str, ...]:
    """The parts of an address, by their names."""
    return tuple(next(pattern for pattern in patterns() if pattern.name == name).pattern.converters)


def arguments(house: House, name: str) -> dict[str, Any]:
    """What stands for each part of an address in this house."""
    given = house.names.get(name) or house.names[""]
    return {key: given[key] for key in names_of(name)}


def path_of(name: str, given: Mapping[str, Any]) -> str:
    """An address with these things in it."""
    return reverse(name, kwargs=dict(given))


def everything(house: House, known: Mapping[tuple[str, str], Mapping[str, str]]) -> list[Answer]:
    """Every address by GET, as everybody; where everybody is answered alike, as nobody and as a family."""
    answers = []
    for pattern in patterns():
        name = str(pattern.name)
        row = known.get(("GET", name)) or {}
        alike = len(set(row.values())) == 1
        for who in ("nobody", "family") if alike else VISITORS:
            answers.append(ask(house, who, "GET", name, house.address(name)))
    return answers


@contextmanager
def standing(home: Path) -> Iterator[House]:
    """A house that stands for several tests, in a block of the database that is undone at the end."""
    home.mkdir(mode=0o700)
    config = Config(home=home, database=os.environ.get("SCHOOLGATE_DATABASE") or "sqlite")
    clock = FixedClock(datetime(2026, 9, 1, 9, 0, tzinfo=UTC))
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]  # a durable block may stand in it, as in a test's own
    with (
        block,
        patch.object(schoolgate.dictionary, "open_dictionary", lambda directory: rooms.Items(), create=True),
        override_settings(CONFIG=config, CLOCK=clock),
    ):
        cache.clear()
        logging.disable(logging.WARNING)  # every "no" here is meant; a fault is still heard
        house = build(config, clock)
        house.others = through.others(house)
        house.sent = {**house.sent, **through.SENT}
        published.refresh()  # what looks through the register takes in what is new, and need not do so again
        house.keep()
        yield house
        logging.disable(logging.NOTSET)
        transaction.set_rollback(True)
