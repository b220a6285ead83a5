"""A house with one of everything in it: an agreement, a case before the panel, a draft, a file, a notice, a child."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.core import mail
from django.test import Client
from pyroaring import BitMap

from schoolgate import consent, desk, gate, notices, oversight, people, post, register, requests, rights
from schoolgate.clock import Clock, FixedClock, custodians_day
from schoolgate.config import Config
from schoolgate.errors import insist
from schoolgate.gate.corrections.models import Notice
from schoolgate.gate.releases.models import LookupTerms, UseStop
from schoolgate.ids import Pmr
from schoolgate.people.models import Account
from schoolgate.post.letters import send_due
from schoolgate.records.vault import Vault
from schoolgate.requests import drafting
from schoolgate.rights.models import ChildLink
from tests.gate.extracts import Scene
from tests.requests import road
from tests.requests.attachments import png
from tests.requests.drafts import values_of
from tests.requests.filled import filled
from tests.web import rooms
from tests.web.access import VISITORS, House
from tests.web.helped import of_what_is_destroyed, of_who_has_no_computer
from tests.web.schools import of_a_school
from tests.web.staff import PASSWORD, account_of, sign_in_as
from tests.world import CHILDREN, URN

Done = Callable[..., Any]
"""Does an act and gives what came of it: ``done("draft-start", person)``."""


def build(config: Config, clock: FixedClock) -> House:
    """Build the house."""
    scene = Scene.build(config, clock)
    custodian, researcher = scene.custodian, scene.world.person
    rival_home = people.add_organisation("Rival University (synthetic)", "university").id
    regulator = people.add_organisation("Regulator (synthetic)", "regulator").id

    def done(act: str, person: str, /, **given: Any) -> Any:
        return insist(desk.do(act, person, config=config, clock=clock, **given))

    draft, application, file = handed_in(done, researcher, scene.world.agreement)
    case = insist(road.allocated(application, (), clock))
    named = requests.case(case, people.person(custodian)).members[0].person
    persons = {
        "researcher": researcher,
        "rival": people.add_person(rival_home, "researcher", accredited_until=date(2030, 1, 1)).id,
        "panel": named,
        "other panel": people.add_person(people.person(named).organisation_id, "panel", seat="lay").id,
        "custodian": custodian,
        "overseer": people.add_person(regulator, "overseer").id,
    }
    accounts = {
        "family": Account.objects.create_user("parent@example.org", PASSWORD),
        "other family": Account.objects.create_user("other-parent@example.org", PASSWORD),
        "school": Account.objects.create_user("office@example.org", PASSWORD, role="school", urn=URN),
    }
    usual: dict[str, Any] = {
        "index": 0, "path": "checkpoint", "agreement_id": scene.world.agreement, "item_id": "census_pupil.sex",
        "request_id": application, "application_id": application, "reference": application, "sha256": file,
        "draft_id": draft["draft_id"], "section_id": drafting.SECTIONS[0].id, "case_id": case,
        "meeting_id": done("meeting-call", custodian, day=date(2026, 9, 8), case_ids=(case,)),
        "notice_id": a_correction_notice(scene), "order": scene.ready(), "person_id": named, "organisation_id": people.person(researcher).organisation_id,
        "interest_id": people.declare_interest(named, rival_home, "advises it", clock=clock).id,
        "purpose_id": "education-research", "of": "purpose", "target": "education-research", "reason": "legal-claim",
        "kind": "release.begun", "slug": "university-of-example-synthetic",
        "passkey_id": 1, "key": "nation", "item": "census_pupil.ethnicity", "layer": notices.MORE, "name": scene.world.agreement, "before": 1, "after": 1,
        **of_a_family(scene, accounts), **of_the_post(clock), **of_oversight(config, clock),
    }  # fmt: skip
    usual |= of_a_case(config, clock, accounts["family"], int(usual["link_id"]), custodian)
    special = {
        **of_the_draft(done, draft, researcher),
        **of_the_custodian(done, custodian, persons["overseer"], clock),
        **of_agreements(scene, clock),
        **of_a_yes(scene, clock),
        "delay-end": {"delay_id": a_delay(done, scene)},
        "dictionary-item": {"item_id": rooms.LANGUAGE},
        "letters-leave": {"token": leaving(clock)},
        "lookup-list": {"agreement_id": looked_up(scene)},
        "child-adults": {"link_id": taken_over(accounts["family"], config, clock).id},
        "custodian-paper": {"claim_id": a_paper(done, custodian)},
        **of_what_is_destroyed(done, custodian, clock),
        **of_who_has_no_computer(done, custodian),
        "person-act": {"person_id": persons["rival"], "what": "accredit"},
        "register-minutes": {"meeting_id": published_minutes(done, scene, clock)},
        "register-picture": {"name": "releases"},
        "use-stop": {"agreement_id": stopped(scene)},
    }
    special |= of_a_school(config, clock, accounts, int(usual["link_id"]), custodian)
    special["recourse-step"] = {"case_ref": usual["case_ref"], "step": "acknowledge"}
    config.dictionary.mkdir(exist_ok=True)
    register.publish(clock, config)
    for person in persons.values():
        account_of(person)
    house = House(
        config,
        clock,
        persons,
        accounts,
        {"": usual, **special},
        sent={
            "oversight-seen": {"size": "1"},
            "custodian-withholdings": {"number": "W-0001", "step": "agree"},
            "api-correction": {"did": "destroyed", "said": ""},
        },
    )
    for who in VISITORS:
        house.clients[who] = Client()
        if who in persons:
            sign_in_as(house.clients[who], persons[who])
        elif who in accounts:
            house.clients[who].force_login(accounts[who])
        if who in persons or who in accounts:
            just_proved(house.clients[who], clock)
    house.keep()
    return house


def attached(done: Done, draft: str, person: str) -> str:
    """A file with a draft; its SHA-256."""
    data = png()
    done("draft-attach-piece", person, reference=draft, number=0, data=base64.b64encode(data).decode())
    sha256 = hashlib.sha256(data).hexdigest()
    done("draft-attach", person, reference=draft, name="figure.png", sha256=sha256)
    return sha256


def handed_in(done: Done, researcher: str, agreement: str) -> tuple[dict[str, Any], str, str]:
    """A draft that is still one, an application that was handed in with a file, and the file's SHA-256."""
    spec = replace(requests.application(agreement).spec, title="A second question")
    drafts = [done("draft-start", researcher) for _ in range(2)]
    for section in drafting.SECTIONS:
        given = {"section_id": section.id, "revision": 0, "given": values_of(spec, section)}
        done("draft-save-section", researcher, reference=drafts[1], **given)
    file = attached(done, drafts[1], researcher)
    revision = drafting.find(drafts[1], people.person(researcher)).revision
    application = done("draft-submit", researcher, reference=drafts[1], revision=revision)
    return {"draft_id": drafts[0]}, application, file


def of_the_draft(done: Done, draft: Mapping[str, Any], researcher: str) -> dict[str, Mapping[str, Any]]:
    """What stands in the draft that is still one."""
    reference, section = str(draft["draft_id"]), drafting.SECTIONS[0].id
    comment = {"reference": reference, "section_id": section, "text": "Say more.", "shared": False}
    return {
        "research-comment": {"reference": reference, "section_id": section},
        "research-detach": {"draft_id": reference, "sha256": attached(done, reference, researcher)},
        "research-resolve": {
            "reference": reference,
            "section_id": section,
            "comment_id": done("draft-comment", researcher, **comment),
        },
    }


def of_agreements(scene: Scene, clock: Clock) -> dict[str, Mapping[str, Any]]:
    """The agreement in force, one that waits for the organisation's signature, and one whose data is stated gone."""
    agreed = {"request_id": scene.world.agreement}
    spec = replace(requests.application(scene.world.agreement).spec, title="A third question")
    waits = insist(requests.submit_application(spec, scene.world.person, clock))
    insist(road.decide(waits.id, True, ["It serves pupils."], [], (), clock))
    refused = insist(requests.submit_application(replace(spec, title="A fourth"), scene.world.person, clock))
    insist(road.decide(refused.id, False, ["It asks for too much."], [], (), clock))
    return {
        "agreement": agreed,
        "agreement-compare": {**agreed, "before": 1, "after": 1},
        "agreement-version": {**agreed, "number": 1},
        "agreement-destroyed": agreed,
        "agreement-end": agreed,
        "agreement-stop": agreed,
        "agreement-sign": {"request_id": waits.id},
        "agreement-witness": {"request_id": stated_gone(scene, replace(spec, title="A sixth question"), clock)},
        "application-appeal": {"application_id": refused.id},
    }


def stated_gone(scene: Scene, spec: requests.ApplicationSpec, clock: Clock) -> str:
    """An agreement that ended, with the custodian named as who saw its data destroyed."""
    made = insist(requests.submit_application(spec, scene.world.person, clock))
    insist(road.decide(made.id, True, ["It serves pupils."], [], (), clock))
    agreement = insist(road.sign(made.id, scene.custodian, clock)).id
    insist(requests.end(agreement, "Done.", scene.world.person, clock))
    insist(requests.state_destruction(agreement, "Every disk.", scene.world.person, scene.custodian, clock))
    return str(agreement)


def of_the_custodian(done: Done, custodian: str, overseer: str, clock: Clock) -> dict[str, Mapping[str, Any]]:
    """A question of the overseer's, a finding with an action, and a notice."""
    question = done("oversight-question", overseer, question="Who checks the outputs?", about="", due=None)
    finding = done("finding-record", custodian, source="Audit", finding="No record was kept.", urgency="high")
    wanted = {"finding": finding.number, "action": "Keep one.", "owner": "custodian", "due": date(2027, 1, 1)}
    action = done("finding-action", custodian, **wanted)
    told = done("publish-notice", custodian, title="What is new", days=31, seen=notices.draft(clock).seen)
    return {
        "custodian-action": {"number": action.number},
        "custodian-answer": {"number": question.number},
        "custodian-finding-plan": {"number": finding.number},
        "custodian-notice": {"number": told.number},
        "notice-version": {"number": told.number},
        "notice-as-published": {"number": told.number, "key": told.texts[0][0]},
    }


def published_minutes(done: Done, scene: Scene, clock: Clock) -> str:
    """A meeting that is over, with its minutes in the register."""
    spec = replace(requests.application(scene.world.agreement).spec, title="A fifth question")
    application = insist(requests.submit_application(spec, scene.world.person, clock))
    case = insist(road.allocated(application.id, (), clock))
    members = tuple(one.person for one in requests.case(case, people.person(scene.custodian)).members)
    meeting = done("meeting-call", scene.custodian, day=date(2026, 9, 1), case_ids=(case,))
    done("meeting-open", scene.custodian, meeting_id=meeting, present=members)
    done("meeting-close", scene.custodian, meeting_id=meeting)
    shown = requests.meeting(meeting, people.person(members[0])).text_hash
    for member in members[:2]:
        done("minutes-approve", member, meeting_id=meeting, shown_hash=shown)
    return str(meeting)


def looked_up(scene: Scene) -> str:
    """Look-ups of both kinds, declared."""
    LookupTerms.objects.create(
        agreement_id=scene.world.agreement, kinds=["matching", "verification"], reasons=["safeguarding"], per_day=10,
        per_month=100, first_hour=7, last_hour=19, set_by=scene.custodian, set_at=scene.clock.now(),
    )  # fmt: skip
    return scene.world.agreement


def stopped(scene: Scene) -> str:
    """Use that did not look right, stopped until somebody says why."""
    UseStop.objects.create(
        agreement_id=scene.world.agreement,
        person_id=scene.world.person,
        reasons=[["at-night", "Somebody read at an hour that was not foreseen."]],
        stopped_at=scene.clock.now(),
    )
    return scene.world.agreement


def a_correction_notice(scene: Scene) -> str:
    """A notice of corrections that waits for its answer; which corrections, no page of the matrix needs."""
    today = custodians_day(scene.clock)
    Notice.objects.create(
        notice_id="N-0123456789abcdef", agreement_id=scene.world.agreement, state="sent", first=1, last=1,
        named=BitMap().serialize(), counted=BitMap([1]).serialize(), corrections=1, sent_at=scene.clock.now(),
        due=today + timedelta(days=28), refuse_after=today + timedelta(days=56),
    )  # fmt: skip
    return "N-0123456789abcdef"


def a_delay(done: Done, scene: Scene) -> int:
    """A lawful delay in telling one family."""
    delay = done(
        "delay-set", scene.custodian, upn=CHILDREN[3].upn, agreement=scene.world.agreement, until=date(2026, 10, 1),
        provision="Data Protection Act 2018 sch. 2", reason="An open investigation.",
    )  # fmt: skip
    return int(delay.id)


def of_a_family(scene: Scene, accounts: Mapping[str, Account]) -> dict[str, Any]:
    """A child of the one family, and a release that held it; the other family has another child."""
    sql = "SELECT sex, count(*) AS n FROM census_pupil GROUP BY sex"
    read = gate.read(scene.world.agreement, scene.world.person, sql, config=scene.config, clock=scene.clock)
    assert isinstance(read, gate.Handover), read
    gate.settle_pending(scene.config, scene.clock)
    own = linked(accounts["family"], CHILDREN[1].upn, scene.config, scene.clock)
    linked(accounts["other family"], CHILDREN[2].upn, scene.config, scene.clock)
    copy = rights.packs.ask_for_pack(own, scene.clock)
    assert isinstance(copy, rights.packs.PackView), copy
    assert rights.packs.make_pack(copy.id, config=scene.config, clock=scene.clock)
    return {"link_id": own.id, "release_id": read.release_id, "form": "json"}


def linked(
    account: Account, upn: str, config: Config, clock: Clock, standing: str = "parental-responsibility"
) -> rights.ChildLink:
    """A parent who entered the code that the school gave."""
    code = rights.issue_code(
        URN, upn, school_actor=f"school:{URN}", clock=clock, config=config, standing=standing
    )  # fmt: skip
    assert isinstance(code, rights.IssuedCode), code
    link = rights.redeem_code(int(account.pk), code.text, clock, config=config)
    assert isinstance(link, rights.ChildLink), link
    return link


def just_proved(client: Client, clock: Clock) -> None:
    """Signed in a moment ago: what cannot be taken back does not ask again."""
    session = client.session
    session["proved-at"] = int(clock.now().timestamp())
    session.save()


def taken_over(account: Account, config: Config, clock: Clock, child: int = 4) -> rights.ChildLink:
    """A young person of sixteen who entered the school's code for themselves, in the same household's account."""
    vault, young = Vault(config), CHILDREN[child]
    (pupil,) = vault.holders([young.upn])[young.upn]
    vault.update({pupil: replace(young, dob="2010-05-11")})
    return linked(account, young.upn, config, clock, standing="pupil")


def a_paper(done: Done, custodian: str) -> int:
    """A claim with papers that a colleague has looked at."""
    colleague = people.add_person(people.person(custodian).organisation_id, "custodian").id
    claim = done(
        "paper-open", colleague, upn=CHILDREN[0].upn, standing="carer", evidence={"authority-letter": ""}
    )  # fmt: skip
    return int(claim.id)


def of_a_yes(scene: Scene, clock: Clock) -> dict[str, Mapping[str, Any]]:
    """An agreement that waits for families' yes to an item, and the one family's yes to another organisation."""
    item = "census_pupil.plaa"
    spec = requests.application(scene.world.agreement).spec
    wider = filled(replace(spec, title="A seventh question", items=(*spec.items, item)))
    made = insist(requests.submit_application(wider, scene.world.person, clock))
    insist(road.decide(made.id, True, ["It serves pupils."], [], (), clock))
    agreement = insist(road.sign(made.id, scene.custodian, clock)).id
    own = ChildLink.objects.order_by("pk").first()
    assert own is not None
    recipient = people.add_organisation("Trust (synthetic)", "charity").id
    given = {"item": item, "purpose_id": spec.purpose, "recipient": recipient}
    consent.give_consent(
        Pmr(own.pupil), **given, last_day=date(2027, 1, 1), actor=f"account:{own.account_id}", clock=clock
    )
    return {
        "child-yes": {"link_id": own.public_id, "agreement_id": agreement, "item": item},
        "child-yes-no-more": {"link_id": own.public_id, **given},
    }


def of_a_case(config: Config, clock: Clock, family: Account, link: int, custodian: str) -> dict[str, Any]:
    """A case that a family took as far as the overseer, with a file and a letter."""

    def own(act: str, **given: Any) -> Any:
        return insist(desk.for_family(act, int(family.pk), link, config=config, clock=clock, **given))

    def staffs(act: str, person: str, **given: Any) -> Any:
        return insist(desk.do(act, person, config=config, clock=clock, **given))

    reference = own("case-open", kind="complaint", text="Nobody told us who has it.")
    data = png()
    own("case-file-piece", reference=reference, number=0, data=base64.b64encode(data).decode())
    own("case-file-add", reference=reference, name="photo.png", sha256=hashlib.sha256(data).hexdigest())
    second = people.add_person(people.person(custodian).organisation_id, "custodian").id
    reasons = {"outcome": "not-upheld", "text": "We did.", "provision": "Article 14", "value": "", "row": ""}
    staffs("recourse-decide", custodian, reference=reference, event="decide", **reasons)
    own("case-say", reference=reference, event="appeal", text="You did not.")
    staffs("recourse-decide", second, reference=reference, event="review", **reasons)
    own("case-say", reference=reference, event="escalate", text="You did not.")
    return {"case_ref": reference, "file_number": 1, "letter_number": 3, "step": "withdraw"}


def of_the_post(clock: Clock) -> dict[str, Any]:
    """A subscription that waits for its yes."""
    post.subscribe(
        "register?", "second-reader@example.org", clock=clock, token=lambda size: "Synthetic-token-of-a-letter"
    )
    return {"token": "Synthetic-token-of-a-letter"}


def leaving(clock: Clock) -> str:
    """The token that a letter of a subscription carries for leaving it."""
    token = "Another-token-of-a-letter"
    post.subscribe("register?all", "reader@example.org", clock=clock, token=lambda size: token)
    post.confirm(token, clock)
    post.tell("register?all", "News", "An agreement was signed.", clock=clock)
    mail.outbox.clear()
    send_due(clock)
    (found,) = {
        one for letter in mail.outbox for one in re.findall(r"/letters/leave/([A-Za-z0-9_-]+)/", str(letter.body))
    }
    return str(found)


def of_oversight(config: Config, clock: Clock) -> dict[str, Any]:
    """A signed statement."""
    insist(oversight.publish_statement("2026-Q2", config, clock))
    return {"quarter": "2026-Q2"}
