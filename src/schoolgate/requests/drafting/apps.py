"""Django app of the drafting part of the requests room."""

from django.apps import AppConfig


class DraftingConfig(AppConfig):
    """Drafts, their versions, comments and attachments."""

    name = "schoolgate.requests.drafting"
    label = "drafting"
