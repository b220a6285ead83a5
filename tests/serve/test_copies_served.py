"""A family's copy where the gate is a process of its own: made by the gate's user, handed to the site piece by piece."""

from __future__ import annotations

import base64
import json
from typing import Any

from tests.serve.place import GATE, SITE, Place


def test_a_copy_is_made_where_the_gate_is_and_the_site_hands_it_out(place: Place) -> None:
    (mine, other) = place.ask(
        GATE, [{"ask": "linked", "number": n, "email": f"{name}@example.org"} for n, name in ((1, "mine"), (2, "else"))]
    )

    def act(name: str, who: dict[str, int] = mine, **given: Any) -> Any:
        return place.ask(SITE, [{"ask": "family", "act": name, **who, "given": given}])[0]

    assert act("copy-show") is None
    asked = act("copy-ask")
    assert (asked["state"], asked["id"]) == ("asked", act("copy-ask")["id"])
    # Only the gate's own user makes it; the site is told so, and has no right on the table either.
    (refused,) = place.ask(SITE, [{"ask": "make_copy", "pack": asked["id"]}])
    assert refused["code"] == "gate-only"
    told = place.run(
        SITE,
        "-c",
        "import django; django.setup(); from schoolgate.rights.packs.models import Pack; Pack.objects.first()",
    )
    assert told.returncode != 0
    assert place.ask(GATE, [{"ask": "make_copy", "pack": asked["id"]}]) == [True]

    ready = act("copy-show")
    assert ready["state"] == "ready"
    assert {form for form, _ in ready["sizes"]} == {"pdf", "json", "csv", "text"}
    whole = base64.b64decode(act("copy-piece", pack=asked["id"], form="json", at=0))
    assert len(whole) == dict(ready["sizes"])["json"]
    values = json.loads(whole)
    assert values["schoolgate"] == "access-pack/1"
    assert values["receipt"]
    assert act("copy-piece", pack=asked["id"], form="json", at=len(whole)) == ""
    # Another family's asking for it is answered as one for a copy that is not there.
    theirs = act("copy-piece", other, pack=asked["id"], form="json", at=0)
    none = act("copy-piece", other, pack="none", form="json", at=0)
    assert theirs == none
    assert theirs["code"] == "pack-unknown"
    # The files lie in the gate's home, which the site cannot look into.
    listed = place.run(SITE, "-c", f"import os; os.listdir({str(place.home(GATE))!r} + '/packs')")
    assert "PermissionError" in listed.stderr
    assert act("copy-drop") is True
    assert act("copy-show")["state"] == "gone"

    assert act("digest-show") == {"": "DigestView", "every": "none", "confirmed": False}
    assert act("digest-set", every="monthly", address="")["every"] == "monthly"
    assert act("digest-show", other)["every"] == "none"
    assert act("digest-set", every="none", address="")["every"] == "none"
