"""Django app of the cases of the rights room."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """Cases, their steps and their evidence."""

    name = "schoolgate.rights.cases"
    label = "cases"
