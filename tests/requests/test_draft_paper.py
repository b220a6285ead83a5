"""Applications of an earlier release get a paper, so that they can be returned and handed in again."""

from __future__ import annotations

from importlib import import_module

from django.apps import apps

from schoolgate import requests
from schoolgate.clock import FixedClock
from schoolgate.people import person
from schoolgate.requests import drafting
from schoolgate.requests.drafting.models import Draft, DraftAuthor, DraftVersion
from tests.requests.cast import Cast, a_spec, submitted


def test_an_application_without_a_paper_gets_one_and_can_go_on(cast: Cast, clock: FixedClock) -> None:
    made = submitted(cast, clock)
    requests.ensure_built_in(clock)
    for model in (DraftVersion, DraftAuthor, Draft):
        model.objects.all().delete()
    import_module("schoolgate.requests.drafting.migrations.0002_papers_of_earlier_applications").make(apps, None)
    (paper,) = Draft.objects.all()
    assert paper.draft_id == f"D-{made.id}"
    view = drafting.find(made.id, person(cast.researcher))
    assert view.spec == view.versions[0].spec == made.spec
    assert view.authors == (cast.researcher,)
    requests.insist(requests.return_application(made.id, ["Say more."], cast.custodian, clock))
    again = requests.resubmit_application(made.id, a_spec(cast, title="More"), cast.researcher, clock)
    assert requests.insist(again).spec.title == "More"
