"""A child in every place that there is: returns, lake, vault, releases, a link, choices; and a search through them."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.db import connection

from schoolgate import collect, gate, people, requests, rights
from schoolgate.clock import FixedClock
from schoolgate.config import Config
from schoolgate.errors import Refusal
from schoolgate.gate.erasing import service
from schoolgate.gate.erasing.views import DestructionView
from schoolgate.ids import Pmr, Term
from schoolgate.records.models import VaultCounter
from schoolgate.records.pupil_keys import PupilKeys
from schoolgate.records.vault import Vault
from schoolgate.seal import Keyring
from tests.collect.paper import pupil
from tests.match.school import ADDRESS, autumn, load, send, upn
from tests.requests import road
from tests.requests.filled import filled

FIRST = 1_234_567_000
"""The first reference: its digits and bytes are nowhere by chance."""

CHILD = {
    "UPN": upn(7), "FormerUPN": upn(8), "Surname": "Zyxwvsurnamesynth", "Forename": "Qponmforenamesynth",
    "DOB": "2016-02-29", "Ethnicity": "APKN", "Language": "URD",
}  # fmt: skip
SQL = "SELECT pupil, sex, ethnicity FROM census_pupil WHERE year = 2026"
ITEMS = ("census_pupil.sex", "census_pupil.ethnicity", "census_pupil.language")


@dataclass(frozen=True)
class Scene:
    """What a test needs to know."""

    child: Pmr
    others: tuple[Pmr, ...]
    agreement: str
    researcher: str
    staff: tuple[str, str]
    release: str
    pseudonym: str
    link: rights.ChildLink


def pupils(*, child: bool = True) -> list[str]:
    found = [pupil(UPN=upn(n), Forename=f"Other{'abcdef'[n]}", extra=ADDRESS) for n in range(1, 6)]
    return [*found[:2], *([pupil(**CHILD, extra=ADDRESS)] if child else []), *found[2:]]


def build(home: Config, clock: FixedClock) -> Scene:
    """Six children in two censuses, an agreement under which they were read, a family that looked."""
    VaultCounter.objects.create(name="pmr", value=FIRST)
    send(home, clock, *pupils(), **autumn())
    load(home, clock, 2025, Term.AUTUMN)
    send(home, clock, *pupils())
    load(home, clock)
    university = people.add_organisation("University of Example (synthetic)", "university")
    ministry = people.add_organisation("Ministry (synthetic)", "custodian")
    until = date(2030, 1, 1)
    researcher = people.add_person(university.id, "researcher", accredited_until=until).id
    panel = [people.add_person(ministry.id, "panel", accredited_until=until).id for _ in range(2)]
    one, two = (people.add_person(ministry.id, "custodian", accredited_until=until).id for _ in range(2))
    spec = replace(
        requests.read_application(requests.example("education-research")),
        organisation=university.id, people=(researcher,), items=ITEMS, years=((2024, 2027),), terms=(), cohort=(),
        valid_from=date(2026, 9, 1), valid_until=date(2028, 8, 31),
    )  # fmt: skip
    application = requests.insist(requests.submit_application(filled(spec), researcher, clock))
    requests.insist(road.decide(application.id, True, ["It serves pupils."], [], panel, clock))
    agreement = requests.insist(road.sign(application.id, one, clock)).id
    requests.ensure_built_in(clock)
    child = Vault(home).find(CHILD["UPN"])
    assert child is not None
    everybody = tuple(Pmr(FIRST + n) for n in range(6))
    answer = gate.read(agreement, researcher, SQL, config=home, clock=clock)
    assert isinstance(answer, gate.Handover)
    (pseudonym,) = [str(row["pupil"]) for row in answer.table.to_pylist() if row["ethnicity"] == "APKN"]
    gate.settle_pending(home, clock)
    account = people.create_account("parent@example.com", "three words that differ")
    code = rights.issue_code(100008, CHILD["UPN"], school_actor="school:100008", clock=clock, config=home)
    assert not isinstance(code, Refusal)
    link = rights.redeem_code(account.id, code.text, clock, config=home)
    assert not isinstance(link, Refusal)
    rights.my_record(link, clock=clock, config=home)
    others = tuple(one for one in everybody if one != child)
    return Scene(child, others, agreement, researcher, (one, two), answer.release_id, pseudonym, link)


def destroyed(scene: Scene, home: Config, clock: FixedClock, **more: Any) -> DestructionView:
    """The child's record proposed, agreed and erased."""
    first, second = scene.staff
    made = service.propose_erasure(
        CHILD["UPN"], "unlawful", "It was entered against the law.", actor=first, config=home, clock=clock
    )
    assert isinstance(made, DestructionView), made
    agreed = service.decide_destruction(made.number, True, "So it was.", actor=second, clock=clock)
    assert isinstance(agreed, DestructionView), agreed
    return service.carry_destruction(made.number, config=home, clock=clock, **more)


# Looking for somebody ----------------------------------------------------------------------------------------------


def needles(scene: Scene) -> dict[str, list[bytes]]:
    """What would lead back to the child, as bytes."""
    number = int(scene.child)
    return {
        "a name, a number or the birth date": [CHILD[n].encode() for n in ("UPN", "FormerUPN", "Surname", "Forename")],
        "a pseudonym": [scene.pseudonym.encode()],
        "the reference": [str(number).encode(), struct.pack("<I", number), struct.pack(">I", number)],
    }


PURPOSES = (
    "vault", "vault-key", "pupil-keys", "paper", "post", "post-address", "post-leave", "cases", "case", "access-pack",
    "amendments", "corrections", "lake-amendment", "claim-code", "canary", "rights-cases",
    "erased-notices",
)  # fmt: skip


def keys_of(home: Config, used: Iterable[str], everybody: Iterable[int]) -> list[bytes]:
    """Every key there is: those of all purposes that were ever used, and each pupil's own."""
    ring = home.keyring()
    own = PupilKeys(ring, home.keys)
    return [ring.key(purpose) for purpose in sorted({*PURPOSES, *used})] + [
        own.key(one) for one in everybody if not own.is_destroyed(one)
    ]


def opened(data: bytes, keys: Iterable[bytes]) -> Iterator[bytes]:
    """What bytes are as they lie, and under each key. AES-GCM without looking at the tag: the words would show."""
    yield data
    for start in (0, 4):
        if len(data) > start + 12 + 16:
            nonce, sealed = data[start : start + 12], data[start + 12 : -16]
            for key in keys:
                yield Cipher(algorithms.AES(key), modes.CTR(nonce + b"\x00\x00\x00\x02")).decryptor().update(sealed)


def cells() -> Iterator[tuple[str, bytes]]:
    """Every value of every table."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            names = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                for name, value in zip(names, row, strict=True):
                    if value is None or isinstance(value, bool):
                        continue
                    data = bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                    yield f"{table}.{name}", data


def files(home: Config) -> Iterator[tuple[str, bytes]]:
    """Every file of the installation; returns as they read when they are opened."""
    for path in sorted(home.home.rglob("*")):
        if path.is_file():
            yield str(path.relative_to(home.home)), path.read_bytes()
    for return_id in collect.papers(home):
        _, rows = collect.open_paper(return_id, home)
        yield f"paper {return_id}", repr([(row.fields, row.addresses) for row in rows]).encode()


def found(scene: Scene, home: Config, used: Iterable[str]) -> dict[str, set[str]]:
    """What leads to the child -> where."""
    keys = keys_of(home, used, (scene.child, *scene.others))
    where: dict[str, set[str]] = {}
    for place, data in (*cells(), *files(home)):
        for text in opened(data, keys if len(data) < 1 << 20 else ()):
            for what, wanted in needles(scene).items():
                if any(one in text for one in wanted):
                    where.setdefault(what, set()).add(place)
    return where


class Purposes:
    """Every purpose for which a key was derived: nobody can use one that the search does not know."""

    def __init__(self, monkeypatch: Any) -> None:
        self.used: set[str] = set()
        real = Keyring.key

        def key(ring: Keyring, purpose: str) -> bytes:
            self.used.add(purpose)
            return real(ring, purpose)

        monkeypatch.setattr(Keyring, "key", key)
