"""Acts asked for with what is another's: each act of the desk's tables, taken from the tables themselves.

An argument either names nothing that is anybody's own (`NOBODYS`) or is a reference, and what the first of a pair has
under it stands in `firsts`. An act with an argument that is in neither fails the test that asks, and so does an act of
somebody for whom no pair and no office is named: a new one cannot be forgotten.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.test import Client

from schoolgate import desk, rights
from schoolgate.errors import Refused, SchoolgateError, insist
from schoolgate.people.models import Account
from schoolgate.rights.models import ChildLink
from tests.requests.attachments import png
from tests.web import asked, through
from tests.web.access import House, sample
from tests.web.furnished import just_proved, taken_over
from tests.web.staff import PASSWORD
from tests.world import CHILDREN, OTHER_URN

NOBODYS = frozenset(
    (
        "added", "address", "after", "allowed", "answer", "at", "choice", "conditions", "data", "destroyed_on", "did",
        "event", "every", "form", "given", "item", "items", "kind", "label", "last_day", "method", "name", "note",
        "number", "of", "opened_sha256", "organisation_id", "present", "purpose", "reason", "reasons", "recipient",
        "recipient_key", "replacing", "revision", "rows", "said", "section_id", "shared", "should_be", "shown",
        "shown_hash", "sql", "stands", "target", "text", "token", "valid_until", "value", "wanted", "what", "witness",
        "words", "wrong_since",
    )
)  # fmt: skip
"""Arguments that say what is done or which side of a thing is meant, and name nothing that is anybody's own; which
organisation, item, law or purpose is meant is public."""

PROVED: Mapping[str, tuple[str, ...]] = {
    "code-redeem": ("code",),
    "own-record": ("upn", "forename", "surname", "born"),
}
"""Act -> the arguments by which somebody comes to a child: whose it is follows from them (`tests/rights/test_codes.py`,
`test_standing.py`: what does not fit is answered alike)."""

PUBLIC = frozenset(("agreement", "agreement_id", "request_id", "case_id", "meeting_id", "person_id"))
"""References that stand in the public register or say nothing of anybody: that there is such a thing is no secret, and
the answer may say whose it is. It is still a no, and nothing is written."""

PAIRS = {"researcher": "rival", "panel": "other panel"}
"""Whose something is -> who asks for it: somebody of another organisation, a member who was not named."""

OFFICES = frozenset(("custodian", "overseer"))
"""Roles with one office, whose cases are all of its people's."""

ON_RECORD: Mapping[str, frozenset[str]] = {
    # A look-up that is refused is on public record as one that is answered.
    **dict.fromkeys(("lookup-list", "lookup-verify"), frozenset({"register_logentry", "register_loghead"})),
}
"""Acts whose "no" is itself written down -> the tables that it is written in."""

ALL_THE_SAME: Mapping[str, str] = {
    "case-challenge": "a case begins whatever row is named; the row is looked for in the child's own record",
    "lookup-list": "what is wrong with a list is said before it is looked whether it may be asked",
    "lookup-verify": "as with a list",
}
"""Acts in which even who may is answered alike for what is not there -> why."""

WITH: Mapping[str, Mapping[str, Any]] = {
    "case-challenge": {"item": "census_pupil.sex", "text": "It is wrong.", "should_be": "M", "stands": "F"},
    "case-file": {"number": 1},
    "case-file-add": {"name": "photo.png"},
    "case-letter": {"number": 3},
    "case-say": {"event": "withdraw"},
    "copy-piece": {"form": "json", "at": 0},
    "extract-order": {"sql": "SELECT pupil, sex FROM census_pupil", "form": ".csv"},
    "lookup-list": {"rows": [{**dict.fromkeys(("surname", "forename", "sex", "postcode"), ""), "ref": "1",
                              "dob": CHILDREN[1].dob, "upn": CHILDREN[1].upn, "reason": "safeguarding",
                              "provision": "Children Act 1989 s.47"}]},
}  # fmt: skip
"""Act -> arguments with which who may gets further than with the usual ones."""


@dataclass(frozen=True)
class Came:
    """What came of asking: in words without the references; how many statements; table -> rows gone, rows new."""

    said: str
    statements: int
    written: Mapping[str, tuple[int, int]]

    @property
    def is_no(self) -> bool:
        """Whether it was refused."""
        return not self.said.startswith("done")


def references(act: str, takes: Iterable[str], known: Mapping[str, Any]) -> tuple[str, ...]:
    """The arguments of an act that name something of somebody's.

    Raises:
        AssertionError: one of them is in no list here.
    """
    found = tuple(name for name in takes if name not in NOBODYS)
    unknown = [name for name in found if name not in known]
    assert not unknown, f"{act}: say in tests/web/anothers.py whose {unknown} is, or that it is nobody's own"
    return found


def of_family(house: House) -> Mapping[str, Any]:
    """What the family has: argument -> reference."""
    return {
        "other": _another_adult(house),
        "pack": _pack(house),
        "reference": house.names[""]["case_ref"],
        "row": _row(house),
        "sha256": _sent_piece(house),
    }


def of_staff(house: House) -> Mapping[str, Mapping[str, Any]]:
    """What the researcher and the panel member have: role -> argument, or ``act.argument``, -> reference."""
    usual, names = house.names[""], house.names
    both = {
        "draft-comment.reference": usual["reference"],
        "draft-resolve.reference": names["research-resolve"]["reference"],
        "comment_id": names["research-resolve"]["comment_id"],
        "case_id": usual["case_id"],
        "reference": usual["draft_id"],
    }
    return {
        "researcher": {
            **both,
            "agreement": usual["agreement_id"],
            "agreement_id": usual["agreement_id"],
            "application-appeal.request_id": names["application-appeal"]["application_id"],
            "application_id": usual["application_id"],
            "notice": usual["notice_id"],
            "order": usual["order"],
            "person_id": house.persons["researcher"],
            "request_id": names["agreement-sign"]["request_id"],
            "sha256": names["research-detach"]["sha256"],
            "use-answer.agreement": names["use-stop"]["agreement_id"],
        },
        "panel": {
            **both,
            "draft-resolve.reference": usual["reference"],
            "meeting_id": usual["meeting_id"],
            "person_id": house.persons["panel"],
        },
    }


def of_seconds(house: House) -> Mapping[str, Mapping[str, Any]]:
    """What the second of a pair has: for acts with two references, of which one is its own."""
    draft = insist(desk.do("draft-start", house.persons["rival"], config=house.config, clock=house.clock))
    return {
        "other family": {"reference": through.another_familys_case(house)},
        "rival": {"reference": draft},
        "other panel": {},
    }


Other = Callable[[Any], Any]
"""A reference of the same shape that nothing has."""


def pairs(
    wanted: tuple[str, ...], first: Mapping[str, Any], own: Mapping[str, Any], other: Other
) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """(the first one's references, what is nothing's): all at once, and each with the asker's own for the rest."""
    for changed in (*([wanted] if wanted else []), *((one,) for one in wanted if len(wanted) > 1)):
        kept = {name: own[name] for name in wanted if name not in changed and name in own}
        if len(kept) + len(changed) == len(wanted):
            yield (
                {**kept, **{name: first[name] for name in changed}},
                {**kept, **{name: other(first[name]) for name in changed}},
            )


def families_tell(house: House, other: Other) -> list[str]:
    """What is wrong when the other family asks for what is the family's, act by act."""
    wrong, first, second = [], of_family(house), of_seconds(house)["other family"]
    parent, young = rights.children(int(house.accounts["other family"].pk))[0].id, _young(house)
    for name, act in desk.family_acts().items():
        usual = {**{key: sample(kind) for key, kind in act.takes.items()}, **WITH.get(name, {})}
        by = ("agreement", *PROVED.get(name, ()))  # which agreement is public
        wanted = references(name, [key for key in act.takes if key not in by], first)
        manages = act.needs == "manage"  # what only a young person says of adults
        link = house.names["child-adults" if manages else ""]["link_id"]
        asks = [(link, usual, other(link), usual)] if act.about_child else []
        for theirs, nothing in pairs(wanted, first, second, other):
            own = young if manages else parent
            asks.append((own, {**usual, **theirs}, own, {**usual, **nothing}))
        for theirs_by, theirs, nothing_by, nothing in asks:
            one = _by_family(house, "other family", name, theirs_by, theirs, wanted)
            none = _by_family(house, "other family", name, nothing_by, nothing, wanted)
            if (one.statements, one.written) != (none.statements, none.written):
                wrong.append(f"{name}: {one} of another's, {none} of nothing's")
            if name not in ALL_THE_SAME and (one.said != none.said or not one.is_no or one.written):
                wrong.append(f"{name}: {one} of another's, {none} of nothing's")
        for theirs, nothing in pairs(wanted, first, {}, other) if name not in ALL_THE_SAME else ():
            mine = _by_family(house, "family", name, link, {**usual, **theirs}, wanted)
            if mine.said == _by_family(house, "family", name, link, {**usual, **nothing}, wanted).said:
                wrong.append(f"{name}: nor does its own family get through: {mine.said}")
    return wrong


def staff_tell(house: House, other: Other) -> list[str]:
    """What is wrong when somebody asks for what is another organisation's, or another member's, act by act."""
    wrong, firsts, seconds = [], of_staff(house), of_seconds(house)
    for name, act in desk.acts().items():
        usual = {**{key: sample(kind) for key, kind in act.takes.items()}, **WITH.get(name, {})}
        strange = set(act.who) - set(PAIRS) - OFFICES
        assert not strange, f"{name}: say in tests/web/anothers.py who asks for what is another {strange}'s"
        for role in set(act.who) & set(PAIRS):
            first = {key: firsts[role].get(f"{name}.{key}", firsts[role].get(key)) for key in act.takes}
            known = {key: value for key, value in first.items() if value is not None}
            wanted = references(name, act.takes, known)
            for theirs, nothing in pairs(wanted, known, seconds[PAIRS[role]], other):
                one = _by_staff(house, PAIRS[role], name, {**usual, **theirs}, wanted)
                none = _by_staff(house, PAIRS[role], name, {**usual, **nothing}, wanted)
                if one.said != none.said and not PUBLIC & set(wanted):
                    wrong.append(f"{name} as {PAIRS[role]}: {one} of another's, {none} of nothing's")
                if not one.is_no or not set(one.written) <= ON_RECORD.get(name, frozenset()):
                    wrong.append(f"{name} as {PAIRS[role]}: {one}")
            for theirs, nothing in pairs(wanted, known, {}, other) if name not in ALL_THE_SAME else ():
                mine = _by_staff(house, role, name, {**usual, **theirs}, wanted)
                if mine.said == _by_staff(house, role, name, {**usual, **nothing}, wanted).said:
                    wrong.append(f"{name}: nor does {role} get through: {mine.said}")
    return wrong


def _by_family(house: House, who: str, act: str, link: int, given: Mapping[str, Any], hidden: tuple[str, ...]) -> Came:
    account = int(house.accounts[who].pk)
    return _came(
        house, lambda: desk.for_family_given(act, account, link, given, house.config, house.clock), given, hidden
    )


def _by_staff(house: House, who: str, act: str, given: Mapping[str, Any], hidden: tuple[str, ...]) -> Came:
    person = house.persons[who]
    return _came(house, lambda: desk.do_given(act, person, given, house.config, house.clock), given, hidden)


def _came(house: House, run: Callable[[], object], given: Mapping[str, Any], hidden: tuple[str, ...]) -> Came:
    with house.taken_back(), asked.watched() as seen:
        said = _in_words(run)
    written: dict[str, tuple[int, int]] = {}
    if seen.writing:  # some write and take it back: what is there afterwards is what counts
        with house.taken_back():
            before = asked.rows()
            _in_words(run)
            written = {one: (len(gone), len(new)) for one, (gone, new) in asked.changed(before, asked.rows()).items()}
    for name in hidden:
        said = said.replace(str(given[name]), "[it]")
    return Came(said, len(seen.asked), written)


def _in_words(run: Callable[[], object]) -> str:
    try:
        outcome = run()
    except SchoolgateError as error:
        return f"{type(error).__name__} {error.code}: {error}"
    return f"refused: {outcome.reasons}" if isinstance(outcome, Refused) else f"done: {outcome!r}"


def _parent(house: House) -> tuple[int, int]:
    """The family's account and its link to the child of the house."""
    return int(house.accounts["family"].pk), int(house.names[""]["link_id"])


def _pack(house: House) -> str:
    """The copy that the family asked for."""
    shown = desk.for_family("copy-show", *_parent(house), config=house.config, clock=house.clock)
    return str(shown.id)


def _row(house: House) -> str:
    """A row of the child's record, as its page names it."""
    record = rights.my_record(rights.child(*_parent(house)), config=house.config, clock=house.clock)
    return str(record.tokens["census_pupil"][0])


def _sent_piece(house: House) -> str:
    """A file that the family sent for its case and has not added."""
    data, reference = png(4, 4), house.names[""]["case_ref"]
    given = {"reference": reference, "number": 0, "data": base64.b64encode(data).decode()}
    insist(desk.for_family("case-file-piece", *_parent(house), config=house.config, clock=house.clock, **given))
    return hashlib.sha256(data).hexdigest()


def _another_adult(house: House) -> int:
    """An adult's link to the young person of the house, from before: the young person says whether it goes on."""
    adult = Account.objects.create_user("another-adult@example.org", PASSWORD)
    young = ChildLink.objects.get(public_id=house.names["child-adults"]["link_id"])
    link = ChildLink.objects.create(
        public_id=4_611_686_018_427_387_905, account_id=adult.pk, pupil=young.pupil, since=house.clock.now()
    )
    return int(link.public_id)


def _young(house: House) -> int:
    """A young person who signs in with the other family's account; its link."""
    return taken_over(house.accounts["other family"], house.config, house.clock, child=3).id


def another_school(house: House, email: str = "another-office@example.org") -> str:
    """A second school's office, signed in; the visitor's name."""
    who = "other school"
    house.accounts[who] = Account.objects.create_user(email, PASSWORD, role="school", urn=OTHER_URN)
    house.clients[who] = Client()
    house.clients[who].force_login(house.accounts[who])
    just_proved(house.clients[who], house.clock)
    return who


def an_hour_later(house: House) -> str:
    """The family's own account in a browser that signed in an hour ago; the visitor's name."""
    who = "family, an hour later"
    house.clients[who] = Client()
    house.clients[who].force_login(house.accounts["family"])
    session = house.clients[who].session
    session["proved-at"] = int(house.clock.now().timestamp()) - 3600
    session.save()
    return who
