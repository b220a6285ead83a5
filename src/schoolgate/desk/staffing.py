"""Acts on who asks, decides and signs: organisations entered, changed, merged; persons entered, accredited, gone.

Rules of this table: persons who sign for the custodian or oversee are entered at such an organisation alone; nobody
accredits themselves or links their own account to a further person; nobody makes sure of an organisation that they are
tied to, records what became of it or accredits its researchers; and an interest is declared by whoever has it or by the
custodian, who alone may note that it ended.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from schoolgate import people, requests
from schoolgate.desk.act import Act, Doing
from schoolgate.errors import Refusal, Refused, SchoolgateError

_CUSTODIAN = ("custodian",)
_FACTS = Mapping[str, str]


def _act(step: Callable[[Doing], object]) -> Callable[[Doing], object]:
    """An act that says no in the same way whether a rule of the desk or one of the room behind it says it."""

    def run(doing: Doing) -> object:
        try:
            return step(doing)
        except SchoolgateError as no:
            return Refused((Refusal(no.code, no.what, remedy=no.hint),))

    return run


def _record(function: Callable[..., object], *needs: str) -> Callable[[Doing], object]:
    """Call a function of the room with the act's own arguments, who acts, and the time; `needs` may not be empty."""

    def step(doing: Doing) -> object:
        missing = tuple(_missing(name) for name in needs if not str(doing.args[name]).strip())
        return Refused(missing) if missing else function(**doing.args, actor=doing.person.id, clock=doing.clock)

    return _act(step)


def _missing(name: str) -> Refusal:
    return Refusal(f"{name}-missing", f"There is no {name}.", remedy="Every change says why.", where=name)


_OWN = Refused((Refusal("own-person", "Nobody does this for themselves.", remedy="Ask a colleague."),))


def _not_oneself(step: Callable[[Doing], object]) -> Callable[[Doing], object]:
    def run(doing: Doing) -> object:
        try:
            own = people.same_human(doing.person.id, doing.args["person_id"])
        except people.UnknownPerson as no:
            return Refused((Refusal(no.code, no.what, remedy=no.hint, where="person_id"),))
        return _OWN if own else step(doing)

    return run


def _tied(doing: Doing, organisation_id: str, what: str, where: str) -> Refused | None:
    ties = people.conflicts(doing.person.id, organisation_id)
    found = [Refusal("tied", f"{doing.person.id} {tie}, so somebody else {what}.", where=where) for tie in ties]
    return Refused(tuple(found)) if found else None


def _untied(step: Callable[[Doing], object]) -> Callable[[Doing], object]:
    """Only by who is tied to none of the organisations named; the custodian's own is changed by its own people."""

    def run(doing: Doing) -> object:
        for where in ("organisation_id", "into"):
            about = str(doing.args.get(where, ""))
            own = about in ("", doing.person.organisation_id)
            if not own and (tied := _tied(doing, about, "records what became of it", where)):
                return tied
        return step(doing)

    return _act(run)


def _verify(doing: Doing) -> object:
    tied = _tied(doing, doing.args["organisation_id"], "makes sure of it", "organisation_id")
    return tied or people.verify_organisation(**doing.args, actor=doing.person.id, clock=doing.clock).organisation


def _withdraw(person_id: str, reason: str, **who: Any) -> people.PersonView:
    return people.set_accreditation(person_id, None, reason=reason, **who)


_HOME_OF = {"custodian": "custodian", "overseer": "regulator"}
"""Role -> kind of the organisation that alone has persons of it."""


def _enter_person(doing: Doing) -> object:
    role, home = doing.args["role"], people.organisation(doing.args["organisation_id"])
    kind = _HOME_OF.get(role)
    if kind is not None and home.kind != kind:
        what = f"{home.name} is not {people.ORGANISATION_KINDS[kind]}, so nobody of it is entered as {role}."
        return Refused((Refusal("role-elsewhere", what, where="role"),))
    return _record(people.add_person, "reason")(doing)


def _set_accreditation(person_id: str, until: date, reason: str, **who: Any) -> people.PersonView:
    return people.set_accreditation(person_id, until, reason=reason, **who)


def _accredit(doing: Doing) -> object:
    about = people.person(doing.args["person_id"])
    # The custodian's own staff need no accreditation; who uses data does, and a partner's is not one's own to give.
    tied = (
        _tied(doing, about.organisation_id, "accredits its people", "person_id") if about.role == "researcher" else None
    )
    return tied or _record(_set_accreditation, "reason")(doing)


def _link(doing: Doing) -> object:
    if not doing.args["email"].strip():
        return Refused((_missing("email"),))
    account = people.find_account(doing.args["email"]).id
    # A person that nobody holds yet is nobody's own, so the account is what tells: whoever links their own would act
    # for both sides.
    if account == doing.person.account_id:
        return _OWN
    return people.hold_person(doing.args["person_id"], account, actor=doing.person.id, clock=doing.clock)


def _declare(doing: Doing) -> object:
    person_id = doing.args["person_id"]
    if doing.person.role != "custodian" and not people.same_human(doing.person.id, person_id):
        return Refused((Refusal("not-your-own", "This is somebody else's interest to declare.", where="person_id"),))
    return people.declare_interest(**doing.args, actor=doing.person.id, clock=doing.clock)


ACTS: Mapping[str, Act] = MappingProxyType(
    {
        "organisation-enter": Act(
            "enter an organisation",
            _CUSTODIAN,
            {"name": str, "kind": str, "country": str, "details": _FACTS, "alike_is_another": bool},
            people.OrganisationView,
            _record(people.add_organisation),
        ),
        "organisation-change": Act(
            "record that an organisation changed",
            _CUSTODIAN,
            {"organisation_id": str, "changes": _FACTS, "reason": str, "alike_is_another": bool},
            requests.OrganisationChanged,
            _untied(_record(requests.organisation_changed)),
        ),
        "organisation-merge": Act(
            "record that an organisation became part of another",
            _CUSTODIAN,
            {"organisation_id": str, "into": str, "reason": str},
            requests.OrganisationChanged,
            _untied(_record(requests.organisation_merged)),
        ),
        "organisation-verify": Act(
            "make sure of an organisation",
            _CUSTODIAN,
            {"organisation_id": str, "how": str},
            people.OrganisationView,
            _act(_verify),
        ),
        "person-enter": Act(
            "enter a person of an organisation",
            _CUSTODIAN,
            {"organisation_id": str, "role": str, "seat": str, "reason": str},
            people.PersonView,
            _act(_enter_person),
        ),
        "person-accredit": Act(
            "accredit a person, or change until when",
            _CUSTODIAN,
            {"person_id": str, "until": date, "reason": str},
            people.PersonView,
            _not_oneself(_act(_accredit)),
        ),
        "person-withdraw": Act(
            "withdraw a person's accreditation at once",
            _CUSTODIAN,
            {"person_id": str, "reason": str},
            people.PersonView,
            _record(_withdraw, "reason"),
        ),
        "person-leave": Act(
            "note that a person left the organisation",
            _CUSTODIAN,
            {"person_id": str, "reason": str},
            people.PersonView,
            _record(people.close_person),
        ),
        "person-account": Act(
            "let an account act as a person",
            _CUSTODIAN,
            {"person_id": str, "email": str},
            people.PersonView,
            _not_oneself(_act(_link)),
        ),
        "interest-declare": Act(
            "declare an interest in another organisation",
            ("researcher", "panel", "custodian"),
            {"person_id": str, "organisation_id": str, "what": str},
            people.InterestView,
            _act(_declare),
        ),
        "interest-end": Act(
            "note that an interest ended",
            _CUSTODIAN,
            {"interest_id": str},
            people.InterestView,
            _record(people.end_interest),
        ),
    }
)
"""Acts on organisations and persons."""
