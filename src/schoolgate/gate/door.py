"""The room's door: each operation, in this process or over the gate's socket, with the same arguments and answers.

With `Config.gate` unset the gate is here. Set, this process is a face or a worker: it asks the process that owns lake,
vault and keys, which runs on its own clock and its own randomness.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings

from schoolgate import ledger, register, requests
from schoolgate.clock import Clock, SystemClock
from schoolgate.config import Config, gate_only
from schoolgate.errors import Refusal, SchoolgateError
from schoolgate.gate import claiming, family, service, subject
from schoolgate.gate import settle as settling
from schoolgate.gate.asfile import AsFile
from schoolgate.gate.claiming import ChildAccess, Claimant
from schoolgate.gate.engines.engine import Limits
from schoolgate.gate.family import ChildExposure
from schoolgate.gate.handover import Handover, RefusedQuery, Render, SubjectRecord, no_files, nothing
from schoolgate.gate.serve.answers import found_of, read_of, record_of, value_of
from schoolgate.gate.serve.client import ask
from schoolgate.gate.terms.ruling import Explained
from schoolgate.gate.writing import Entropy
from schoolgate.ids import Pmr, Urn


def _places(config: Config | None) -> Config:
    found: Config = config or settings.CONFIG
    return found


def _clock() -> Clock:
    """The clock of an operation that is handed none: the site's, or the machine's."""
    found: Clock = getattr(settings, "CLOCK", None) or SystemClock()
    return found


def _file_of(render: Render) -> str | None:
    if render is no_files:
        return None
    if isinstance(render, AsFile):
        return render.name
    raise SchoolgateError(
        "The gate writes a result's files itself.", hint="Give render=gate.AsFile(name).", code="render-served"
    )


def ask_act(config: Config, act: str, person_id: str, given: Mapping[str, Any]) -> tuple[bool, Any]:
    """Ask the process that owns the gate for an act of the desk.

    Returns:
        Whether it was refused, and what came of it, as JSON.

    Raises:
        SchoolgateError: there is no such process, or it could not do it.
    """
    if config.gate is None:
        raise SchoolgateError("The gate is in this process.", code="gate-here")
    answer = value_of(ask(config.gate, "act", act=act, person=person_id, given=given), dict[str, Any])
    return bool(answer["refused"]), answer["outcome"]


def ask_family_act(
    config: Config, act: str, account_id: int, link_id: int, given: Mapping[str, Any]
) -> tuple[bool, Any]:
    """Ask the process that owns the gate for an act of a family's.

    Returns:
        Whether it was refused, and what came of it, as JSON.

    Raises:
        SchoolgateError: there is no such process, or it could not do it.
    """
    if config.gate is None:
        raise SchoolgateError("The gate is in this process.", code="gate-here")
    asked = ask(config.gate, "family_act", act=act, account=account_id, link=link_id, given=given)
    answer = value_of(asked, dict[str, Any])
    return bool(answer["refused"]), answer["outcome"]


def ask_school_act(config: Config, act: str, account_id: int, given: Mapping[str, Any]) -> tuple[bool, Any]:
    """Ask the process that owns the gate for an act of a school's.

    Returns:
        Whether it was refused, and what came of it, as JSON.

    Raises:
        SchoolgateError: there is no such process, or it could not do it.
    """
    if config.gate is None:
        raise SchoolgateError("The gate is in this process.", code="gate-here")
    asked = ask(config.gate, "school_act", act=act, account=account_id, given=given)
    answer = value_of(asked, dict[str, Any])
    return bool(answer["refused"]), answer["outcome"]


def read(
    agreement_id: str,
    person_id: str,
    sql: str,
    *,
    config: Config,
    clock: Clock,
    limits: Limits | None = None,
    entropy: Entropy = os.urandom,
    render: Render = no_files,
    step: Callable[[str], None] = nothing,
) -> Handover | RefusedQuery:
    """Run a researcher's query under an agreement.

    `render` turns the result into the files it leaves as (name -> bytes), before the read is recorded: the log
    vouches for their digests, and `Handover.files` are those very bytes. Over the socket it is an `AsFile`, and
    `entropy`, `step` and the clock are the gate's own.

    Returns:
        The result with its receipt, or every reason why there is none; both are on record.

    Raises:
        GateBusy: over the socket: too much is waiting; nothing was run.
    """
    if config.gate is None:
        return service.read(
            agreement_id, person_id, sql,
            config=config, clock=clock, limits=limits, entropy=entropy, render=render, step=step,
        )  # fmt: skip
    return read_of(
        ask(
            config.gate, "read", agreement=agreement_id, person=person_id, sql=sql, file=_file_of(render), limits=limits
        )
    )


def explain(agreement_id: str, person_id: str, sql: str, *, clock: Clock, config: Config | None = None) -> Explained:
    """Which rule allows or refuses each item of a query; nothing is read."""
    gate = _places(config).gate
    if gate is None:
        return service.explain(agreement_id, person_id, sql, clock=clock)
    found: Explained = value_of(ask(gate, "explain", agreement=agreement_id, person=person_id, sql=sql), Explained)
    return found


def named_people(agreement_id: str, *, config: Config | None = None) -> tuple[str, ...]:
    """The persons an agreement names.

    Raises:
        requests.UnknownRequest: there is no such agreement.
    """
    gate = _places(config).gate
    if gate is None:
        return tuple(requests.get(agreement_id).people)
    return tuple(value_of(ask(gate, "named_people", agreement=agreement_id), tuple[str, ...]))


def subject_access(
    pupil: Pmr,
    actor: str,
    *,
    config: Config,
    clock: Clock,
    entropy: Entropy = os.urandom,
    confirmed: datetime | None = None,
) -> SubjectRecord:
    """Everything held about one child, for a family that has shown it may see it.

    Objections and restrictions leave nobody out here: they are the family's own.

    Args:
        pupil: the child.
        actor: who looks, as an account reference without a name.
        config: the installation.
        clock: the time.
        entropy: randomness.
        confirmed: when two people last confirmed on paper that whoever looks may; None: never.
    """
    if config.gate is None:
        return subject.subject_access(pupil, actor, config=config, clock=clock, entropy=entropy, confirmed=confirmed)
    return record_of(ask(config.gate, "subject_access", pupil=pupil, actor=actor, confirmed=confirmed))


def access_of(pupil: Pmr, *, config: Config, clock: Clock) -> ChildAccess:
    """How access to one child's record stands today; asked by each page, and shown to nobody."""
    if config.gate is None:
        return claiming.access_of(pupil, config=config, clock=clock)
    found: ChildAccess = value_of(ask(config.gate, "access_of", pupil=pupil), ChildAccess)
    return found


def find_former_pupil(
    upn: str, who: Claimant, actor: str, *, config: Config, clock: Clock, entropy: Entropy = os.urandom
) -> Pmr | Refusal:
    """An adult's own record of their schooldays; nobody's is told from several."""
    if config.gate is None:
        return claiming.find_former_pupil(upn, who, actor, config=config, clock=clock, entropy=entropy)
    found = found_of(ask(config.gate, "find_former_pupil", upn=upn, who=who, actor=actor))
    return found if isinstance(found, Refusal) else Pmr(found)


def find_own_pupil(
    urn: Urn, upn: str, actor: str, *, config: Config, clock: Clock, entropy: Entropy = os.urandom
) -> Pmr | Refusal:
    """A school asks for its own pupil by UPN, to issue a family's code; nobody else's is told from none."""
    if config.gate is None:
        return subject.find_own_pupil(urn, upn, actor, config=config, clock=clock, entropy=entropy)
    found = found_of(ask(config.gate, "find_own_pupil", urn=int(urn), upn=upn, actor=actor))
    return found if isinstance(found, Refusal) else Pmr(found)


def member_proof(release_id: str, pupil: Pmr, config: Config) -> dict[str, Any]:
    """What lets one child's family show that the custodian told them about a release.

    Returns:
        ``salt`` and ``child_ref`` (hexadecimal), ``member_index``, ``member_count``, ``member_path``.

    Raises:
        NotAMember: the child is not in it.
    """
    if config.gate is None:
        return family.proof_of(release_id, pupil, config, _clock())
    return dict(value_of(ask(config.gate, "member_proof", release=release_id, pupil=pupil), dict[str, Any]))


def exposures_of(pupil: Pmr, *, config: Config) -> tuple[ChildExposure, ...]:
    """Every release that took, or may have taken, any item of this child, oldest first."""
    if config.gate is None:
        return family.exposures_of(pupil, _clock())
    return tuple(value_of(ask(config.gate, "exposures_of", pupil=pupil), tuple[ChildExposure, ...]))


def entry_proof(index: int, config: Config) -> str:
    """The C2SP tlog-proof of one log entry against the published checkpoint."""
    if config.gate is None:
        return family.entry_proof(index, config)
    return str(value_of(ask(config.gate, "entry_proof", index=index), str))


def log_key(config: Config) -> str:
    """The log's public key, as C2SP writes it."""
    if config.gate is None:
        return family.log_key(config)
    return str(value_of(ask(config.gate, "log_key"), str))


def settle_pending(
    config: Config, clock: Clock, *, step: Callable[[str], None] = nothing
) -> tuple[ledger.ReleaseRecord, ...]:
    """Settle every release that is not, oldest first, and publish. An interrupted one is taken up again.

    Raises:
        SchoolgateError: some could not be settled; all others were. Or this is not the gate's process: see
            `settle_all`.
    """
    if config.gate is not None:
        raise gate_only("settles releases")
    return settling.settle_pending(config, clock, step=step)


def settle_all(config: Config, clock: Clock) -> int:
    """Have every unfinished release settled; how many were."""
    if config.gate is None:
        return len(settling.settle_pending(config, clock))
    return int(value_of(ask(config.gate, "settle_pending"), int))


def publish_log(config: Config, clock: Clock) -> int:
    """Have the log published; how many entries it has."""
    if config.gate is None:
        return register.publish(clock, config).size
    return int(value_of(ask(config.gate, "publish_log"), int))
