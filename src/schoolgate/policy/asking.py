"""The rules on the query and its items: what it gives out, what it has used up, which items it may read."""

from __future__ import annotations

from schoolgate.policy.facts import Facts, ItemFacts, in_effect
from schoolgate.policy.table import ALLOWED, NOT_APPLICABLE, REFUSED, Case, Rule
from schoolgate.policy.terms import IN_THE_SETTING


def _spent(used: int, budget: int | None) -> bool:
    return budget is not None and used >= budget


_QUERIES = Rule[Facts](
    "query-budget",
    "Reads are left",
    lambda f: f"agreement {f.agreement.id}, conditions",
    (
        Case(
            "no budget",
            lambda f: f.agreement.query_budget is None,
            NOT_APPLICABLE,
            lambda f: "The number of reads is not limited.",
        ),
        Case(
            "fewer reads than the budget",
            lambda f: f.agreement.query_budget is not None and not _spent(f.used.queries, f.agreement.query_budget),
            ALLOWED,
            lambda f: f"{f.used.queries} of {f.agreement.query_budget} reads are used.",
        ),
        Case(
            "as many reads as the budget, or more",
            lambda f: _spent(f.used.queries, f.agreement.query_budget),
            REFUSED,
            lambda f: f"All {f.agreement.query_budget} reads of this agreement are used.",
            "query-budget-spent",
            "Ask the panel for more, with your reasons.",
        ),
    ),
)

_ROWS = Rule[Facts](
    "row-budget",
    "Rows are left",
    lambda f: f"agreement {f.agreement.id}, conditions",
    (
        Case(
            "no budget",
            lambda f: f.agreement.row_budget is None,
            NOT_APPLICABLE,
            lambda f: "The number of rows is not limited.",
        ),
        Case(
            "fewer rows than the budget",
            lambda f: f.agreement.row_budget is not None and not _spent(f.used.rows, f.agreement.row_budget),
            ALLOWED,
            lambda f: f"{f.used.rows} of {f.agreement.row_budget} rows are used.",
        ),
        Case(
            "as many rows as the budget, or more",
            lambda f: _spent(f.used.rows, f.agreement.row_budget),
            REFUSED,
            lambda f: f"All {f.agreement.row_budget} rows of this agreement are used.",
            "row-budget-spent",
            "Ask the panel for more, with your reasons.",
        ),
    ),
)

_SETTING = Rule[Facts](
    "setting-only",
    "The result stays in the safe setting",
    lambda f: f"agreement {f.agreement.id}, conditions",
    (
        Case(
            "results may leave",
            lambda f: not f.agreement.setting_only,
            NOT_APPLICABLE,
            lambda f: "Results may be handed over.",
        ),
        Case(
            "the result stays in the setting",
            lambda f: f.agreement.setting_only and f.shape.output == IN_THE_SETTING,
            ALLOWED,
            lambda f: "It stays in the setting.",
        ),
        Case(
            "the result would leave it",
            lambda f: f.agreement.setting_only and f.shape.output != IN_THE_SETTING,
            REFUSED,
            lambda f: "Results of this agreement may not leave the safe setting.",
            "setting-only",
            "Ask from inside the setting.",
        ),
    ),
)

_REFERENCE = Rule[Facts](
    "pseudonym",
    "No reference of a pupil leaves",
    lambda f: f"agreement {f.agreement.id}, conditions",
    (
        Case(
            "pseudonyms may be given",
            lambda f: f.agreement.pseudonyms,
            NOT_APPLICABLE,
            lambda f: "A pseudonym of this agreement alone may be given out.",
        ),
        Case(
            "none is given",
            lambda f: not f.agreement.pseudonyms and not f.shape.gives_reference,
            ALLOWED,
            lambda f: "The query gives out none.",
        ),
        Case(
            "one would be given",
            lambda f: not f.agreement.pseudonyms and f.shape.gives_reference,
            REFUSED,
            lambda f: "Under this agreement the pupil reference may be matched and counted, not given out.",
            "pseudonym-not-given",
            "Leave pupil out of the outermost SELECT.",
        ),
    ),
)

_AGGREGATE = Rule[Facts](
    "aggregate-only",
    "Every row is about enough pupils",
    lambda f: f"agreement {f.agreement.id}, conditions: aggregate-only",
    (
        Case(
            "single records may be given",
            lambda f: f.agreement.minimum_cell <= 0,
            NOT_APPLICABLE,
            lambda f: "Single records may be given out.",
        ),
        Case(
            "the query gives numbers about many pupils",
            lambda f: f.agreement.minimum_cell > 0 and not f.shape.not_aggregate,
            ALLOWED,
            lambda f: f"Rows about fewer than {f.agreement.minimum_cell} pupils are withheld.",
        ),
        Case(
            "it does not",
            lambda f: f.agreement.minimum_cell > 0 and bool(f.shape.not_aggregate),
            REFUSED,
            lambda f: "This agreement gives only numbers about many pupils, and the query does not ask for such.",
            "not-aggregate",
            "Count, sum or average over groups.",
            reasons=lambda f: f.shape.not_aggregate,
        ),
    ),
)


def _clashes(f: Facts) -> list[tuple[str, ...]]:
    return [group for group in f.agreement.not_together if f.items.issuperset(group)]


_TOGETHER = Rule[Facts](
    "not-together",
    "It reads no items together that may not be",
    lambda f: f"agreement {f.agreement.id}, conditions",
    (
        Case(
            "no such items are named",
            lambda f: not f.agreement.not_together,
            NOT_APPLICABLE,
            lambda f: "The panel kept no items apart.",
        ),
        Case(
            "they are not all read",
            lambda f: bool(f.agreement.not_together) and not _clashes(f),
            ALLOWED,
            lambda f: "The query reads none of the items kept apart together.",
        ),
        Case(
            "they are all read",
            lambda f: bool(_clashes(f)),
            REFUSED,
            lambda f: "One query may not read all of: " + "; ".join(", ".join(group) for group in _clashes(f)) + ".",
            "items-not-together",
            "Leave one of them out.",
        ),
    ),
)

ASKING: tuple[Rule[Facts], ...] = (_QUERIES, _ROWS, _SETTING, _REFERENCE, _AGGREGATE, _TOGETHER)


_GIVEN = ("item", "frame", "pupil")


def _approved(f: ItemFacts) -> bool:
    return f.item in f.agreement.items or any(
        f.item in addition.items and in_effect(addition, f.today) for addition in f.agreement.additions
    )


def _waits(f: ItemFacts) -> bool:
    return not _approved(f) and any(f.item in one.items and one.signed for one in f.agreement.additions)


def _unsigned(f: ItemFacts) -> bool:
    return not _approved(f) and not _waits(f) and any(f.item in one.items for one in f.agreement.additions)


ITEM = Rule[ItemFacts](
    "item",
    "The item is approved",
    lambda f: f"agreement {f.agreement.id}, items",
    (
        Case(
            "no item that can be asked for",
            lambda f: f.kind not in _GIVEN,
            REFUSED,
            lambda f: "not in the dictionary as an item that can be asked for",
            "item-not-approved",
            "Leave it out, or ask the panel to amend the agreement.",
        ),
        Case(
            "year or term",
            lambda f: f.kind == "frame",
            ALLOWED,
            lambda f: "year and term frame every agreement",
        ),
        Case(
            "the pupil reference",
            lambda f: f.kind == "pupil",
            ALLOWED,
            lambda f: "the pupil reference is a pseudonym of this agreement alone",
        ),
        Case(
            "approved",
            lambda f: f.kind == "item" and _approved(f) and not f.needs_consent,
            ALLOWED,
            lambda f: f"approved in agreement {f.agreement.id}",
        ),
        Case(
            "approved, and needs a yes",
            lambda f: f.kind == "item" and _approved(f) and f.needs_consent,
            ALLOWED,
            lambda f: (
                f"approved in agreement {f.agreement.id}; a scan that reads it holds only pupils whose"
                " family said yes to this purpose and recipient"
            ),
        ),
        Case(
            "added by an amendment whose notice is not over",
            lambda f: f.kind == "item" and _waits(f),
            REFUSED,
            lambda f: "added to the agreement, and families have not had their notice of it yet",
            "item-awaits-notice",
            "Wait until the notice's days are over, or leave it out.",
        ),
        Case(
            "added by an amendment that not both sides have signed",
            lambda f: f.kind == "item" and _unsigned(f),
            REFUSED,
            lambda f: "added to the agreement by a version that not both sides have signed yet",
            "item-awaits-signature",
            "Wait until both have signed, or leave it out.",
        ),
        Case(
            "not approved",
            lambda f: f.kind == "item" and not _approved(f) and not _waits(f) and not _unsigned(f),
            REFUSED,
            lambda f: f"not among the items approved in agreement {f.agreement.id}",
            "item-not-approved",
            "Leave it out, or ask the panel to amend the agreement.",
        ),
    ),
)
