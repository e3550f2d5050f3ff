"""The role of gestionnaire principal passes from one user to another: one of them, always (R109, R120)."""

import uuid
from typing import Any

from pupitre_contracts import rattachements
from pupitre_contracts.errors import Conflict

from . import applications, model, queries, repository
from .habilitations import give
from .rattachements import attach_in


def hand_over(tx: Any, scope: Any, actor: str, structure: Any, user_id: uuid.UUID) -> None:
    """Make a user gestionnaire principal in place of the present one, who stays attached as a simple user (R109, R120).

    Raises Conflict when there is none, or he is it already.
    """
    structure_id = structure.structure_id
    before = next((row for row in queries.rattachements(tx, structure_id) if row.role == model.GP), None)
    if before is None or before.user_id == user_id:
        raise Conflict(what=f"structure {structure_id}")
    repository.set_role(tx, actor, before.rattachement_id, model.US)
    _lay_down(tx, scope, actor, structure, before)
    present = queries.rattachement(tx, structure_id, user_id)
    if present is not None:
        repository.validate_for_good(tx, actor, present.rattachement_id)
        nothing = {"manages_structure": False, "manages_users": False}
        repository.set_gestionnaire_secondaire(tx, actor, present.rattachement_id, **nothing)
    attach_in(tx, scope, structure, user_id, model.GP, present)
    told = {"before": {"user_id": before.user_id}, "after": {"user_id": user_id}}
    repository.log(tx, actor, "gestionnaire_principal.transferred", structure_id, **told)
    tx.publish(
        rattachements.GestionnairePrincipalTransferred(
            structure_id=structure_id,
            structure_name=structure.name,
            from_user_id=before.user_id,
            to_user_id=user_id,
            transferred_by=actor,
        )
    )


def _lay_down(tx: Any, scope: Any, actor: str, structure: Any, before: Any) -> None:
    """Leave to the gestionnaire principal who hands over the right over the organisation that any simple user has."""
    opened = queries.open_espaces(tx, [structure.structure_id])[structure.structure_id].get(applications.ORGANISATION)
    if opened is not None:
        usual = applications.profiles_of(scope.resources.offers(), structure.type, model.US)
        give(tx, actor, before, applications.ORGANISATION, opened, usual.get(applications.ORGANISATION))
