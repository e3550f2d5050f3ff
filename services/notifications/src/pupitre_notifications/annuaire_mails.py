"""Mails about the annuaire's files, to the gestionnaires principaux of structures that subscribe (R262): news that comes every week, so
that the switch for news stops it.
"""

from typing import Any

from pupitre_contracts import annuaire_files

from . import membership_mails


def tell_of_file(event: annuaire_files.AnnuaireFileProduced, scope: Any) -> None:
    """Tell that the whole annuaire lies ready; of the changes of each day nobody is told, programs fetch them."""
    if event.kind != annuaire_files.COMPLETE:
        return
    values = {"file": event.file_name, "rows": event.rows, "link": f"{scope.resources.public_url}/structures"}
    templates = dict.fromkeys(event.gestionnaire_ids, "annuaire-file")
    membership_mails.write(scope, templates, values, event.file_id, wants=lambda user: user.notify_news is not False)
