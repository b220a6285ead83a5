"""What is left of a case when a child's data is erased: that it was, and how it ended; no words, no files, no child."""

from __future__ import annotations

from django.db import transaction

from schoolgate.ids import Pmr
from schoolgate.rights.cases.models import Case, CaseStep, Evidence, EvidencePiece

_NOBODY = -1


def forget(pupil: Pmr) -> int:
    """Empty every case of one child; how many. Inside or outside the caller's transaction.

    The steps' days and outcomes stay, since the custodian has to show how it dealt with requests (UK GDPR Article
    5(2)); the sealed words and files go, and with them the account, the link and the child's number.
    """
    with transaction.atomic():
        rows = Case.objects.filter(pupil=pupil)
        EvidencePiece.objects.filter(case__in=rows).delete()
        Evidence.objects.filter(case__in=rows).update(name=b"", content=b"", actor="")
        CaseStep.objects.filter(case__in=rows).update(said=b"")
        CaseStep.objects.filter(case__in=rows, role="family").update(actor="")
        # A challenge that was open is over: nobody can go on with it, and the account's number is no longer there.
        open_ones = rows.filter(closed_on=None)
        for row in open_ones:
            row.closed_on = row.waits_since
            row.save(update_fields=["closed_on"])
        return rows.update(
            pupil=_NOBODY, account_id=_NOBODY, link_id=_NOBODY, row="", item="", wrong_since=None, disputed=False
        )
