"""Matching some schools' rows against the vault, in one transaction."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace

from django.db import transaction

from schoolgate import declining
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.ids import CensusPoint, Pmr
from schoolgate.match.identity import Row, Verdict, compare, renewed
from schoolgate.match.models import MatchCase
from schoolgate.records.vault import Identity, NewIdentity, Vault, person_index


class Matcher:
    """Matches rows school by school; what a row adds is seen by the rows after it.

    Attributes:
        matched, new, changed, queued: how many rows were known pupils, new pupils, renewed an identity, wait.
        asked: keys of the cases that this load opened or asked again.
    """

    def __init__(self, point: CensusPoint, config: Config, clock: Clock) -> None:
        self._point, self._clock = point, clock
        self._vault, self._keys, self._config = Vault(config), config.keyring(), config
        self.matched = self.new = self.changed = self.queued = 0
        self.asked: set[int] = set()

    def match(self, rows: Sequence[Row]) -> list[Pmr | None]:
        """The pupil of each row; None where a clerk has to look first."""
        with transaction.atomic():
            group = _Group(self._vault, [row.identity for row in rows], self._config)
            given = [self._one(row, group) for row in rows]
            group.keep()
            self.changed += group.renewed
        return given

    def _one(self, row: Row, group: _Group) -> Pmr | None:
        who = row.identity
        own = group.holders(who.upn)
        others = [pupil for upn in who.former_upns for pupil in group.holders(upn) if pupil not in own]
        # A former UPN decides only where the UPN itself is nobody's.
        candidates = own or tuple(dict.fromkeys(others))
        if not candidates:
            return self._unknown(row, group)
        fitting = [pupil for pupil in candidates if compare(group.identity(pupil), who) is Verdict.SAME]
        if not fitting:
            # Of several, a clerk is shown the most likely: who was born that day.
            nearest = min(candidates, key=lambda pupil: group.identity(pupil).dob != who.dob)
            return self._ask(row, nearest, compare(group.identity(nearest), who), group)
        pupil = self._of_several(row, fitting)
        if pupil is None:
            return None
        self.matched += 1
        if own:
            self._note_second_records(row, others, group)
        group.renew(pupil, who)
        return pupil

    def _of_several(self, row: Row, fitting: Sequence[Pmr]) -> Pmr | None:
        """The record a row is of when it fits more than one: a clerk says."""
        for pupil in fitting[:-1]:
            case = self._case(row, pupil, Verdict.TWO_RECORDS)
            if case.state == "open":
                self.queued += 1
                return None
            if case.state == "same":
                return pupil
        return fitting[-1]

    def _unknown(self, row: Row, group: _Group) -> Pmr | None:
        """Rows with a UPN nobody has: a possible second record goes to a clerk, the others are new pupils."""
        alike = group.alike(row.identity)
        if alike is not None:
            return self._ask(row, alike, Verdict.SAME_CHILD_OTHER_UPN, group)
        self.new += 1
        return group.add(row.identity)

    def _note_second_records(self, row: Row, others: Sequence[Pmr], group: _Group) -> None:
        """The row is sure of its record; that another may be the same child's is a question all the same."""
        for other in others:
            if compare(group.identity(other), row.identity) is Verdict.SAME:
                self._case(row, other, Verdict.TWO_RECORDS)

    def _case(self, row: Row, candidate: Pmr, verdict: Verdict) -> MatchCase:
        """The question about this row and that record; one that was withdrawn is open again when asked again."""
        who = "|".join([row.identity.upn, row.identity.dob, row.identity.surname, row.identity.forename])
        now = {
            "year": self._point.year, "term": str(self._point.term), "return_id": row.return_id,
            "return_row": row.number, "reason": str(verdict),
        }  # fmt: skip
        case, made = MatchCase.objects.get_or_create(
            row_digest=self._keys.blind("match-row", who),
            candidate=int(candidate),
            defaults={**now, "case_id": f"C-{secrets.token_hex(6)}", "opened_at": self._clock.now()},
        )
        if not made and case.state in ("open", "withdrawn"):
            # A clerk looks at the row as it was sent last.
            for name, value in (*now.items(), ("state", "open")):
                setattr(case, name, value)
            case.save(update_fields=[*now, "state"])
        self.asked.add(case.pk)
        return case

    def _ask(self, row: Row, candidate: Pmr, verdict: Verdict, group: _Group) -> Pmr | None:
        """Open a case, or use the decision that a clerk has made of it."""
        case = self._case(row, candidate, verdict)
        if case.state == "open":
            self.queued += 1
            return None
        if case.state == "same":
            self.matched += 1
            group.renew(candidate, row.identity)
            return candidate
        if case.pmr is None:
            case.pmr = group.add(row.identity)
            case.save(update_fields=["pmr"])
            self.new += 1
        else:
            self.matched += 1
            group.renew(Pmr(case.pmr), row.identity)
        return Pmr(case.pmr)


class _Group:
    """What the vault knows of a group of rows, and what these rows add to it, kept all at once at the end."""

    def __init__(self, vault: Vault, wanted: Sequence[NewIdentity], config: Config) -> None:
        self._vault, self._config = vault, config
        # Taken first: two loads that match at the same time take turns, group by group.
        self._next = int(vault.next_reference())
        self._holders = vault.holders({upn for who in wanted for upn in (who.upn, *who.former_upns) if upn})
        self._held = vault.identities({pupil for pupils in self._holders.values() for pupil in pupils})
        strangers = [
            who
            for who in wanted
            if who.postcode and not any(upn in self._holders for upn in (who.upn, *who.former_upns))
        ]
        self._alike = {person_index(strangers[at]): pupil for at, pupil in vault.find_same_child(strangers).items()}
        self._added: list[NewIdentity] = []
        self._renewed: dict[Pmr, NewIdentity] = {}

    @property
    def renewed(self) -> int:
        """How many identities changed."""
        return len(self._renewed)

    def holders(self, upn: str) -> tuple[Pmr, ...]:
        """Who has or had a UPN."""
        return self._holders.get(upn, ())

    def identity(self, pupil: Pmr) -> Identity:
        """Who a pupil is, this group's renewals included."""
        if pupil not in self._held:
            self._held[pupil] = self._vault.identity(pupil)
        return self._held[pupil]

    def alike(self, who: NewIdentity) -> Pmr | None:
        """A pupil with the same name, birth date, sex and postcode."""
        return self._alike.get(person_index(who)) if who.postcode else None

    def add(self, who: NewIdentity) -> Pmr:
        """A new pupil."""
        pupil = Pmr(self._next + len(self._added))
        self._added.append(who)
        self._know(pupil, who)
        if who.postcode:
            self._alike.setdefault(person_index(who), pupil)
        return pupil

    def renew(self, pupil: Pmr, row: NewIdentity) -> None:
        """What a row says of a pupil; a former UPN that is another child's is not taken from that child."""
        former = tuple(upn for upn in row.former_upns if pupil in self.holders(upn) or not self.holders(upn))
        fresh = renewed(self.identity(pupil), row if former == row.former_upns else replace(row, former_upns=former))
        if fresh is None:
            return
        if pupil >= self._next:
            self._added[pupil - self._next] = fresh
        else:
            self._renewed[pupil] = fresh
        self._know(pupil, fresh)

    def _know(self, pupil: Pmr, who: NewIdentity) -> None:
        self._held[pupil] = Identity.of(who, pupil)
        for upn in (who.upn, *who.former_upns):
            if upn and pupil not in self.holders(upn):
                self._holders[upn] = (*self.holders(upn), pupil)

    def keep(self) -> None:
        """Write new and renewed identities; what a family declined is known by its child's new numbers, too."""
        self._vault.allocate(self._added)
        self._vault.update(self._renewed)
        numbers = {pupil: (who.upn, *who.former_upns) for pupil, who in self._renewed.items()}
        declining.know_by(numbers, self._config)
