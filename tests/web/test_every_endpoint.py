"""Every address of the site, taken from the table of routes itself, so that a new one cannot be forgotten.

Asking changes nothing; no form is taken without its token or from elsewhere; what is another's is as what is not there;
fields that no form has change nothing; no method that is not declared; nothing about anybody stays in a cache.
The house is that of the access matrix, and what a form would send is read from the page it stands on.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import pytest
from django.apps import apps
from django.db import models

from schoolgate import desk
from tests.web import anothers, asked, looked_at
from tests.web.access import VISITORS, House
from tests.web.looked_at import Answer, arguments, ask, path_of
from tests.web.test_access import routes, table
from tests.world import CHILDREN, upn

NOBODYS_UPN = upn(99)

NOBODYS = frozenset(
    (
        "after", "before", "file_number", "form", "index", "item", "item_id", "key", "kind", "layer", "letter_number", "name",
        "number", "of", "path", "purpose_id", "quarter", "reason", "recipient", "rule_id", "section_id", "slug", "step", "target",
        "what", "year",
    )
)  # fmt: skip
"""Parts of an address that say which side of a thing is shown, and are nobody's own."""

WRITTEN_BY_LOOKING: Mapping[str, frozenset[str]] = {
    # That a recipient has looked at a notice is the family's to know.
    **dict.fromkeys(("correction", "correction-lines", "api-correction"), frozenset({"corrections_notice"})),
    # What a passkey has to answer is kept until it does (Web Authentication level 2, section 13.4.3).
    **dict.fromkeys(("passkey-add", "passkey-sign-in"), frozenset({"django_session"})),
    # That staff or a school open a family's files is the family's to know.
    **dict.fromkeys(("recourse-file", "recourse-bundle", "school-question-file"), frozenset({"cases_casestep"})),
    # And so is that staff read its case.
    **dict.fromkeys(("recourse-case", "recourse-step", "oversight-case"), frozenset({"cases_casestep"})),
    # Of its letters, too, to whoever prints one.
    **dict.fromkeys(("recourse-letter", "custodian-case-letter-pdf"), frozenset({"cases_casestep"})),
}
"""Addresses whose mere opening is written down -> the tables that it is written in."""

pytestmark = pytest.mark.django_db

THROUGH = ("page", "on", "409")
"""What who may is answered."""


Sent = Mapping[str, list[tuple[str, asked.Form]]]
"""Name of an address -> who would send what to it."""


@pytest.fixture(scope="module")
def house(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One house for all tests here; each takes back what it did."""
    with django_db_blocker.unblock(), looked_at.standing(tmp_path_factory.mktemp("house") / "home") as built:
        yield built


@pytest.fixture(scope="module")
def seen(house: House) -> list[Answer]:
    """Every page, as everybody sees it."""
    return looked_at.everything(house, table())


@pytest.fixture(scope="module")
def sent(house: House, seen: list[Answer]) -> Sent:
    """Name of an address -> who would send what to it, from the forms on their pages."""
    found: dict[str, list[tuple[str, asked.Form]]] = defaultdict(list)
    for answer in seen:
        for form in answer.forms:
            if answer.who not in {who for who, _ in found[form.name]}:
                found[form.name].append((answer.who, form))
    for (method, name), row in table().items():
        if method == "POST" and name not in found:  # a form that no page of this house shows: sent as it is, empty
            who = next((who for who in VISITORS if row[who] in THROUGH), "")
            if not who:
                continue
            found[name].append((who, asked.Form(name, house.address(name), house.sent.get(name, {}), frozenset())))
    return dict(found)


def is_alike(name: str) -> bool:
    """Whether everybody is answered alike, by GET and by POST: a page for all the world."""
    rows = [row for method in ("GET", "POST") if (row := table().get((method, name)))]
    return all(len(set(row.values())) == 1 for row in rows)


def test_looking_changes_nothing(house: House, seen: list[Answer]) -> None:
    looked = [one for one in seen if one.status == 200]
    for one in {answer.name: answer for answer in looked}.values():
        head = ask(house, one.who, "HEAD", one.name, one.path)
        assert head.status == one.status, one.path
        assert not head.body, one.path
        looked.append(head)
    wrong = {
        (one.name, one.method, sql[:80])
        for one in looked
        for sql in one.writing
        if not any(f'"{table}"' in sql for table in WRITTEN_BY_LOOKING.get(one.name, ()))
    }
    assert not wrong
    assert len({one.name for one in looked}) > 100


def test_no_page_is_a_fault(seen: list[Answer]) -> None:
    assert not [(one.path, one.who, one.status) for one in seen if one.status >= 500]


def test_what_is_not_for_all_the_world_stays_in_no_cache(seen: list[Answer]) -> None:
    """RFC 9111 section 5.2.2.5; also answers that say no, and ways on: they can hold what was asked for."""
    wrong = {
        (one.name, one.said, one.headers.get("Cache-Control", ""))
        for one in seen
        if not (is_alike(one.name) and not one.path.startswith("/family/"))
        and "no-store" not in one.headers.get("Cache-Control", "")
    }
    assert not wrong


MACHINES = {name for name in routes() if name.startswith("api-") and is_alike(name)}
"""Addresses for everybody's programs, which browsers ask beforehand what they may send (the Fetch standard)."""


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"])
def test_no_address_takes_another_method(house: House, method: str) -> None:
    wrong = []
    for name in routes():
        rows = [row for one in ("GET", "POST") if (row := table().get((one, name)))]
        may = next((who for who in VISITORS for row in rows if row[who] in THROUGH), None)
        with house.taken_back(), asked.watched() as seen:
            answer = house.visitor(may or "nobody").generic(method, house.address(name))
        usual = (204,) if name in MACHINES and method == "OPTIONS" else (405,)
        # Where nobody of these gets through (a machine's own key is wanted), any "no" will do.
        if answer.status_code not in (usual if may else (302, 401, 403, 404, 405)) or seen.writing:
            wrong.append((name, answer.status_code, seen.writing))
    assert not wrong


def other(value: Any) -> Any:
    """A number or a reference of the same shape that nothing here has."""
    if isinstance(value, int):
        return value - 1 if value > 1 << 32 else value + 7919
    digits = str.maketrans("0123456789abcdefxyzXYZ", "9876543210fedcbazyxZYX")
    text = str(value)
    changed = text[:-4] + text[-4:].translate(digits)
    return changed if changed != text else text[:-1] + ("q" if text[-1] != "q" else "r")


def plain(answer: Answer, *words: str) -> tuple[Any, ...]:
    """An answer without the address that was asked for, and without these words, so that two can be compared."""
    body, headers = answer.body.decode("utf-8", "replace"), dict(answer.headers)
    for text in (answer.path, quote(answer.path, safe=""), *words):
        body = body.replace(text, "[here]")
        headers = {name: told.replace(text, "[here]") for name, told in headers.items()}
    return answer.status, headers, re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", body)


def test_what_is_anothers_is_answered_as_what_is_not_there(house: House) -> None:
    """Status, headers, body and, for what is about a child, the number of steps: nothing tells the two apart."""
    wrong, compared = [], 0
    for (method, name), row in table().items():
        if method not in ("GET", "POST"):
            continue
        given = arguments(house, name)
        owned = [key for key in given if key not in NOBODYS]
        for who in VISITORS if owned and not is_alike(name) else ():
            if row[who] in THROUGH or row[who] == "-":
                continue
            data = house.sent.get(name, {}) if method == "POST" else None
            theirs = ask(house, who, method, name, path_of(name, given), data)
            for key in owned:
                none = {**given, key: other(given[key])}
                nothing = ask(house, who, method, name, path_of(name, none), data)
                compared += 1
                if plain(theirs) != plain(nothing):
                    wrong.append(f"{method} {name} as {who}: {key} is told from one that is not there")
                elif theirs.writing != nothing.writing:
                    wrong.append(f"{method} {name} as {who}: it writes {theirs.writing}, for none {nothing.writing}")
                elif theirs.path.startswith("/family/") and theirs.statements != nothing.statements:
                    wrong.append(f"{method} {name} as {who}: {theirs.statements} steps, {nothing.statements} for none")
    assert not wrong, "\n".join(wrong)
    assert compared > 500


def test_who_has_one_thing_does_not_reach_anothers_through_it(house: House) -> None:
    """An address with two things in it: one's own with another's is as one's own with what is not there."""
    wrong = []
    for (method, name), row in table().items():
        if method not in ("GET", "POST") or is_alike(name):
            continue
        given = arguments(house, name)
        owned = [key for key in given if key not in NOBODYS]
        if len(owned) < 2:
            continue
        assert name in house.others, f"{name}: say in furnished.py of whose {owned[1:]} somebody might ask through it"
        for who in VISITORS:
            if row[who] not in THROUGH:
                continue
            for mixed in house.others[name]:
                (key,) = [key for key in owned if mixed[key] != given[key]]
                none = {**given, key: other(mixed[key])}
                data = house.sent.get(name, {}) if method == "POST" else None
                theirs = ask(house, who, method, name, path_of(name, mixed), data)
                nothing = ask(house, who, method, name, path_of(name, none), data)
                if plain(theirs) != plain(nothing) or theirs.said in ("page", "on"):
                    wrong.append(f"{method} {name} as {who}: {key} of another: {theirs.said}, none: {nothing.said}")
    assert not wrong, "\n".join(wrong)


def test_no_act_of_a_family_tells_what_is_anothers_from_what_is_not_there(house: House) -> None:
    """In words, in statements and in what is written; as above, but past every page and form."""
    wrong = anothers.families_tell(house, other)
    assert not wrong, "\n".join(wrong)


def test_no_act_of_staff_reaches_what_is_another_organisations_or_was_not_given_to_them(house: House) -> None:
    wrong = anothers.staff_tell(house, other)
    assert not wrong, "\n".join(wrong)


def test_another_school_is_answered_as_for_a_pupil_of_nobody(house: House, sent: Sent) -> None:
    """Each form of a school's face with a pupil of the first school's, and with a number that nobody has."""
    who = anothers.another_school(house)
    asked_for = 0
    for name, form in ((name, forms[0][1]) for name, forms in sent.items() if routes()[name].startswith("/school/")):
        usual = {**form.sent(), **house.sent.get(name, {})}
        if "upn" not in form.fields and "upn" not in usual:
            continue  # without a pupil in the form: the next test's where one is in the address, else nobody's
        answers = [
            ask(house, asks, "POST", name, form.path, {**usual, "upn": upn})
            for asks, upn in ((who, CHILDREN[1].upn), (who, NOBODYS_UPN), ("school", CHILDREN[1].upn))
        ]
        theirs, nothing, own = (plain(one, CHILDREN[1].upn, NOBODYS_UPN) for one in answers)
        assert theirs == nothing, name
        assert answers[0].statements == answers[1].statements, name
        assert len(answers[0].writing) == len(answers[1].writing), name
        assert theirs != own or answers[0].said == "on", name
        asked_for += 1
    assert asked_for >= 3


def test_another_school_is_answered_as_for_a_question_or_claim_of_nobody(house: House) -> None:
    """Each address of a school's face with a reference in it: the first school's, and one that nobody has."""
    who, asked_for = anothers.another_school(house, "third-office@example.org"), 0
    for (method, name), row in table().items():
        given = arguments(house, name) if routes().get(name, "").startswith("/school/") else {}
        for key in given if row["school"] in THROUGH else ():
            if key in NOBODYS:
                continue
            data = house.sent.get(name, {}) if method == "POST" else None
            theirs = ask(house, who, method, name, path_of(name, given), data)
            nothing = ask(house, who, method, name, path_of(name, {**given, key: other(given[key])}), data)
            assert plain(theirs) == plain(nothing), name
            assert theirs.statements == nothing.statements, name
            assert not [sql for sql in theirs.writing if "SAVEPOINT" not in sql], name
            asked_for += 1
    assert asked_for >= 5


NOT_WITHOUT_PROOF = {
    ("GET", "child-adults"), ("POST", "child-adults"), ("GET", "child-give-up"), ("POST", "child-give-up"),
    ("POST", "child-copy-file"), ("GET", "passkey-add"), ("POST", "passkey-add"), ("GET", "passkey-remove"),
    ("POST", "passkey-remove"), ("GET", "government-remove"), ("POST", "government-remove"),
}  # fmt: skip
"""What ends somebody's access, adds or takes away a way in, or takes a whole record away."""


def test_who_holds_an_old_session_is_asked_who_they_are_before_what_cannot_be_taken_back(house: House) -> None:
    """A hijacked session: an hour after signing in, at every address of a family's face."""
    who = anothers.an_hour_later(house)
    asked_again = set()
    for name, address in routes().items():
        for method in ("GET", "POST") if address.startswith("/family/") else ():
            data = house.sent.get(name, {}) if method == "POST" else None
            answer = ask(house, who, method, name, house.address(name), data)
            if "again=yes" in answer.headers.get("Location", ""):
                asked_again.add((method, name))
                assert not answer.writing, name
    assert asked_again == NOT_WITHOUT_PROOF


ORIGINS = ({"HTTP_ORIGIN": "https://elsewhere.example"}, {"HTTP_ORIGIN": "null"})
REFUSED = b"Please send the form again"
"""What the page says to who sends a form without its token."""

WITHOUT_A_TOKEN = {"letters-leave": "RFC 8058: a mail program sends it, and the letter's own token is in the address"}
"""Addresses that take forms from elsewhere -> why; there it must not matter who is signed in."""


def test_no_form_is_taken_without_its_token_or_from_elsewhere(house: House, sent: Sent) -> None:
    """Cross-site request forgery: refused before anything is looked at, and nothing is written."""
    wrong, taken = [], []
    for name, forms in sent.items():
        if name in WITHOUT_A_TOKEN:
            continue
        who, form = forms[0]
        own, tls = {"csrfmiddlewaretoken": "a" * 32}, {"secure": True}
        tries: list[tuple[str, dict[str, str], dict[str, Any]]] = [
            ("no token", {}, {}),
            ("another's token", {"csrfmiddlewaretoken": "b" * 32}, {}),
            *(("from elsewhere", own, origin) for origin in ORIGINS),
            ("by TLS, no word whence", own, tls),
        ]
        for why, token, how in tries:
            with house.taken_back(), asked.watched() as looked:
                client = house.visitor(who, checked=True)
                client.cookies["csrftoken"] = "a" * 32
                answer = client.post(form.path, {**form.sent(), **token}, **how)
            if answer.status_code != 403 or looked.writing or REFUSED not in answer.content:
                wrong.append(f"{name} as {who}, {why}: {answer.status_code}, wrote {looked.writing}")
        with house.taken_back(), asked.watched() as looked:
            client = house.visitor(who, checked=True)
            client.cookies["csrftoken"] = "a" * 32
            answer = client.post(form.path, {**form.sent(), **own})
        if answer.status_code == 403:
            wrong.append(f"{name} as {who}: refused with its token, too")
        taken += [name] if looked.writing else []
    assert not wrong, "\n".join(wrong)
    assert len(taken) > 35, taken  # the forms are real: with their token they change something


def test_where_a_form_may_come_from_elsewhere_it_does_not_matter_who_is_signed_in(house: House, sent: Sent) -> None:
    for name in WITHOUT_A_TOKEN:
        _, form = sent[name][0]
        outcomes = []
        for who in VISITORS:
            with house.taken_back():
                before = asked.rows()
                answer = house.visitor(who, checked=True).post(form.path, form.sent())
                outcomes.append((answer.status_code, answer.content, asked.changed(before, asked.rows())))
        assert all(one == outcomes[0] for one in outcomes), name


def extras() -> dict[str, str]:
    """A field for everything that rows and acts have: name -> a value that might fit."""
    found: dict[str, str] = {"is_staff": "on", "is_superuser": "on", "user": "1", "pk": "1"}
    for act in (*desk.acts().values(), *desk.family_acts().values(), *desk.school_acts().values()):
        for name, kind in act.takes.items():
            found[name] = {int: "1", bool: "on"}.get(kind, "2031-12-31" if "date" in str(kind) else "canary")
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            usual = "canary"
            if isinstance(field, models.IntegerField | models.ForeignKey):
                usual = "1"
            elif isinstance(field, models.BooleanField):
                usual = "on"
            elif isinstance(field, models.DateField):
                usual = "2031-12-31"
            elif field.choices:
                usual = str(list(field.flatchoices)[-1][0])
            found[field.name] = found[field.attname] = usual
    return found


def done(house: House, who: str, form: asked.Form, more: Mapping[str, str]) -> asked.Outcome:
    """What sending a form came to, with these fields besides."""
    with house.taken_back():
        before = asked.rows()
        answer = house.visitor(who).post(form.path, {**more, **form.sent()})
        written = asked.changed(before, asked.rows())
        return asked.Outcome(answer.status_code, answer.headers.get("Location", ""), written)


def test_fields_that_a_form_has_not_change_nothing(house: House, sent: Sent) -> None:
    """Mass assignment: whatever is sent besides, the same is written as without it."""
    wrong, changing = [], 0
    everything = extras()
    for name, forms in sent.items():
        known = frozenset().union(*(form.fields for _, form in forms), house.sent.get(name, {}), {"next"})
        more = {key: value for key, value in everything.items() if key not in known}
        who, form = forms[0]
        usual, with_more = done(house, who, form, {}), done(house, who, form, more)
        changing += bool(usual.written)
        refused = with_more.status == 400 and not with_more.written  # strange fields are a reason to take nothing
        if usual == with_more or refused:
            continue
        again = done(house, who, form, {})
        wrong += [f"{name} as {who}: {one}" for one in asked.told_apart(usual, again, with_more)]
    assert not wrong, "\n".join(wrong)
    assert changing > 35
