"""The family's rights beyond "no": a fact put right, and carried to who had it; an item declined; a copy of it all."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from schoolgate import desk, gate, requests, rights
from schoolgate.cli.console import console
from schoolgate.cli.demo.cast import Cast
from schoolgate.cli.demo.family import Family
from schoolgate.clock import Clock
from schoolgate.config import Config
from schoolgate.errors import SchoolgateError, insist

WRONG = "census_pupil.fsmeligible"
"""What the family says is wrong: both answers that the researcher was given rest on it."""

DECLINED = "census_pupil.ethnicity"
LETTER = b"The council's letter of last September (synthetic): what was decided about free school meals.\n"
"""The evidence."""


@dataclass(frozen=True, slots=True)
class Before:
    """A clock some time behind another: corrections travel a day after they were decided (docs/corrections.md)."""

    clock: Clock
    by: timedelta

    def now(self) -> datetime:
        """The moment so long ago."""
        return self.clock.now() - self.by


@dataclass(frozen=True, slots=True)
class PutRight:
    """What came of the family's case.

    Attributes:
        case: its reference.
        notice: of the notice to the recipient.
    """

    case: str
    notice: str = ""


def _family(act: str, family: Family, config: Config, clock: Clock, **given: Any) -> Any:
    account, link = family.link.account_id, family.link.id
    return insist(desk.for_family(act, account, link, config=config, clock=clock, **given))


def wrong_and_put_right(family: Family, cast: Cast, config: Config, clock: Clock) -> PutRight:
    """The family says what is wrong and shows a letter; the school is heard; a custodian decides."""

    def own(act: str, **given: Any) -> Any:
        return _family(act, family, config, clock, **given)

    def staff(act: str, person: str, **given: Any) -> Any:
        return insist(desk.do(act, person, config=config, clock=clock, **given))

    no, yes = "not eligible for free school meals", "eligible for free school meals"
    said = {"stands": yes, "should_be": no} if family.has_meals else {"stands": no, "should_be": yes}
    said["text"] = "It has been so since last September."
    case = str(own("case-challenge", item=WRONG, row="", wrong_since=None, **said))
    own("case-file-piece", reference=case, number=0, data=base64.b64encode(LETTER).decode())
    own("case-file-add", reference=case, name="letter.txt", sha256=hashlib.sha256(LETTER).hexdigest())
    console.print(
        f"  The family: the record says “{said['stands']}”; it should be “{said['should_be']}”; here is the council's"
        f" letter. Case {case}.",
        markup=False,
    )
    console.print(
        "  From that moment the fact is in no answer to anybody, until it is decided and the family was told."
    )
    staff("recourse-step", cast.custodian, reference=case, event="ask_source", text="Is this a slip in your return?")
    agrees = {"source": "The school (synthetic)", "agrees": True, "text": "It was a slip: the letter is right."}
    staff("recourse-source", cast.signatory, reference=case, **agrees)
    console.print("  The school was asked, and agrees: it was a slip in its return.")
    looked = staff("recourse-look", cast.custodian, reference=case)
    latest = max(looked.rows, key=lambda row: row.when.split()[-1])
    decision = {
        "event": "decide", "outcome": "corrected", "provision": "UK GDPR Articles 5(1)(d) and 16",
        "text": "The school agrees with you.", "row": latest.token,
        "value": "false" if family.has_meals else "true",
    }  # fmt: skip
    staff("recourse-decide", cast.custodian, reference=case, **decision)
    console.print("  The custodian decides: put right in the record, by a letter with the law and the way to appeal.")
    gate.settle_pending(config, clock)
    return PutRight(case)


def carried_on(
    made: PutRight, family: Family, cast: Cast, agreement: requests.Agreement, config: Config, clock: Clock
) -> PutRight:
    """Who was given the old value is told, answers for it, and the family sees that.

    Raises:
        SchoolgateError: no notice came, or the family does not see the answer.
    """
    gate.tend_corrections(config=config, clock=clock)
    waiting = [
        one
        for one in insist(desk.do("corrections-list", cast.researcher, config=config, clock=clock))
        if one.agreement_id == agreement.id
    ]
    if len(waiting) != 1:
        raise SchoolgateError("The correction did not travel.", code="demo-correction")
    notice = waiting[0].id
    page = insist(desk.do("corrections-show", cast.researcher, config=config, clock=clock, notice=notice, after=0))
    console.print(
        f"  Notice {notice} to {agreement.organisation_name}: {len(page.lines)} value under its own reference for the"
        f" child, old and new; nobody is named. It has until {page.notice.due:%-d %B %Y} to say what it did."
    )
    told = {"notice": notice, "did": "corrected", "said": ""}
    insist(desk.do("corrections-answer", cast.researcher, config=config, clock=clock, **told))
    link = rights.child(family.link.account_id, family.link.id, config=config, clock=clock)
    seen = [one for line in rights.lines_for(link, config=config) for one in line.corrections]
    if [one.state for one in seen] != ["acknowledged"]:
        raise SchoolgateError("The family does not see what the recipient did.", code="demo-correction")
    console.print(f"  The university answers. The family sees it beside the reads it found: {seen[0].did}")
    return PutRight(made.case, notice)


def declined_and_copied(family: Family, config: Config, clock: Clock) -> None:
    """The family declines an item for the future, and has a copy of everything made.

    Raises:
        SchoolgateError: the copy was not made.
    """
    declined = _family("decline", family, config, clock, item=DECLINED)
    console.print(
        f"  The family would rather not give the child's ethnic background: the school sends “{declined.code}” instead,"
        " and whatever else it sends is not stored."
    )
    asked = _family("copy-ask", family, config, clock)
    if not rights.packs.make_pack(asked.id, config=config, clock=clock):
        raise SchoolgateError("The copy was not made.", code="demo-copy")
    shown = _family("copy-show", family, config, clock)
    forms = ", ".join(f"{form} {size / 1000:,.0f} kB" for form, size in shown.sizes)
    console.print(f"  A copy of everything that is held is ready ({forms}), until {shown.until:%-d %B %Y}.")
