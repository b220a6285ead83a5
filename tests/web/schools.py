"""What the house has of a school's: a fact that it is asked about, and papers that it entered."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

from schoolgate import desk
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.errors import insist
from schoolgate.people.models import Account
from tests.requests.attachments import png
from tests.world import CHILDREN


def of_a_school(
    config: Config, clock: Clock, accounts: Mapping[str, Account], link: int, custodian: str
) -> dict[str, Mapping[str, Any]]:
    """A fact that the school is asked about, with a file that the family lets it see; papers that it entered."""

    def own(act: str, **given: Any) -> Any:
        account = int(accounts["family"].pk)
        return insist(desk.for_family(act, account, link, config=config, clock=clock, **given))

    said = {"stands": "", "should_be": "Welsh", "wrong_since": None, "text": "We speak it."}
    reference = own("case-challenge", item="census_pupil.language", row="", **said)
    data = png()
    own("case-file-piece", reference=reference, number=0, data=base64.b64encode(data).decode())
    own("case-file-add", reference=reference, name="form.png", sha256=hashlib.sha256(data).hexdigest())
    own("case-let-source", reference=reference, allowed=True)
    for act, given in (("recourse-look", {}), ("recourse-step", {"event": "ask_source", "text": "Is it?"})):
        insist(desk.do(act, custodian, config=config, clock=clock, reference=reference, **given))
    typed = {"upn": CHILDREN[1].upn, "standing": "carer", "evidence": {"passport": ""}}
    office = int(accounts["school"].pk)
    claim = insist(desk.for_school("school-paper-open", office, config=config, clock=clock, **typed))
    asked = {"case_ref": reference}
    return {
        "school-question": asked,
        "school-question-look": asked,
        "school-question-file": {**asked, "file_number": 1},
        "school-paper-back": {"claim_id": claim.id},
    }
