"""What is wrong with a list of people, or with a claim, before anybody is looked for. No value of a row is repeated.

A list asks once about each person. Whoever writes one person down many times, each time with another birth date or
postcode, would be told the true one, and of all the others nobody would ever hear.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date

from schoolgate.errors import Refusal
from schoolgate.gate.releases.limits import limits, lookup_reasons, names_a_law
from schoolgate.gate.releases.views import Wanted
from schoolgate.ids import upn_problem
from schoolgate.records.vault import NewIdentity, person_index

_POSTCODE = re.compile(r"[A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2}", re.IGNORECASE)


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _row_problem(wanted: Wanted) -> tuple[str, str]:
    """Code and words of what is wrong with a row; empty when nothing is. No value of the row is repeated."""
    if wanted.reason not in lookup_reasons():
        return "lookup-reason", "a reason is missing, or is not on the list"
    if not names_a_law(wanted.provision):
        return "lookup-provision", "a provision is missing, or is not a law and its place, as in Children Act 1989 s.47"
    if not _is_day(wanted.dob):
        return "lookup-person", "a date of birth is missing, or is not written as 2015-01-31"
    if wanted.upn and upn_problem(wanted.upn) is not None:
        return "lookup-person", "a UPN is mistyped: correct it, or leave it empty and give name, sex and postcode"
    if wanted.sex not in ("", "F", "M"):
        return "lookup-person", "sex is written as F or M"
    by_name = all((wanted.surname.strip(), wanted.forename.strip(), wanted.sex, _POSTCODE.fullmatch(wanted.postcode)))
    if not by_name and not wanted.upn:
        return (
            "lookup-person",
            "too little to tell one child by: besides the birth date, UPN, or name, sex and postcode",
        )
    longest = max(map(len, (wanted.ref, wanted.surname, wanted.forename, wanted.sex, wanted.postcode)))
    return ("lookup-person", "a field is longer than 100 characters") if longest > 100 else ("", "")


def list_problems(rows: Sequence[Wanted]) -> tuple[Refusal, ...]:
    """Every kind of thing that is wrong with a list, with the places of the first rows; nothing was looked up."""
    most = limits().list_most
    if not rows:
        return (Refusal("list-empty", "The list is empty."),)
    if len(rows) > most:
        return (
            Refusal(
                "list-too-long",
                f"A list has at most {most:,} people; this one has {len(rows):,}. Nobody was looked up.",
                provision="look-ups: each person has a reason and a provision of their own",
                remedy="Ask about those only whom you have a reason to ask about.",
            ),
        )
    wrong: dict[tuple[str, str], list[int]] = {}
    for at, row in enumerate(rows, start=1):
        problem = _row_problem(row)
        if problem[0]:
            wrong.setdefault(problem, []).append(at)
    found = [
        Refusal(code, words[0].upper() + words[1:] + ".", where="row " + ", ".join(map(str, places[:5])))
        for (code, words), places in wrong.items()
    ]
    if len({row.ref for row in rows}) != len(rows):
        found.append(Refusal("list-refs", "Two rows have one reference.", remedy="Number the rows."))
    guesses = _guesses(rows)
    if guesses:
        found.append(
            Refusal(
                "list-guesses",
                "Rows look like one person written in several ways.",
                where="row " + ", ".join(map(str, guesses[:5])),
                provision="look-ups: a list asks once about each person",
                remedy="Keep the row that you know to be right. Two people of one name go in two lists.",
            )
        )
    return tuple(found)


def _keys(row: Wanted) -> list[tuple[str, ...]]:
    """What two rows have in common that are about one person."""
    name = NewIdentity(upn="", surname=row.surname, forename=row.forename, dob="", sex="", postcode="")
    surname, forename = person_index(name).split("|")[:2]
    place = "".join(row.postcode.split()).upper()
    found: list[tuple[str, ...]] = [("upn", row.upn)] if row.upn else []
    if surname and forename:
        found.append(("born", surname, forename, row.dob))
        if place:
            found.append(("place", surname, forename, place))
    if row.sex and place and not row.upn:
        found.append(("house", row.dob, row.sex, place))
    return found


def _guesses(rows: Sequence[Wanted]) -> list[int]:
    """Rows that are about a person of another row. Triplets of one sex are three people; a fourth is a guess."""
    keys = [_keys(row) for row in rows]
    times = Counter(key for own in keys for key in own)
    most = {"house": 3}
    return [at for at, own in enumerate(keys, start=1) if any(times[key] > most.get(key[0], 1) for key in own)]


def claim_problem(item: str, value: str) -> tuple[Refusal, ...]:
    """A value of nothing, or an item without a value, would be answered as another question than was asked."""
    if bool(item) == bool(value.strip()):
        return ()
    return (
        Refusal(
            "claim-half",
            "A claim names an item and its value, or neither.",
            remedy="Name both; or leave both empty to ask only whether there is such a pupil.",
        ),
    )
