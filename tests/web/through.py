"""What somebody might ask for through what is their own: an address with two things in it, one of which is another's."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from schoolgate import desk, gate, people, rights
from schoolgate.errors import insist
from tests.requests.attachments import png
from tests.web.access import House, patterns
from tests.world import CHILDREN

Arguments = Mapping[str, Any]

SENT: Mapping[str, Mapping[str, str]] = {
    "school-end": {"upn": CHILDREN[1].upn, "way": "code-0", "by_order": ""},
    "custodian-nos": {"upn": CHILDREN[1].upn, "number": "", "ground": "", "reason": ""},
}
"""Name of an address whose form stands on a page that only answers a POST, or has more fields once something was found
-> what that form sends."""


def others(house: House) -> Mapping[str, Sequence[Arguments]]:
    """Name of an address -> its arguments, all as in the house but for one, which is of something else there."""

    def done(act: str, who: str, **given: Any) -> Any:
        return insist(desk.do(act, house.persons[who], config=house.config, clock=house.clock, **given))

    def attached(reference: str, size: int) -> str:
        data = png(size, size)
        sha256 = hashlib.sha256(data).hexdigest()
        piece = base64.b64encode(data).decode()
        done("draft-attach-piece", "researcher", reference=reference, number=0, data=piece)
        done("draft-attach", "researcher", reference=reference, name=f"{size}.png", sha256=sha256)
        return sha256

    usual, draft = house.names[""], str(house.names["research-detach"]["draft_id"])
    application = str(usual["application_id"])
    in_the_draft, in_another = attached(draft, 2), attached(str(done("draft-start", "researcher")), 3)
    comment = {"reference": application, "section_id": usual["section_id"], "text": "Say less.", "shared": False}
    said = done("draft-comment", "researcher", **comment)
    interest = people.declare_interest(
        house.persons["other panel"], usual["organisation_id"], "advises it", clock=house.clock
    )
    ended = str(house.names["agreement-witness"]["request_id"])  # nobody's record was given under it
    ref = another_familys_case(house)
    return {
        **{
            name: [{**_named(house, name), "case_ref": ref}]
            for name in (
                "case",
                "case-bundle",
                "case-file",
                "case-file-add",
                "case-let-source",
                "case-letter",
                "case-say",
            )
        },
        "custodian-behalf-act": [{**house.names["custodian-behalf-act"], "link_id": usual["link_id"]}],
        "child-line": [{"link_id": usual["link_id"], "agreement_id": ended}],
        "child-yes": [{**house.names["child-yes"], "agreement_id": ended}],
        "child-proof": [{"link_id": usual["link_id"], "release_id": without_the_child(house)}],
        "custodian-file": [{"application_id": application, "sha256": in_the_draft}],
        "interest-end": [{"person_id": usual["person_id"], "interest_id": interest.id}],
        "research-detach": [{"draft_id": draft, "sha256": in_another}],
        "research-file": [{"reference": application, "sha256": in_the_draft}],
        "research-resolve": [{**house.names["research-resolve"], "comment_id": said}],
    }


def _named(house: House, name: str) -> Arguments:
    """The arguments that the house has for an address."""
    (wanted,) = (one for one in patterns() if one.name == name)
    return house.names.get(name) or {key: house.names[""][key] for key in wanted.pattern.converters}


def another_familys_case(house: House) -> str:
    """A case of the other family's, about its own child."""
    account = int(house.accounts["other family"].pk)
    (link,) = rights.children(account)
    given = {"kind": "complaint", "text": "Nobody told us either."}
    opened = desk.for_family("case-open", account, link.id, config=house.config, clock=house.clock, **given)
    return str(insist(opened))


def without_the_child(house: House) -> str:
    """A release that held the other family's child and not the house's: the other family's own look at its record."""

    def held(link: rights.ChildLink) -> set[str]:
        return {str(one.release_id) for line in rights.lines_for(link) for one in line.releases}

    (theirs,) = rights.children(int(house.accounts["other family"].pk))
    before = held(theirs)
    rights.my_record(theirs, config=house.config, clock=house.clock)
    gate.settle_pending(house.config, house.clock)
    own = rights.child(int(house.accounts["family"].pk), int(house.names[""]["link_id"]))
    (release,) = held(theirs) - before - held(own)
    return release
