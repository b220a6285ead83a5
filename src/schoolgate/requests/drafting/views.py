"""What the drafting part gives out: frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from schoolgate.requests.drafting.shown import Difference
from schoolgate.requests.terms import ApplicationSpec


@dataclass(frozen=True, slots=True)
class SavedBy:
    """When a section was last saved.

    Attributes:
        revision: how often it was saved; whoever saves names the one they saw.
    """

    revision: int
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Comment:
    """Something said about a section.

    Attributes:
        role: of who said it.
        shared: whether authors and the custodian's side both see it.
        resolved_at: when it was settled; None while it is open.
    """

    id: int
    section: str
    by: str
    role: str
    text: str
    shared: bool
    at: datetime
    resolved_by: str
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a draft or of a version.

    Attributes:
        kind: its media type, as its content says.
        sha256: of its content, in hexadecimal.
        size: in bytes.
    """

    name: str
    kind: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Version:
    """An application as it was handed in."""

    number: int
    spec: ApplicationSpec
    attachments: tuple[Attachment, ...]
    by: str
    at: datetime
    log_index: int


@dataclass(frozen=True, slots=True)
class DraftView:
    """A draft, as one person may see it.

    Attributes:
        id: ``D-2026-0001``.
        application_id: empty until it was handed in.
        state: of the request; ``drafted`` until it was handed in.
        spec: as it stands now; for whoever is not of the organisation, as it was handed in last.
        revision: counts every change.
        saved: section -> when it was last saved.
        may_write: whether this person may change it now.
        is_author: whether this person is one of its authors.
        may_take_over: whether none of its authors works here any more, so that this person may take their place.
    """

    id: str
    organisation_id: str
    organisation_name: str
    application_id: str
    state: str
    spec: ApplicationSpec
    revision: int
    saved: Mapping[str, SavedBy]
    authors: tuple[str, ...]
    comments: tuple[Comment, ...]
    attachments: tuple[Attachment, ...]
    versions: tuple[Version, ...]
    started_at: datetime
    changed_at: datetime
    may_write: bool
    is_author: bool
    may_take_over: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A draft in a list.

    Attributes:
        agreement_id: empty until there is one.
        open_comments: how many shared comments of others wait for an answer.
        waits_for_me: in words of a code: ``finish``, ``answer``, ``accept``, ``destroy``, or empty.
    """

    id: str
    application_id: str
    agreement_id: str
    title: str
    state: str
    changed_at: datetime
    open_comments: int
    waits_for_me: str


@dataclass(frozen=True, slots=True)
class Saved:
    """What came of saving a section.

    Attributes:
        revision: of the section, to be named when it is saved again.
        clash: where somebody else saved something else meanwhile; nothing was saved then. Empty: it is saved.
            `before` is what stands there now, `after` what was to be saved.
        by: who saved it meanwhile; empty without a clash.
    """

    draft: str
    section: str
    revision: int
    clash: tuple[Difference, ...] = ()
    by: str = ""
