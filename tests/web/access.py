"""Everybody who might ask a house with one of everything in it: what the access matrix is asked of."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, cast, get_type_hints

from django.db import transaction
from django.http import HttpResponseBase, StreamingHttpResponse
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from schoolgate import desk, people, rights
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.errors import Refused, SchoolgateError
from schoolgate.people.models import Account

VISITORS = (
    "nobody", "family", "other family", "school", "researcher", "rival", "panel", "other panel", "custodian",
    "overseer",
)  # fmt: skip
"""Who asks: the family whose child is on the page and another one; a researcher of the organisation that asks and of
another; a panel member who was named for the case and one who was not."""

ADDRESSES = {
    "page": "the page",
    "on": "led on",
    "sign in": "asked to sign in",
    "no": "told no",
    "hidden": "told that there is no such page",
    "bad": "told that the question was malformed",
    "-": "no such method",
}
"""What an address may answer -> in words."""


@dataclass
class House:
    """The house.

    Attributes:
        persons: visitor -> the person it acts as, of those who act as one.
        names: what stands for each part of an address: url name -> its arguments; "" -> those of every other one.
        sent: url name -> what is sent to it; nothing to the others, so that a form shows what is missing.
        others: url name -> arguments of which one is another's: what somebody might ask for through their own.
    """

    config: Config
    clock: Clock
    persons: dict[str, str]
    accounts: dict[str, Account]
    names: dict[str, Mapping[str, Any]]
    clients: dict[str, Client] = field(default_factory=dict)
    sent: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    others: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)

    def visitor(self, who: str, *, checked: bool = False) -> Client:
        """A browser in which this visitor has signed in; a new one each time, so that nothing lingers.

        Args:
            who: one of `VISITORS`.
            checked: whether forms are looked at for their token, as the site does and Django's test client does not.
        """
        fresh = Client(raise_request_exception=False, enforce_csrf_checks=checked)
        fresh.cookies.update(self.clients[who].cookies)
        return fresh

    def ask(self, who: str, method: str, name: str) -> str:
        """What an address answers a visitor, one of `ADDRESSES`; whatever that changed is taken back."""
        address = self.address(name)
        with self.taken_back():
            client = self.visitor(who)
            answer = client.get(address) if method == "GET" else client.post(address, dict(self.sent.get(name, {})))
            return said(answer)

    def keep(self) -> None:
        """Keep the log's files as they are now: what is taken back of the database is taken back of them."""
        shutil.rmtree(self._kept, ignore_errors=True)
        shutil.copytree(self.config.log, self._kept)

    @property
    def _kept(self) -> Path:
        return self.config.home / "log-kept"

    @contextmanager
    def taken_back(self) -> Iterator[None]:
        """Take back what was written meanwhile."""
        block = transaction.atomic()
        block._from_testcase = True  # type: ignore[attr-defined]  # a durable block may stand in it, as in a test's own
        with block:
            yield
            transaction.set_rollback(True)
        if (self.config.log / "checkpoint").read_bytes() != (self._kept / "checkpoint").read_bytes():
            shutil.rmtree(self.config.log)
            shutil.copytree(self._kept, self.config.log)

    def address(self, name: str) -> str:
        """An address of the site with this house's own things in it."""
        if name in self.names:
            return reverse(name, kwargs=dict(self.names[name]))
        wanted = next(pattern for pattern in patterns() if pattern.name == name).pattern.converters
        return reverse(name, kwargs={key: self.names[""][key] for key in wanted})

    def do(self, who: str, name: str) -> bool:
        """Whether the desk lets a visitor do an act; it is really asked for, with arguments that fit its types."""
        if who not in self.persons:
            return False
        given = {key: sample(kind) for key, kind in desk.acts()[name].takes.items()}
        with self.taken_back():
            try:
                outcome = desk.do_given(name, self.persons[who], given, self.config, self.clock)
            except SchoolgateError:
                return True  # the room was reached, and found nothing of that number
        return not isinstance(outcome, Refused) or all(one.provision != "table of acts" for one in outcome.reasons)

    def do_for_family(self, who: str, name: str) -> bool:
        """Whether the desk lets a visitor do a family's act for the child of the house; with arguments as above.

        Who has no account asks for nothing; whose account has no such child is told so before anything else is looked
        at. Everything else that may come (done, refused for a reason, no such case) comes after that look.
        """
        account = self.account(who)
        if account is None:
            return False
        act = desk.family_acts()[name]
        given = {key: sample(kind) for key, kind in act.takes.items()}
        link = self.names[""]["link_id"] if act.about_child else 0
        with self.taken_back():
            try:
                desk.for_family_given(name, account, link, given, self.config, self.clock)
            except rights.UnknownLink:
                return False
            except SchoolgateError:
                return True
        return True

    def do_for_school(self, who: str, name: str) -> bool:
        """Whether the desk lets a visitor do a school's act; with arguments as above."""
        account = self.account(who)
        if account is None:
            return False
        given = {key: sample(kind) for key, kind in desk.school_acts()[name].takes.items()}
        with self.taken_back():
            try:
                outcome = desk.for_school_given(name, account, given, self.config, self.clock)
            except SchoolgateError:
                return True  # as above
        reasons = outcome.reasons if isinstance(outcome, Refused) else ()
        return all(one.provision != desk.NOT_A_SCHOOL for one in reasons)

    def account(self, who: str) -> int | None:
        """The account that a visitor has signed in with; None for nobody."""
        if who in self.accounts:
            return int(self.accounts[who].pk)
        return people.person(self.persons[who]).account_id if who in self.persons else None


def patterns() -> Iterator[URLPattern]:
    """Every address of the site."""
    for pattern in get_resolver().url_patterns:
        assert isinstance(pattern, URLPattern)
        yield pattern


def said(answer: HttpResponseBase) -> str:
    """An answer as the matrix says it: one of `ADDRESSES`, or the bare status when it is none of these."""
    status = answer.status_code
    if isinstance(answer, StreamingHttpResponse):
        b"".join(cast("Iterator[bytes]", answer.streaming_content))  # to its end: what breaks off is no page
    if status in (301, 302):
        target = str(answer.headers["Location"])
        asked = target.startswith(("/sign-in/?", "/family/sign-in/")) or target == "/sign-in/"
        return "sign in" if asked else "on"
    words = {200: "page", 304: "page", 400: "bad", 403: "no", 404: "hidden", 405: "-"}
    return words.get(status, str(status))


def sample(kind: Any) -> Any:
    """An argument of a type, as JSON."""
    plain: dict[Any, Any] = {
        str: "X-9999", int: 9999, bool: False, float: 1.0, date: "2030-01-01", type(None): None,
    }  # fmt: skip
    if kind in plain:
        return plain[kind]
    text = str(kind)
    if text.startswith(("tuple[", "frozenset[")):
        return []
    if "Mapping" in text:
        return {}
    if "None" in text:
        return None
    return {name: sample(hint) for name, hint in get_type_hints(kind).items()}
