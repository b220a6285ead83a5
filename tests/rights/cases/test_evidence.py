"""Files that families send: plain kinds alone, whole, sealed, and nothing that runs."""

from __future__ import annotations

import base64
import hashlib
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from schoolgate.errors import Refused
from schoolgate.rights import cases
from schoolgate.rights.cases import scanning
from schoolgate.rights.cases.models import Evidence, EvidencePiece
from tests.requests.attachments import pdf, png
from tests.rights.cases.scene import Scene, codes

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""The test file of the makers of virus scanners (eicar.org), put together here so that no scanner takes this file."""


def test_a_file_is_kept_sealed_and_given_out_as_it_was_to_its_family_and_staff_alone(scene: Scene) -> None:
    reference, content = scene.challenged(), png()
    assert scene.send(reference, "../../photo of a letter.PNG", content) == 1
    view = scene.show(reference).evidence[0]
    assert (view.name, view.kind, view.size, view.who) == ("photo of a letter.png", "image/png", len(content), "family")
    own = scene.family("case-file", reference=reference, number=1)
    theirs = scene.staff("recourse-file", reference=reference, number=1)
    assert base64.b64decode(own.content) == base64.b64decode(theirs.content) == content
    scene.staff("recourse-bundle", reference=reference)
    opened = [step for step in scene.show(reference).steps if step.event == "open_files"]
    assert [step.who for step in opened] == ["custodian"]  # nobody opens them unseen; once a day for each person
    scene.on("2026-09-02").staff("recourse-file", reference=reference, number=1)
    scene.staff("recourse-file", scene.second, reference=reference, number=1)
    assert [step.event for step in scene.show(reference).steps].count("open_files") == 3
    with pytest.raises(cases.UnknownCase):
        scene.staff("recourse-file", scene.overseer, reference=reference, number=1)
    with pytest.raises(cases.UnknownCase):
        scene.family("case-file", reference=reference, number=2)
    assert content not in bytes(Evidence.objects.get().content)


def test_that_staff_read_a_case_is_a_step_of_it_and_that_they_only_have_it_in_their_list_is_not(scene: Scene) -> None:
    reference = scene.challenged()

    def readers() -> list[str]:
        return [step.who for step in scene.show(reference).steps if step.event == "read_case"]

    scene.staff("recourse-queue")
    assert readers() == []
    for _ in range(2):
        scene.staff("recourse-show", reference=reference)
    assert readers() == ["custodian"]
    scene.staff("recourse-show", scene.second, reference=reference)
    assert readers() == ["custodian"] * 2
    with pytest.raises(cases.UnknownCase):
        scene.staff("recourse-show", scene.overseer, reference=reference)  # nobody brought it there
    assert readers() == ["custodian"] * 2


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("virus.txt", EICAR, "file-malware"),
        ("virus.pdf", b"%PDF-1.7\n" + EICAR, "file-malware"),
        ("letter.exe", b"MZ", "file-kind"),
        ("letter.pdf", b"MZ", "file-not-what-it-says"),
        ("letter.pdf", pdf(b"<</S /JavaScript /JS (app.alert)>>"), "file-content"),
        ("letter.svg", b"<svg onload='x()'/>", "file-kind"),
        ("empty.txt", b"", "file-empty"),
        ("noending", b"x", "file-name"),
    ],
)
def test_what_is_refused_is_named_and_nothing_is_kept(scene: Scene, name: str, content: bytes, code: str) -> None:
    reference = scene.challenged()
    assert code in codes(scene.send(reference, name, content))
    assert not Evidence.objects.exists()
    assert not EvidencePiece.objects.exists()
    # Nothing of the case was lost, and the next file is taken.
    assert scene.send(reference, "letter.txt", b"Our letter.") == 1


def test_a_file_of_four_gigabytes_is_cut_off_while_it_comes(scene: Scene) -> None:
    reference = scene.challenged()
    beyond = scanning.MOST_BYTES // cases.PIECE
    full = base64.b64encode(b"x" * cases.PIECE).decode()
    for number in range(beyond):
        assert scene.family("case-file-piece", reference=reference, number=number, data=full) == number + 1
    refused = scene.family("case-file-piece", reference=reference, number=beyond, data=full)
    assert codes(refused) == {"file-size"}
    too_long = scene.family("case-file-piece", reference=reference, number=0, data=full + "eHh4")
    assert codes(too_long) == {"file-piece"}


def test_a_piece_out_of_turn_or_a_wrong_whole_is_not_taken(scene: Scene) -> None:
    reference = scene.challenged()
    data = base64.b64encode(b"half").decode()
    assert codes(scene.family("case-file-piece", reference=reference, number=3, data=data)) == {"file-piece"}
    assert codes(scene.family("case-file-piece", reference=reference, number=0, data="%%")) == {"file-piece"}
    assert scene.family("case-file-piece", reference=reference, number=0, data=data) == 1
    other = hashlib.sha256(b"whole").hexdigest()
    refused = scene.family("case-file-add", reference=reference, name="a.txt", sha256=other)
    assert codes(refused) == {"file-piece"}
    assert not EvidencePiece.objects.exists()


def test_a_case_holds_a_few_files_and_no_more(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("schoolgate.rights.cases.evidence.MOST_FILES", 1)
    reference = scene.challenged()
    assert scene.send(reference, "a.txt", b"a") == 1
    assert codes(scene.send(reference, "b.txt", b"b")) == {"file-size"}
    scene.say(reference, "withdraw", "")
    assert "case-over" in codes(scene.send(reference, "c.txt", b"c"))


@pytest.mark.parametrize(("leaves", "code"), [(1, "file-malware"), (2, "file-not-scanned")])
def test_the_operators_scanner_is_asked_and_one_that_cannot_look_closes_the_door(
    scene: Scene, tmp_path: Path, leaves: int, code: str
) -> None:
    script = tmp_path / "scan.py"
    script.write_text(f"import sys\nsys.exit({leaves} if b'harm' in sys.stdin.buffer.read() else 0)\n")
    scanned = replace(scene.config, scan=f"{sys.executable} {script}")
    found = scanning.checked("a.txt", b"harm", scanned)
    assert codes(found) == {code}
    assert not isinstance(scanning.checked("a.txt", b"plain", scanned), Refused)
    nowhere = replace(scene.config, scan=str(tmp_path / "no-such-scanner"))
    assert codes(scanning.checked("a.txt", b"plain", nowhere)) == {"file-not-scanned"}
