"""Results that rest on values put right since: what is there today are results handed over and extracts that left.

What a recipient published from them is not known here until outputs leave through the airlock of a safe setting, which
does not exist yet: then this list will name them too.
"""

from __future__ import annotations

from django.db import transaction

from schoolgate import ledger, people, register, requests
from schoolgate.clock import Clock, day_of
from schoolgate.config import Config
from schoolgate.errors import Refusal, Refused
from schoolgate.gate.corrections.limits import correction_limits
from schoolgate.gate.corrections.models import Affected
from schoolgate.gate.corrections.views import AffectedOutput
from schoolgate.gate.releases.models import ExtractOrder

_LEAST = 100
"""Fewest pupils in a result of which the public is told: of a small one a share would tell how few were put right."""


def affected_outputs(threshold: int) -> tuple[AffectedOutput, ...]:
    """Results in which at least so many pupils in a hundred had a value put right since, most first.

    Args:
        threshold: 1 to 100.
    """
    rows = list(Affected.objects.order_by("pk"))
    extracts = frozenset(ExtractOrder.objects.exclude(release_id="").values_list("release_id", flat=True))
    found = []
    for row in rows:
        record = ledger.release(row.release_id)
        percent = min(100, 100 * row.corrected // record.member_count) if record.member_count else 0
        if percent < threshold:
            continue
        found.append(
            AffectedOutput(
                release_id=row.release_id,
                agreement_id=row.agreement_id,
                organisation=requests.get(row.agreement_id).organisation_name,
                begun_on=day_of(record.begun_at),
                percent=percent,
                left_as="extract" if row.release_id in extracts else "result",
            )
        )
    return tuple(sorted(found, key=lambda one: (-one.percent, one.release_id)))


def affected_for(person_id: str, threshold: int) -> tuple[AffectedOutput, ...] | Refused:
    """The same for a person of the custodian or the overseer."""
    if people.person(person_id).role not in ("custodian", "overseer"):
        return Refused((Refusal("not-your-decision", "The custodian and the overseer look at this list."),))
    if not 1 <= threshold <= 100:
        return Refused((Refusal("threshold", "A share is 1 to 100 in a hundred."),))
    return affected_outputs(threshold)


def tell_affected(*, config: Config, clock: Clock) -> int:
    """Tell the public of results that passed the custodian's threshold, once each; how many."""
    percent, told = correction_limits().affected_percent, 0
    for one in affected_outputs(percent):
        with transaction.atomic():
            row = Affected.objects.select_for_update().get(release_id=one.release_id)
            if row.told_percent >= percent or (ledger.release(row.release_id).member_count or 0) < _LEAST:
                continue
            payload = {
                "agreement": one.agreement_id,
                "organisation": one.organisation,
                "release": one.release_id,
                "percent": percent,
            }
            register.append_event("output.affected", one.agreement_id, payload, clock.now())
            row.told_percent = percent
            row.save(update_fields=["told_percent"])
            told += 1
    return told
