"""Rights: a family proves that a child is theirs, sees the record and who used it, and says no.

In: a code that the child's school issued; an account.
Out: the record, lines of who has it with proofs, objections. Never: a child to an account without a link.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schoolgate.rights import cases, digests, helping, packs
from schoolgate.rights.chosen import WITHHELD, BeingChecked, Choices, SaidNo, SaidYes, Stopped
from schoolgate.rights.code import CODE_LENGTH, Entropy, code_text, normalised
from schoolgate.rights.competence import Competence, Evidence, Standing, competence
from schoolgate.rights.views import (
    ChildLink,
    ClaimRules,
    GatePort,
    Gone,
    IssuedCode,
    ItemInWords,
    Line,
    LineRelease,
    OpenedWay,
    OtherAdult,
    PaperView,
    SchoolPaper,
    TakenAway,
)
from schoolgate.surface import lazy_surface

if TYPE_CHECKING:
    from schoolgate.rights.choices import (
        choices_of,
        end_stop,
        object_to,
        objections,
        say_yes,
        stop_use,
        take_back_yes,
        withdraw,
        yes_wanted,
    )
    from schoolgate.rights.claims import UnknownLink, child, children, end_link, give_leave, others, set_label
    from schoolgate.rights.codes import (
        BY_SCHOOL,
        end_way,
        end_way_for_custodian,
        issue_code,
        redeem_code,
        revoke_access,
        ways_for_custodian,
        ways_in,
    )
    from schoolgate.rights.corrected import Changed, change_in_words, changed
    from schoolgate.rights.declining import decline_item, declined, withdraw_declined
    from schoolgate.rights.ending import NoOfSomebody, end_no_of_another, nos_for_custodian
    from schoolgate.rights.former import claim_own_record
    from schoolgate.rights.inwords import (
        answer_in_words,
        day_in_words,
        identity_in_words,
        identity_names,
        in_words,
        origin_of,
        school_in_words,
    )
    from schoolgate.rights.lines import UnknownLine, lines_for, proof_file, who_has
    from schoolgate.rights.papers import (
        WAYS,
        Helped,
        PaperDecided,
        decide_paper,
        helped_between,
        helped_for,
        open_paper,
        open_paper_at_school,
        papers_of_school,
        papers_waiting,
        withdraw_paper,
    )
    from schoolgate.rights.paperstates import PAPER
    from schoolgate.rights.ports import site_can_reach_vault
    from schoolgate.rights.record import my_record

__all__ = [
    "BY_SCHOOL",
    "CODE_LENGTH",
    "PAPER",
    "WAYS",
    "WITHHELD",
    "BeingChecked",
    "Changed",
    "ChildLink",
    "Choices",
    "ClaimRules",
    "Competence",
    "Entropy",
    "Evidence",
    "GatePort",
    "Gone",
    "Helped",
    "IssuedCode",
    "ItemInWords",
    "Line",
    "LineRelease",
    "NoOfSomebody",
    "OpenedWay",
    "OtherAdult",
    "PaperDecided",
    "PaperView",
    "SaidNo",
    "SaidYes",
    "SchoolPaper",
    "Standing",
    "Stopped",
    "TakenAway",
    "UnknownLine",
    "UnknownLink",
    "answer_in_words",
    "cases",
    "change_in_words",
    "changed",
    "child",
    "children",
    "choices_of",
    "claim_own_record",
    "code_text",
    "competence",
    "day_in_words",
    "decide_paper",
    "decline_item",
    "declined",
    "digests",
    "end_link",
    "end_no_of_another",
    "end_stop",
    "end_way",
    "end_way_for_custodian",
    "give_leave",
    "helped_between",
    "helped_for",
    "helping",
    "identity_in_words",
    "identity_names",
    "in_words",
    "issue_code",
    "lines_for",
    "my_record",
    "normalised",
    "nos_for_custodian",
    "object_to",
    "objections",
    "open_paper",
    "open_paper_at_school",
    "origin_of",
    "others",
    "packs",
    "papers_of_school",
    "papers_waiting",
    "proof_file",
    "redeem_code",
    "revoke_access",
    "say_yes",
    "school_in_words",
    "set_label",
    "site_can_reach_vault",
    "stop_use",
    "take_back_yes",
    "ways_for_custodian",
    "ways_in",
    "who_has",
    "withdraw",
    "withdraw_declined",
    "withdraw_paper",
    "yes_wanted",
]

__getattr__ = lazy_surface(
    __name__,
    {
        **dict.fromkeys(
            (
                "choices_of",
                "end_stop",
                "object_to",
                "objections",
                "say_yes",
                "stop_use",
                "take_back_yes",
                "withdraw",
                "yes_wanted",
            ),
            "choices",
        ),
        "UnknownLink": "claims",
        "child": "claims",
        "children": "claims",
        "end_link": "claims",
        **dict.fromkeys(("give_leave", "others", "set_label"), "claims"),
        **dict.fromkeys(
            (
                "BY_SCHOOL",
                "end_way",
                "end_way_for_custodian",
                "issue_code",
                "redeem_code",
                "revoke_access",
                "ways_for_custodian",
                "ways_in",
            ),
            "codes",
        ),
        **dict.fromkeys(("decline_item", "declined", "withdraw_declined"), "declining"),
        **dict.fromkeys(("NoOfSomebody", "end_no_of_another", "nos_for_custodian"), "ending"),
        "claim_own_record": "former",
        **dict.fromkeys(
            (
                "WAYS",
                "Helped",
                "PaperDecided",
                "decide_paper",
                "helped_between",
                "helped_for",
                "open_paper",
                "open_paper_at_school",
                "papers_of_school",
                "papers_waiting",
                "withdraw_paper",
            ),
            "papers",
        ),
        **dict.fromkeys(("Changed", "change_in_words", "changed"), "corrected"),
        **dict.fromkeys(("answer_in_words", "origin_of"), "inwords"),
        "PAPER": "paperstates",
        "day_in_words": "inwords",
        "identity_in_words": "inwords",
        "identity_names": "inwords",
        "in_words": "inwords",
        "school_in_words": "inwords",
        "UnknownLine": "lines",
        "lines_for": "lines",
        "proof_file": "lines",
        "who_has": "lines",
        "site_can_reach_vault": "ports",
        "my_record": "record",
    },
)
