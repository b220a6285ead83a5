"""Django app of the consent room."""

from django.apps import AppConfig


class ConsentConfig(AppConfig):
    """The room's state."""

    name = "schoolgate.consent"
    label = "consent"

    def ready(self) -> None:
        """A shielded child is found by no return: it is not asked about what its family declined."""
        from schoolgate import declining
        from schoolgate.consent.protections import shielded_pupils

        declining.hide_from_schools(shielded_pupils)
