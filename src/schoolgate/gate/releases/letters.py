"""Letters about releases: what waits for a person. Nothing of the data, and nobody's reason, is in one."""

from __future__ import annotations

from collections.abc import Iterable

from schoolgate import people, post
from schoolgate.clock import Clock


def write_to(person_ids: Iterable[str], subject: str, text: str, *, clock: Clock) -> int:
    """Put a letter to each of these persons' accounts into the box, in the caller's transaction; how many.

    A person as whom nobody signs in gets none; two persons of one account get one.
    """
    accounts = {one for person_id in person_ids if (one := people.person(person_id).account_id) is not None}
    for account_id in sorted(accounts):
        post.write(people.account(account_id).email, subject, text, clock=clock)
    return len(accounts)
