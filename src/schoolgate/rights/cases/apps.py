"""Django app of the cases of the rights room."""

from django.apps import AppConfig
from django.db.models.signals import pre_delete


class CasesConfig(AppConfig):
    """Cases, their steps and their evidence."""

    name = "schoolgate.rights.cases"
    label = "cases"

    def ready(self) -> None:
        """Read the custodian's days, so that a wrong file is told at the start; and let no case go without a trace."""
        from schoolgate.rights.cases.days import case_rules
        from schoolgate.rights.cases.remains import remember

        case_rules()
        pre_delete.connect(remember, sender=self.get_model("Case"), dispatch_uid="case-remains")
