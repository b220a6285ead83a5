"""The researcher's pages: a draft filled in, checked and handed in; who may see what; what a browser could send."""

from __future__ import annotations

import html
import re

import pytest
from django.test import Client
from django.urls import reverse

from schoolgate import people, requests
from schoolgate.clock import FixedClock
from schoolgate.people import person
from schoolgate.requests import drafting
from schoolgate.web.researcher import rows
from tests.requests import road
from tests.requests.cast import Cast, a_spec
from tests.requests.drafts import begun, filled_in, handed_in, save
from tests.web.researching import author, cast, desk_ready, form_of, other, text_of
from tests.web.staff import sign_in_as

__all__ = ["author", "cast", "desk_ready"]

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_whole_form_is_filled_in_page_after_page_and_handed_in(author: Client, cast: Cast) -> None:
    page = author.post(reverse("research-start"))
    draft = page.headers["Location"].rstrip("/").split("/")[-1]
    address = page.headers["Location"]
    assert "Not started" in author.get(address).content.decode()
    for section in drafting.SECTIONS:
        where = reverse("research-section", args=[draft, section.id])
        assert author.get(where).status_code == 200, section.id
        # The page is asked for again each time: which questions arise depends on what was saved before.
        answer = author.post(where, form_of(section, _askable(a_spec(cast), draft, section, cast)))
        assert answer.status_code == 302, (section.id, text_of(answer))
    assert answer.headers["Location"] == reverse("research-check", args=[draft])
    checked = author.get(answer.headers["Location"])
    assert "This is still open" not in checked.content.decode(), text_of(checked)
    revision = re.search(r'name="revision" value="(\d+)"', checked.content.decode())
    assert revision
    done = author.post(reverse("research-submit", args=[draft]), {"revision": revision[1]}, follow=True)
    assert "Application APP-2026-0001 is in." in done.content.decode()
    assert requests.application("APP-2026-0001").spec.public_benefit == "Schools learn where help is missing."


def _askable(
    spec: requests.ApplicationSpec, draft: str, section: drafting.Section, cast: Cast
) -> requests.ApplicationSpec:
    from dataclasses import replace

    if section.id != "questions":
        return spec
    asked = {one.id for one in drafting.questions(drafting.find(draft, person(cast.researcher)).spec)}
    return replace(spec, answers=tuple(one for one in spec.answers if one.question in asked))


def test_a_colleague_takes_over_what_nobody_can_answer_any_more(author: Client, cast: Cast, clock: FixedClock) -> None:
    made = handed_in(cast, clock)
    colleague = other(cast.colleague)
    application = reverse("research-application", args=[made.id])
    assert "Take it over" not in colleague.get(application).content.decode()
    people.close_person(cast.researcher, reason="Left.")
    page = colleague.get(application).content.decode()
    assert "Take it over" in page
    action = re.search(r'action="([^"]+/author/)"', page)
    assert action
    done = colleague.post(action[1], {"person": cast.colleague}, follow=True).content.decode()
    assert "You are its author now." in done
    assert "Take the application back" in colleague.get(application).content.decode()


def test_every_problem_is_said_at_once_and_each_leads_to_its_field(
    author: Client, cast: Cast, clock: FixedClock
) -> None:
    draft = filled_in(cast, clock)
    for section, values in {
        "benefit": {"public_benefit": "", "harm": ""},
        "people": {"people": []},
        "reasons": {"item_reasons": []},
        "questions": {"answers": {}},
        "time": {"valid_until": "2020-01-01"},
        "place": {"processors": [{"name": "Example Cloud (synthetic)"}]},
    }.items():
        requests.insist(save(draft, section, cast.researcher, clock, revision=1, **values))
    page = author.get(reverse("research-check", args=[draft.id])).content.decode()
    links = re.findall(r'<li><a href="(/research/draft/[^"#]+)#([^"]+)">', page)
    assert {at for _, at in links} >= {
        "f-public_benefit",
        "f-harm",
        "f-people",
        "f-item_reasons-census_pupil.sex",
        "f-answers-find-again",
        "f-valid_until",
        "f-processors-1",
    }
    for address, at in links:
        assert f'id="{at}"' in author.get(address).content.decode(), (address, at)
    assert "Hand in the application" not in page
    refused = author.post(reverse("research-submit", args=[draft.id]), {"revision": "7"})
    assert "This is still open" in refused.content.decode()


def test_a_page_can_be_saved_half_done_and_found_again(author: Client, cast: Cast, clock: FixedClock) -> None:
    draft = begun(cast, clock)
    where = reverse("research-section", args=[draft.id, "benefit"])
    sent = {"public_benefit": "Half of it", "harm": "", "harm_prevention": "", "revision": "0", "then": "later"}
    assert author.post(where, sent).headers["Location"] == reverse("research-draft", args=[draft.id])
    assert "Half of it" in author.get(where).content.decode()
    assert "Not complete" in author.get(reverse("research-draft", args=[draft.id])).content.decode()


@pytest.mark.parametrize("text", ["Мы считаем пропущенные дни в каждой школе. " * 5, "Soon."])
def test_a_summary_that_cannot_be_measured_is_not_passed_over(
    text: str, author: Client, cast: Cast, clock: FixedClock
) -> None:
    draft = begun(cast, clock)
    requests.insist(save(draft, "purpose", cast.researcher, clock, purpose_plain=text))
    page = author.get(reverse("research-section", args=[draft.id, "purpose"])).content.decode()
    assert "too short to measure, or it is not in English" in page


def test_the_second_who_saves_sees_both_texts_and_saves_knowingly(
    author: Client, cast: Cast, clock: FixedClock
) -> None:
    draft = begun(cast, clock)
    requests.insist(drafting.add_author(draft.id, cast.colleague, cast.researcher, clock))
    where = reverse("research-section", args=[draft.id, "conflicts"])
    colleague = other(cast.colleague)
    assert author.post(where, {"conflicts": "Mine <b>", "revision": "0", "then": "next"}).status_code == 302
    page = colleague.post(where, {"conflicts": "Theirs", "revision": "0", "then": "next"})
    said = page.content.decode()
    assert "Somebody else saved this page while you wrote" in said
    assert "Mine &lt;b&gt;" in said
    assert "Theirs</textarea>" in said
    assert drafting.find(draft.id, person(cast.researcher)).spec.conflicts == "Mine <b>"
    revision = re.search(r'name="revision" value="(\d+)"', said)
    assert revision
    assert colleague.post(where, {"conflicts": "Both", "revision": revision[1]}).status_code == 302


@pytest.mark.parametrize(
    ("section", "sent", "said"),
    [
        ("time", {"valid_from-day": "31", "valid_from-month": "2", "valid_from-year": "2027"}, "Enter a real date"),
        ("time", {"valid_from-day": "1", "valid_from-month": "2", "valid_from-year": "27"}, "Enter a real date"),
        ("time", {"valid_from-day": "x", "valid_from-month": "", "valid_from-year": ""}, "Enter a real date"),
        ("pupils", {"years": "last year"}, "Enter a year or two years on each line"),
        ("pupils", {"cohort": "year seven"}, "Enter one condition on each line"),
        ("purpose", {"title": "a \u202e b"}, "has a control character or an invisible one"),
        ("purpose", {"purpose_plain": "x" * 2_001}, "more than 2,000 characters"),
    ],
)
def test_what_cannot_be_read_is_said_beside_its_field_and_what_was_typed_stays(
    section: str, sent: dict[str, str], said: str, author: Client, cast: Cast, clock: FixedClock
) -> None:
    draft = begun(cast, clock)
    page = author.post(reverse("research-section", args=[draft.id, section]), {**sent, "revision": "0"})
    body = page.content.decode()
    assert body.count(said) == 2  # in the summary and beside the field
    assert "There is a problem" in body
    for value in sent.values():
        assert html.escape(value) in body
    links = re.findall(r'<li><a href="#([^"]+)">', body)
    assert links
    assert all(f'id="{at}"' in body for at in links)
    assert drafting.find(draft.id, person(cast.researcher)).revision == 0


def test_the_custodian_reads_what_was_handed_in_comments_and_the_authors_settle_it(
    author: Client, cast: Cast, clock: FixedClock
) -> None:
    made = handed_in(cast, clock)
    custodian = other(cast.custodian)
    where = reverse("research-application", args=[made.id])
    assert "Schools learn where help is missing." in custodian.get(where).content.decode()
    told = custodian.post(reverse("research-comment", args=[made.id, "law"]), {"text": "Which paragraph?"}, follow=True)
    assert "Which paragraph?" in told.content.decode()
    assert cast.custodian not in author.get(where).content.decode()
    assert "1 comment waits for an answer." in author.get(reverse("research")).content.decode()
    (comment,) = drafting.find(made.id, person(cast.researcher)).comments
    author.post(reverse("research-resolve", args=[made.id, "law", comment.id]))
    assert "settled" in author.get(where).content.decode()


def test_a_returned_application_is_changed_handed_in_again_and_the_versions_are_compared(
    author: Client, cast: Cast, clock: FixedClock
) -> None:
    made = handed_in(cast, clock)
    requests.insist(requests.return_application(made.id, ["Say who pays."], cast.custodian, clock))
    assert "It was sent back. Change it and hand it in again." in author.get(reverse("research")).content.decode()
    draft = drafting.find(made.id, person(cast.researcher))
    where = reverse("research-section", args=[draft.id, "organisation"])
    section = drafting.find_section("organisation")
    assert section is not None
    form = {
        **rows.stored(section, draft.spec),
        "funders": "Example Trust (synthetic)",
        "revision": "1",
        "then": "later",
    }
    assert author.post(where, form).status_code == 302
    revision = drafting.find(made.id, person(cast.researcher)).revision
    done = author.post(reverse("research-submit", args=[draft.id]), {"revision": revision}, follow=True)
    assert "what changed since version 1" in done.content.decode()
    compared = other(cast.custodian).get(reverse("research-difference", args=[made.id, 1, 2])).content.decode()
    assert "Who pays for it?" in compared
    assert "<ins" in compared
    assert "Example Trust (synthetic)" in compared
    assert author.get(reverse("research-difference", args=[made.id, 1, 3])).status_code == 404


def test_an_application_is_taken_back(author: Client, cast: Cast, clock: FixedClock) -> None:
    made = handed_in(cast, clock)
    where = reverse("research-withdraw", args=[made.id])
    assert "A reason is needed" in author.post(where, {"reason": ""}).content.decode()
    page = author.post(where, {"reason": "The study ended."}, follow=True)
    assert "Taken back" in page.content.decode()


def test_the_plain_summary_is_measured_and_a_good_example_shown(author: Client, cast: Cast, clock: FixedClock) -> None:
    draft = begun(cast, clock)
    hard = "Notwithstanding heterogeneous methodological considerations, operationalisation necessitates comprehensive identification."
    requests.insist(save(draft, "purpose", cast.researcher, clock, purpose_plain=hard))
    said = text_of(author.get(reverse("research-section", args=[draft.id, "purpose"])))
    assert "Many parents will find it hard." in said
    assert "operationalisation" in said
    assert "Some children miss many days of school." in said


def test_each_item_shows_what_less_would_do(author: Client, cast: Cast, clock: FixedClock) -> None:
    draft = filled_in(cast, clock, items=("census_pupil.monthofbirth",))
    listed = text_of(author.get(reverse("research-section", args=[draft.id, "items"])))
    assert "Less identifying: age in years or born in autumn, spring or summer." in listed
    asked = text_of(author.get(reverse("research-section", args=[draft.id, "reasons"])))
    assert "A month of birth makes a child twelve times easier to find." in asked
    assert "Why will something less identifying not do?" in asked


def test_the_law_is_asked_before_the_items_and_checked_against_the_purpose(
    author: Client, cast: Cast, clock: FixedClock
) -> None:
    draft = begun(cast, clock)
    items = reverse("research-section", args=[draft.id, "items"])
    early = author.post(items, {"items": ["census_pupil.sex"], "revision": "0"})
    assert "Say first the purpose" in text_of(early)
    requests.insist(save(draft, "purpose", cast.researcher, clock, purpose="commercial-product"))
    law = {"lawful_basis": "UK GDPR Article 6(1)(f): legitimate interests", "gateway": "None stated"}
    requests.insist(save(draft, "law", cast.researcher, clock, **law))
    requests.insist(save(draft, "place", cast.researcher, clock, country="England"))
    said = text_of(author.get(reverse("research-section", args=[draft.id, "law"])))
    assert "No power to share is known to reach it." in said
    assert "As it stands no panel can approve it:" in said


def test_a_colleague_who_is_no_author_reads_and_cannot_change(cast: Cast, clock: FixedClock) -> None:
    draft = begun(cast, clock)
    colleague = other(cast.colleague)
    page = colleague.get(reverse("research-section", args=[draft.id, "conflicts"])).content.decode()
    assert "Only its authors can change it." in page
    assert "Save and continue" not in page
    refused = colleague.post(
        reverse("research-section", args=[draft.id, "conflicts"]), {"conflicts": "x", "revision": "0"}
    )
    assert "You may read this draft, not change it." in refused.content.decode()


def test_a_draft_is_thrown_away_after_being_asked_once_more(author: Client, cast: Cast, clock: FixedClock) -> None:
    draft = begun(cast, clock)
    where = reverse("research-discard", args=[draft.id])
    assert "It cannot be brought back." in author.get(where).content.decode()
    assert "The draft is gone." in author.post(where, follow=True).content.decode()
    assert author.get(reverse("research-draft", args=[draft.id])).status_code == 404
    made = handed_in(cast, clock)
    kept = drafting.find(made.id, person(cast.researcher))
    refused = author.post(reverse("research-discard", args=[kept.id]))
    assert refused.status_code == 409
    assert "What was handed in is kept." in refused.content.decode()


def test_why_it_was_sent_back_stands_above_the_pages(author: Client, cast: Cast, clock: FixedClock) -> None:
    made = handed_in(cast, clock)
    requests.insist(requests.return_application(made.id, ["Say who pays <b>."], cast.custodian, clock))
    page = author.get(reverse("research-draft", args=[drafting.find(made.id, person(cast.researcher)).id]))
    assert "Say who pays &lt;b&gt;." in page.content.decode()


def test_one_account_that_is_two_persons_sees_each_organisations_drafts_apart(cast: Cast, clock: FixedClock) -> None:
    mine = begun(cast, clock)
    client = Client()
    sign_in_as(client, cast.researcher)
    account = people.person(cast.researcher).account_id
    assert account is not None
    second = people.add_person(cast.company.id, "researcher").id
    people.hold_person(second, account)
    session = client.session
    session["acting-as"] = second
    session.save()
    assert client.get(reverse("research-draft", args=[mine.id])).status_code == 404
    assert mine.id not in client.get(reverse("research")).content.decode()


def test_what_was_decided_leads_on_to_the_agreement_or_to_an_appeal(
    author: Client, cast: Cast, clock: FixedClock
) -> None:
    yes, no = handed_in(cast, clock), handed_in(cast, clock)
    requests.insist(road.decide(yes.id, True, ["Clear benefit."], [], cast.panel, clock))
    requests.insist(road.decide(no.id, False, ["No benefit."], [], cast.panel, clock))
    listed = author.get(reverse("research")).content.decode()
    assert "It is approved. Accept the agreement." in listed
    assert reverse("agreement", args=[yes.id]) in listed
    refused = author.get(reverse("research-application", args=[no.id])).content.decode()
    assert "No benefit." in refused
    assert reverse("application-appeal", args=[no.id]) in refused
    signed = requests.insist(road.sign(yes.id, cast.custodian, clock))
    listed = author.get(reverse("research")).content.decode()
    for name, argument in (
        ("agreement", signed.id),
        ("register-agreement", signed.id),
        ("custodian-propose", signed.id),
    ):
        address = reverse(name, args=[argument])
        assert address in listed
        assert author.get(address).status_code == 200, address
