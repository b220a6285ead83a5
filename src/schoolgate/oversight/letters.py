"""Letters to overseers: what asks for a look reaches them unasked, once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction

from schoolgate import people, post, register, work
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError
from schoolgate.oversight.entries import Entry, from_database
from schoolgate.oversight.models import Look
from schoolgate.oversight.since import URGENT, heading_of

_LISTED = 20


def letter(entries: Sequence[Entry], site: str) -> tuple[str, str]:
    """A letter's subject and text. Pure; it says what is in the register anyway."""
    count = len(entries)
    subject = "One thing asks for a look" if count == 1 else f"{count} things ask for a look"
    lines = [f"- {register.title(one.type)} ({one.subject}): {site}/register/{one.index}/" for one in entries[:_LISTED]]
    if count > _LISTED:
        lines.append(f"- and {count - _LISTED} more")
    said = "\n".join(lines)
    return subject, f"Since you last looked, or were last written to:\n\n{said}\n\nEverything: {site}/oversight/\n"


def _address(person: people.PersonView) -> str:
    """Where an overseer is reached; empty when nobody signs in as this person any more."""
    if person.account_id is None:
        return ""
    try:
        return people.account(person.account_id).email
    except SchoolgateError:
        return ""


def _write(person: people.PersonView, address: str, clock: Clock) -> bool:
    with transaction.atomic():
        look, _ = Look.objects.select_for_update().get_or_create(
            person_id=person.id, defaults={"size": 0, "told": 0, "at": None}
        )
        size = register.log_size()
        new = from_database(size, max(look.size, look.told))
        urgent = [one for one in new if heading_of(one.type, one.body) == URGENT]
        look.told = size
        look.save(update_fields=["told"])
        if urgent:
            subject, text = letter(urgent, post.site_address())
            post.write(address, subject, text, clock=clock)
    return bool(urgent)


def write_to_overseers(clock: Clock) -> int:
    """Write to every overseer who can be reached and has something new to look at; how many letters."""
    overseers = [one for one in people.persons() if one.role == "overseer"]
    return sum(_write(one, address, clock) for one in overseers if (address := _address(one)))


@work.job
def tell_overseers(*, config: Config, clock: Clock) -> None:
    """Write to overseers when something asks for a look."""
    write_to_overseers(clock)


def _here(config: Config) -> bool:
    """A worker of another user than the gate's reads no accounts: the gate's own does it."""
    return config.gate is None


work.every(timedelta(hours=1), tell_overseers, _here)
