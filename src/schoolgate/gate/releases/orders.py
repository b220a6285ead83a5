"""An extract from the order to the sealed file: asked for, let go by a named person, read once, encrypted.

"Once" is held by the database: the release's id is written to the order in the very transaction that records the
read, and an order that has one is not read again. What breaks off after that gives no file.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction

from schoolgate import people, register, requests
from schoolgate.clock import Clock, day_of
from schoolgate.config import Config
from schoolgate.durable import write_once
from schoolgate.errors import Refusal, Refused, SchoolgateError
from schoolgate.gate import service
from schoolgate.gate.asfile import AsFile
from schoolgate.gate.asking.names import output_names
from schoolgate.gate.handover import Handover
from schoolgate.gate.hidden import without_hidden
from schoolgate.gate.manner import Manner
from schoolgate.gate.releases.canary import Mark
from schoolgate.gate.releases.letters import DECLINED, FAILED, READY, write_to
from schoolgate.gate.releases.likeness import marked
from schoolgate.gate.releases.limits import KINDS, limits
from schoolgate.gate.releases.models import ExtractOrder
from schoolgate.gate.releases.sealing import ENDING, key_problem, sealed
from schoolgate.gate.releases.states import EXTRACT
from schoolgate.gate.releases.views import ExtractView
from schoolgate.gate.rewrite import Plan
from schoolgate.gate.terms.ruling import everything
from schoolgate.gate.understand import understand
from schoolgate.gate.writing import Entropy
from schoolgate.machine import Move
from schoolgate.policy import HANDED_OVER, is_late
from schoolgate.records.vault import Vault

EXTRACT_FORMS = (".csv", ".parquet")
_LEAST_WORDS, _MOST_WORDS = 20, 2_000
_MARK_KEY = "extract-mark"
_ANY_TIME = datetime(2026, 1, 1, tzinfo=UTC)
"""For asking whether words could be written in the register; nothing is written."""


class UnknownExtract(SchoolgateError):
    """No such extract, or not this person's to see."""


def reason_problem(text: str) -> Refusal | None:
    """Why this is no reason that could stand in the register; None when it is one."""
    if not _LEAST_WORDS <= len(text.strip()) <= _MOST_WORDS:
        return Refusal(
            "reason-missing",
            f"A reason has {_LEAST_WORDS} to {_MOST_WORDS:,} characters. It is public.",
            remedy="Say in a sentence or two why.",
        )
    try:
        register.event_body("use.lifted", "reason", {"agreement": None, "reason": text}, _ANY_TIME)
    except register.EventRefused as problem:
        return Refusal("reason-not-public", problem.what, remedy=problem.hint)
    return None


def _organisation(organisation_id: str) -> str:
    return people.organisation(organisation_id).name


def view_of(row: ExtractOrder, clock: Clock, reader: people.PersonView | None = None) -> ExtractView:
    """The row as a value; what was said for the custodian alone is in it when the reader is of the custodian."""
    return ExtractView(
        id=row.order_id,
        agreement_id=row.agreement_id,
        organisation=_organisation(row.organisation_id),
        person_id=row.person_id,
        sql=row.sql,
        reason=row.reason,
        form=row.form,
        recipient_key=row.recipient_key,
        state=row.state,
        ordered_at=row.ordered_at,
        decided_by=row.decided_by,
        decided_because=row.decided_because,
        release_id=row.release_id,
        file_sha256=row.file_sha256,
        size=row.size,
        until=row.until,
        downloads=row.downloads,
        downloads_most=limits().downloads,
        sign_by=row.sign_by,
        failed_because=tuple(row.failed_because),
        overdue=row.state in ("ready", "expired") and is_late(row.sign_by, day_of(clock.now())),
        said=row.said if reader is not None and reader.role == "custodian" else "",
    )


def find(order_id: str, *, locked: bool = False) -> ExtractOrder:
    """The row of an order.

    Raises:
        UnknownExtract: there is none.
    """
    rows = ExtractOrder.objects.select_for_update() if locked else ExtractOrder.objects.all()
    row = rows.filter(order_id=order_id).first()
    if row is None:
        raise UnknownExtract("There is no such extract.", hint="See the list of extracts.", code="extract-unknown")
    return row


def may_see(row: ExtractOrder, person: people.PersonView) -> bool:
    """The recipient's own organisation, the custodian's people, and those who watch them."""
    return person.role in ("custodian", "overseer") or person.organisation_id == row.organisation_id


def extracts(person_id: str, clock: Clock) -> tuple[ExtractView, ...]:
    """The orders a person may see, latest first."""
    person = people.person(person_id)
    rows = ExtractOrder.objects.order_by("-pk")
    return tuple(view_of(row, clock, person) for row in rows if may_see(row, person))


def extract(order_id: str, person_id: str, clock: Clock) -> ExtractView:
    """One order.

    Raises:
        UnknownExtract: there is none that this person may see.
    """
    row, person = find(order_id), people.person(person_id)
    if not may_see(row, person):
        raise UnknownExtract("There is no such extract.", hint="See the list of extracts.", code="extract-unknown")
    return view_of(row, clock, person)


def step(row: ExtractOrder, event: str, role: str, payload: dict[str, Any], clock: Clock) -> Refusal | None:
    """A state change with its register event, in the caller's transaction; the refusal when it is not in the table."""
    move: Move | Refusal = EXTRACT.move(row.state, event, role)
    if isinstance(move, Refusal):
        return move
    row.state = move.target
    row.save()
    register.append_event(move.register_event, row.order_id, {"agreement": row.agreement_id, **payload}, clock.now())
    return None


def _gives_reference(sql: str) -> tuple[tuple[int, ...], tuple[Refusal, ...]]:
    """Which outputs are the pupils' pseudonyms; a refusal when none is."""
    asked = understand(sql)
    if isinstance(asked, tuple):
        return (), ()  # said by the query's own reasons
    found = tuple(at for at, is_reference in enumerate(asked.references.outputs(asked.named.tree)) if is_reference)
    names = output_names(asked.named.tree)
    if found and len(set(names)) == len(names):
        return found, ()
    return (), (
        Refusal(
            "extract-needs-reference",
            "An extract is of single records, each under its pseudonym: this query gives no pseudonym.",
            provision="extracts: every extract carries a mark, which is one child's record",
            remedy="Have pupil among the outputs. Numbers about many pupils need no extract: ask in the setting.",
        ),
    )


def _beside_names(agreement_id: str) -> tuple[Refusal, ...]:
    """A body that looks people up by name knows values with names: single records beside them would be named, too."""
    if requests.application(agreement_id).spec.kind_of_request not in KINDS:
        return ()
    return (
        Refusal(
            "extract-beside-names",
            "Under this agreement people are looked up by name. No file of single records leaves under it.",
            provision="extracts: what is under a pseudonym must not be matched with names by the same agreement",
            remedy="Apply for an agreement of its own, for research.",
        ),
    )


def order_extract(
    agreement_id: str,
    person_id: str,
    sql: str,
    reason: str,
    recipient_key: str,
    form: str,
    *,
    clock: Clock,
    entropy: Entropy = os.urandom,
) -> ExtractView | Refused:
    """Ask for an extract: a query whose single records shall leave the safe setting.

    Args:
        agreement_id: an agreement in force that names the person.
        person_id: who asks.
        sql: the query; it must give the pupils' pseudonym.
        reason: why the safe setting will not do; public.
        recipient_key: the recipient's public key, ``age1…``.
        form: ``.csv`` or ``.parquet``.
        clock: the time.
        entropy: randomness.

    Returns:
        The order, or every reason against it at once. A query that the gate would refuse now cannot be ordered.
    """
    try:
        agreement = requests.get(agreement_id)
    except requests.UnknownRequest as unknown:
        return Refused((Refusal(unknown.code, unknown.what, remedy=unknown.hint),))
    _, against = everything(agreement, person_id, sql, understand(sql), clock, HANDED_OVER)
    reasons = [*against, *_beside_names(agreement_id), *_gives_reference(sql)[1]]
    reasons += [one for one in (reason_problem(reason), key_problem(recipient_key)) if one is not None]
    if form not in EXTRACT_FORMS:
        reasons.append(Refusal("out-format", f"An extract is one of {', '.join(EXTRACT_FORMS)}.", remedy="Choose one."))
    if reasons:
        return Refused(tuple(dict.fromkeys(reasons)))
    with transaction.atomic():
        row = ExtractOrder.objects.create(
            order_id="X-" + entropy(8).hex(), agreement_id=agreement_id, person_id=person_id,
            organisation_id=agreement.organisation_id, sql=sql, reason=reason.strip(), form=form,
            recipient_key=recipient_key, state=EXTRACT.start, ordered_at=clock.now(),
        )  # fmt: skip
        told = {"agreement": agreement_id, "organisation": agreement.organisation_name, "reason": row.reason}
        register.append_event("extract.ordered", row.order_id, told, clock.now())
    return view_of(row, clock)


def _against_deciding(row: ExtractOrder, person: people.PersonView) -> tuple[Refusal, ...]:
    """Nobody lets his own extract go, nor his organisation's, nor as another person that he also is."""
    asker = people.person(row.person_id)
    same_being = person.account_id is not None and person.account_id == asker.account_id
    found = []
    if person.role != "custodian":
        found.append(Refusal("not-your-decision", "A person of the custodian decides on an extract."))
    if person.id == asker.id or same_being:
        found.append(
            Refusal("own-order", "You ordered this extract.", remedy="Somebody else of the custodian decides on it.")
        )
    if person.organisation_id == row.organisation_id:
        found.append(
            Refusal(
                "own-organisation", "The extract is for your own organisation.",
                remedy="Somebody of another organisation decides on it.",
            )
        )  # fmt: skip
    return tuple(found)


def decide_extract(
    order_id: str, approve: bool, reason: str, person_id: str, *, config: Config, clock: Clock
) -> ExtractView | Refused:
    """Let an extract leave, or not, as a named person with a reason. When let, it is made at once.

    Returns:
        The order as it stands then, or every reason why this person cannot decide so.

    Raises:
        SchoolgateError: it was let go and could not be made now; it is taken up again by itself, or comes to nothing.
    """
    person = people.person(person_id)
    with transaction.atomic():
        row = find(order_id, locked=True)
        problem = reason_problem(reason)
        against = [*_against_deciding(row, person), *([problem] if problem else [])]
        if against:
            return Refused(tuple(against))
        row.decided_by, row.decided_because, row.decided_at = person.id, reason.strip(), clock.now()
        told = {"reason": row.decided_because}
        if approve:
            told["organisation"] = _organisation(row.organisation_id)
        refused = step(row, "approve" if approve else "decline", person.role, told, clock)
        if refused is not None:
            return Refused((refused,))
        if not approve:
            write_to([row.person_id], *DECLINED, clock=clock)
    register.publish(clock, config)
    if approve:
        make_extract(order_id, config=config, clock=clock)
    return view_of(find(order_id), clock)


def file_of(order_id: str, config: Config) -> Path:
    """Where the encrypted file lies."""
    return folder(config) / f"{order_id}{ENDING}"


def folder(config: Config) -> Path:
    """Where encrypted extracts lie until they are signed for."""
    return config.home / "extracts"


class _Making:
    """One extract being made: what is between the read and the file."""

    def __init__(self, row: ExtractOrder, config: Config) -> None:
        self._row, self._config = row, config
        self._references, _ = _gives_reference(row.sql)
        vault_key = Vault(config).agreement_key(row.agreement_id)
        self._mark = Mark.of(row.order_id, vault_key, config.keyring().key(_MARK_KEY))
        self.name = f"{row.order_id}{row.form}{ENDING}"
        self.opened_sha256 = ""
        self.sealed = b""

    def leaving(self, result: Any, plan: Plan) -> Any:
        """The result with the mark in it."""
        order = None if plan.finish is None else plan.finish.order
        return marked(result, self._references, self._mark, order)

    def render(self, leaving: Any) -> dict[str, bytes]:
        """The sealed file. What is in it is in memory, and nowhere else, until it is encrypted."""
        inside = AsFile(f"extract{self._row.form}")
        plain = inside(without_hidden(leaving))[inside.name]
        self.opened_sha256 = hashlib.sha256(plain).hexdigest()
        self.sealed = sealed(plain, self._row.recipient_key)
        return {self.name: self.sealed}

    def step(self, name: str) -> None:
        """The file is on disk before the read is on record as delivered."""
        if name == "published" and self.sealed:
            write_once(file_of(self._row.order_id, self._config), self.sealed)

    def beside(self, release_id: str) -> None:
        """The order's one release, in the transaction that records it."""
        row = find(self._row.order_id, locked=True)
        if row.release_id or row.state != "approved":
            raise SchoolgateError("This extract was read already.", hint="Order a new one.", code="extract-read")
        row.release_id = release_id
        row.save(update_fields=["release_id"])


def make_extract(order_id: str, *, config: Config, clock: Clock, entropy: Entropy = os.urandom) -> None:
    """Read an approved extract once through the gate and keep it sealed; one that was read already comes to nothing.

    Raises:
        SchoolgateError: something failed; no file can be fetched.
    """
    row = find(order_id)
    if row.state != "approved":
        return
    if row.release_id:
        _fail(order_id, ("broken-off",), ("It broke off after it was read. Order a new one.",), config, clock)
        return
    making = _Making(row, config)
    answer = service.read(
        row.agreement_id, row.person_id, row.sql,
        config=config, clock=clock, entropy=entropy, render=making.render, step=making.step, output=HANDED_OVER,
        manner=Manner(further={"kind": "extract"}, beside=making.beside, leaving=making.leaving, leaves=True),
    )  # fmt: skip
    if not isinstance(answer, Handover):
        codes = tuple(sorted({reason.code for reason in answer.reasons}))
        _fail(order_id, codes, tuple(reason.reason for reason in answer.reasons), config, clock)
        return
    with transaction.atomic():
        row = find(order_id, locked=True)
        row.receipt = dict(answer.receipt)
        row.file_sha256 = hashlib.sha256(making.sealed).hexdigest()
        row.opened_sha256 = making.opened_sha256
        row.size = len(making.sealed)
        row.until = day_of(clock.now()) + timedelta(days=limits().download_days)
        refused = step(
            row, "seal", "gate",
            {"release": row.release_id, "file_sha256": row.file_sha256, "until": row.until.isoformat()}, clock,
        )  # fmt: skip
        if refused is None:
            write_to([row.person_id], *READY, clock=clock)
    if refused is not None:
        file_of(order_id, config).unlink(missing_ok=True)
        raise SchoolgateError("The extract was given up meanwhile.", hint="Order a new one.", code="extract-read")
    register.publish(clock, config)


def _fail(order_id: str, codes: tuple[str, ...], words: tuple[str, ...], config: Config, clock: Clock) -> None:
    with transaction.atomic():
        row = find(order_id, locked=True)
        row.failed_because = list(words)
        if step(row, "fail", "gate", {"reasons": list(codes)}, clock) is None:
            write_to([row.person_id], *FAILED, clock=clock)
    file_of(order_id, config).unlink(missing_ok=True)
    register.publish(clock, config)


def marks(config: Config) -> dict[str, str]:
    """Pseudonym of each extract's synthetic record -> the extract."""
    vault, key = Vault(config), config.keyring().key(_MARK_KEY)
    made = ExtractOrder.objects.exclude(opened_sha256="").values_list("order_id", "agreement_id")
    return {Mark.of(order, vault.agreement_key(agreement), key).pseudonym: order for order, agreement in made}


def new_token() -> str:
    """A token of 256 random bits."""
    return secrets.token_urlsafe(32)
