"""The agreement's rows as conditions of a scan: years, terms, cohort, places, and pupils whose family said yes."""

from __future__ import annotations

from sqlglot import exp

from schoolgate.gate.asking.reference import KEY
from schoolgate.policy import AreaTerm, CohortTerm, RowRule


def lake_view(table: str) -> str:
    """The engine's name for a lake table's files."""
    return f"__lake_{table}"


def consent_set(item: str) -> str:
    """The engine's name for the pupils whose family said yes to an item."""
    return "__consent_" + item.replace(".", "_")


def dispute_set(number: int) -> str:
    """The engine's name for the pupils left out of a scan, because an item that it reads is in dispute."""
    return f"__disputed_{number}"


def not_disputed(number: int) -> exp.Expr:
    """That a row's pupil is none of those."""
    disputed = exp.select("1").from_(exp.to_table(dispute_set(number), alias="q"))
    disputed = disputed.where(exp.EQ(this=exp.column(KEY, table="q", quoted=True), expression=of_scan(KEY)))
    return exp.Not(this=exp.Exists(this=disputed))


def of_scan(name: str) -> exp.Column:
    """A column of the table that a scan reads."""
    return exp.column(name, table="t", quoted=True)


def _of_census(name: str) -> exp.Column:
    return exp.column(name, table="c", quoted=True)


def _one_of(column: exp.Expr, values: tuple[str, ...]) -> exp.Expr:
    # Cohort values are text in the agreement; comparing as text keeps one rule for every column type.
    return exp.In(this=exp.cast(column, "VARCHAR"), expressions=[exp.Literal.string(value) for value in values])


def _year_rule(rows: RowRule) -> list[exp.Expr]:
    conditions: list[exp.Expr] = []
    ranges = [
        exp.Between(this=of_scan("year"), low=exp.Literal.number(first), high=exp.Literal.number(last))
        for first, last in rows.years
    ]
    if ranges:
        conditions.append(exp.paren(exp.or_(*ranges)))
    if rows.terms:
        conditions.append(exp.In(this=of_scan("term"), expressions=[exp.Literal.string(term) for term in rows.terms]))
    return conditions


def _census_record(same: tuple[str, ...]) -> exp.Select:
    """The census record of this row's pupil, as far as these columns are the same."""
    record = exp.select("1").from_(exp.to_table(lake_view("census_pupil"), alias="c"))
    for name in same:
        record = record.where(exp.EQ(this=_of_census(name), expression=of_scan(name)))
    return record


def _cohort_rule(table: str, cohort: tuple[CohortTerm, ...]) -> list[exp.Expr]:
    if not cohort:
        return []
    if table == "census_pupil":
        return [_one_of(of_scan(term.column), term.values) for term in cohort]
    # Another table's rows belong to the cohort when the same pupil's census record of that term does.
    member = _census_record((KEY, "year", "term"))
    for term in cohort:
        member = member.where(_one_of(_of_census(term.column), term.values))
    return [exp.Exists(this=member)]


def _area_rule(table: str, area: AreaTerm) -> list[exp.Expr]:
    if not area:
        return []
    in_census = table == "census_pupil"
    column = of_scan if in_census else _of_census
    parts: list[exp.Expr] = []
    if area.authorities:
        parts.append(exp.In(this=column("la"), expressions=[exp.Literal.string(one) for one in area.authorities]))
    if area.schools:
        parts.append(_one_of(column("urn"), area.schools))
    condition = exp.paren(exp.or_(*parts))
    if in_census:
        return [condition]
    # Another table's rows have no authority; the pupil's census record at the same school of that term has.
    return [exp.Exists(this=_census_record((KEY, "year", "term", "urn")).where(condition))]


def _consent_rule(items: frozenset[str], needed: tuple[str, ...]) -> list[exp.Expr]:
    conditions: list[exp.Expr] = []
    for item in needed:
        if item in items:
            yes = exp.select("1").from_(exp.to_table(consent_set(item), alias="y"))
            yes = yes.where(exp.EQ(this=exp.column(KEY, table="y", quoted=True), expression=of_scan(KEY)))
            conditions.append(exp.Exists(this=yes))
    return conditions


def row_conditions(table: str, items: frozenset[str], rows: RowRule) -> list[exp.Expr]:
    """What the agreement confines a scan of this table to; `items` are those it reads, looking at rows included."""
    return [
        *_year_rule(rows),
        *_cohort_rule(table, rows.cohort),
        *_area_rule(table, rows.area),
        *_consent_rule(items, rows.consent),
    ]


def looked_at(table: str, rows: RowRule) -> frozenset[str]:
    """The items that the row rule itself looks at: they decide which rows there are, so they are exposed too."""
    found = {f"{table}.{KEY}"}
    if rows.years:
        found.add(f"{table}.year")
    if rows.terms:
        found.add(f"{table}.term")
    same: tuple[str, ...] = ()
    if rows.cohort:
        found |= {f"census_pupil.{term.column}" for term in rows.cohort}
        same = (KEY, "year", "term")
    if rows.area:
        found |= {"census_pupil.la"} if rows.area.authorities else set()
        found |= {"census_pupil.urn"} if rows.area.schools else set()
        same = (KEY, "year", "term", "urn")
    if table != "census_pupil":  # the pupil's census record of the same year and term is looked up
        found |= {f"{of}.{name}" for of in (table, "census_pupil") for name in same}
    return frozenset(found)


def reads_census(rows: RowRule) -> bool:
    """Whether every scan looks at census_pupil to know its rows."""
    return bool(rows.cohort or rows.area)
