"""A family's look at the record itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.ids import Pmr
from schoolgate.rights.claims import row_of
from schoolgate.rights.ports import REAL_GATE, installation
from schoolgate.rights.views import ChildLink, GatePort

if TYPE_CHECKING:
    from schoolgate.gate import SubjectRecord


def my_record(
    link: ChildLink, *, clock: Clock, config: Config | None = None, gate: GatePort = REAL_GATE
) -> SubjectRecord:
    """Everything held about the child (UK GDPR Article 15). The look is a read and is in the log.

    Raises:
        UnknownLink: not this account's child.
    """
    row = row_of(link)
    return gate.subject_access(
        Pmr(row.pupil),
        f"account:{link.account_id}",
        config=installation(config),
        clock=clock,
        confirmed=row.confirmed_at,
    )
