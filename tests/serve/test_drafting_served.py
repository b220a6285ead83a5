"""Applying on the site's pages where the gate is a process of its own: the site reads, the gate's process writes."""

from __future__ import annotations

import json
import re
from urllib.error import HTTPError

from tests.serve.pages import PASSWORD, asked, send, token
from tests.serve.place import GATE, Place
from tests.serve.test_site import Browser, site

__all__ = ["site"]

ACCOUNTS = """
import json, django
django.setup()
from schoolgate import people
home = people.add_organisation("Institute of Example (synthetic)", "research-institute")
rival = people.add_organisation("Rival of Example (synthetic)", "research-institute")
found = []
for organisation in (home, rival):
    person = people.add_person(organisation.id, "researcher")
    email = f"{person.id.lower()}@drafts.example.org"
    people.hold_person(person.id, people.create_account(email, "correct horse battery", role="researcher").id)
    found.append(email)
print(json.dumps(found))
"""


def status(browser: Browser, path: str) -> int:
    """The status of the answer to a page that may not be there."""
    try:
        return int(browser.opener.open(browser.address + path, timeout=60).status)
    except HTTPError as answer:
        return answer.code


def test_a_draft_is_written_with_a_file_of_several_pieces_and_a_rival_finds_nothing(site: str, place: Place) -> None:
    made = place.run(GATE, "-c", ACCOUNTS)
    assert made.returncode == 0, made.stderr
    author, rival = (Browser(site) for _ in range(2))
    for browser, email in zip((author, rival), json.loads(made.stdout), strict=True):
        send(browser, "/sign-in/", email=email, password=PASSWORD)
    began = send(author, "/research/", "/research/start/")
    (draft,) = set(re.findall(r"/research/draft/(D-\d{4}-\d{4})/page/", began))
    page = f"/research/draft/{draft}/page/purpose/"
    send(
        author,
        page,
        title="Buses <b>",
        purpose="education-research",
        purpose_plain="We count.",
        revision=0,
        then="stay",
    )
    assert "Buses &lt;b&gt;" in author.get(page)
    clash = send(author, page, title="Trams", purpose="education-research", purpose_plain="We count.", revision=0)
    assert "Somebody else saved this page while you wrote" in clash

    files = f"/research/draft/{draft}/files/"
    line = b"a line of plain text\n"
    content = line * (400_000 // len(line))  # more than one request to the gate's process can hold
    boundary = "----schoolgate-test"
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{token(author.get(files))}\r\n',
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="../plan.txt"\r\n'
        "Content-Type: text/plain\r\n\r\n",
    ]
    body = "".join(parts).encode() + content + f"\r\n--{boundary}--\r\n".encode()
    shown = asked(author, files, body, f"multipart/form-data; boundary={boundary}")
    assert "“plan.txt” is attached." in shown
    (address,) = re.findall(rf"/research/file/{draft}/[0-9a-f]{{64}}/", shown)
    got = author.opener.open(author.address + address, timeout=60)
    assert got.read() == content
    assert got.headers["Content-Disposition"] == 'attachment; filename="plan.txt"'

    checked = author.get(f"/research/draft/{draft}/check/")
    assert "This is still open" in checked
    revision = re.findall(r'name="revision" value="(\d+)"', checked) or ["3"]
    refused = send(author, page, f"/research/draft/{draft}/submit/", revision=revision[0])
    assert "This is still open" in refused
    assert draft not in rival.get("/research/")
    assert status(rival, f"/research/draft/{draft}/") == status(rival, "/research/draft/D-2026-9999/") == 404
    assert status(rival, address) == 404
