"""Rights: a family proves that a child is theirs, sees the record and who used it, and says no.

In: a code that the child's school issued; an account.
Out: the record, lines of who has it with proofs, objections. Never: a child to an account without a link.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schoolgate.rights.code import CODE_LENGTH, Entropy, code_text, normalised
from schoolgate.rights.views import (
    ChildLink,
    ClaimRules,
    GatePort,
    IssuedCode,
    ItemInWords,
    Line,
    LineRelease,
)
from schoolgate.surface import lazy_surface

if TYPE_CHECKING:
    from schoolgate.rights.choices import object_to, objections, withdraw
    from schoolgate.rights.claims import (
        UnknownLink,
        child,
        children,
        end_link,
        issue_code,
        redeem_code,
        revoke_access,
    )
    from schoolgate.rights.lines import UnknownLine, lines_for, proof_file, who_has
    from schoolgate.rights.ports import site_can_reach_vault
    from schoolgate.rights.record import my_record

__all__ = [
    "CODE_LENGTH",
    "ChildLink",
    "ClaimRules",
    "Entropy",
    "GatePort",
    "IssuedCode",
    "ItemInWords",
    "Line",
    "LineRelease",
    "UnknownLine",
    "UnknownLink",
    "child",
    "children",
    "code_text",
    "end_link",
    "issue_code",
    "lines_for",
    "my_record",
    "normalised",
    "object_to",
    "objections",
    "proof_file",
    "redeem_code",
    "revoke_access",
    "site_can_reach_vault",
    "who_has",
    "withdraw",
]

__getattr__ = lazy_surface(
    __name__,
    {
        "object_to": "choices",
        "objections": "choices",
        "withdraw": "choices",
        "UnknownLink": "claims",
        "child": "claims",
        "children": "claims",
        "end_link": "claims",
        "issue_code": "claims",
        "redeem_code": "claims",
        "revoke_access": "claims",
        "UnknownLine": "lines",
        "lines_for": "lines",
        "proof_file": "lines",
        "who_has": "lines",
        "site_can_reach_vault": "ports",
        "my_record": "record",
    },
)
