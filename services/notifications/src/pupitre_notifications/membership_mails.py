"""Mails about belonging to a structure: to those who decide, and to those about whom it was decided. None can be switched off."""

import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pupitre_contracts import habilitations, identity, mandats, organisation, rattachements

from . import messages, repository, writing


def tell_approvers(event: rattachements.RattachementRequested | rattachements.HabilitationRequested, scope: Any) -> None:
    """Ask the gestionnaires of the structure for their decision."""
    asks = isinstance(event, rattachements.RattachementRequested)
    if not asks and event.generated_by is not None:
        return  # made by the espace that one of them has just opened: the list is on his screen, and in the count of the menu
    name = "rattachement-requested" if asks else "habilitation-requested"
    values = {
        "number": event.number,
        "structure": event.structure_name,
        "comment": event.comment or "-",
        "wishes": "" if asks else ", ".join(f"{wish.espace} ({wish.profile.lower()})" for wish in event.wishes),
        "link": f"{scope.resources.public_url}/approbations/{event.approbation_id}",
    }
    write(scope, dict.fromkeys(event.approver_ids, name), values, event.approbation_id, requester=event.user_id)


def tell_requester(event: rattachements.ApprobationDecided, scope: Any) -> None:
    outcome_fr, outcome_en = messages.DECISIONS[event.state]
    values = {
        "number": event.number,
        "structure": event.structure_name,
        "outcome_fr": outcome_fr,
        "outcome_en": outcome_en,
        "motive": event.motive or "-",
        "link": f"{scope.resources.public_url}/approbations/{event.approbation_id}",
    }
    write(scope, {event.user_id: "approbation-decided"}, values, event.approbation_id)


def tell_attached(event: organisation.RattachementValidated, scope: Any) -> None:
    """Tell a user whom somebody attached without a request of his own (R110); whoever asked is told of the decision."""
    if event.attached_by is None:
        return
    values = {"structure": event.structure_name, "link": f"{scope.resources.public_url}/mon-compte"}
    write(scope, {event.user_id: "attached"}, values, event.structure_id)


def tell_detached(event: rattachements.RattachementEnded, scope: Any) -> None:
    if event.ended_by == f"user:{event.user_id}":
        return
    values = {"structure": event.structure_name, "link": f"{scope.resources.public_url}/mon-compte"}
    write(scope, {event.user_id: "detached"}, values, event.structure_id)


def tell_of_transfer(event: rattachements.GestionnairePrincipalTransferred, scope: Any) -> None:
    values = {"structure": event.structure_name, "link": f"{scope.resources.public_url}/structures/{event.structure_id}"}
    write(scope, {event.from_user_id: "gp-handed-over", event.to_user_id: "gp-received"}, values, event.structure_id)


def tell_secondary(event: habilitations.GestionnaireSecondaireNamed, scope: Any) -> None:
    """Tell a user what he manages from now on, or no longer (R123)."""
    named = (event.manages_structure, event.manages_users)
    fields_fr, fields_en = messages.FIELDS_OF_ACTION[named]
    values = {
        "structure": event.structure_name,
        "fields_fr": fields_fr,
        "fields_en": fields_en,
        "link": f"{scope.resources.public_url}/structures/{event.structure_id}",
    }
    write(scope, {event.user_id: "gs-named" if any(named) else "gs-ended"}, values, event.structure_id)


def tell_of_mandat(event: mandats.MandatGiven | mandats.MandatEnded, scope: Any) -> None:
    """Tell the gestionnaires of both structures of a mandat de facturation (R280)."""
    given = isinstance(event, mandats.MandatGiven)
    values = {"number": event.number, "structure": event.structure_name, "mandataire": event.mandataire_name}
    if given:
        values |= {"starts_on": event.starts_on.isoformat(), "ends_on": event.ends_on.isoformat() if event.ends_on else "-"}
    values["link"] = f"{scope.resources.public_url}/mandats"
    write(scope, dict.fromkeys(event.gestionnaire_ids, "mandat-given" if given else "mandat-ended"), values, event.mandat_id)


def write(
    scope: Any,
    templates: Mapping[uuid.UUID, str],
    values: Mapping[str, Any],
    about: uuid.UUID,
    requester: uuid.UUID | None = None,
    wants: Callable[[identity.User], bool] = lambda user: True,
) -> None:
    """Write to each user who ``wants`` it the mail of his template; ``requester`` is named in it."""
    known = _people(scope, {*templates, *([requester] if requester else [])})
    asking = known.get(requester)
    name = f"{asking.given_name} {asking.family_name}" if asking else "?"
    mails = [
        writing.mail(scope, template, known[user_id], {**values, "requester": name}, about=str(about))
        for user_id, template in templates.items()
        if user_id in known and known[user_id].active is not False and wants(known[user_id])
    ]
    with scope.begin() as tx:
        repository.add(tx, mails)


def _people(scope: Any, user_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, identity.User]:
    wanted = sorted(user_ids)
    return {user.user_id: user for user in scope.bus.call(identity.UsersByIds, user_ids=wanted).users} if wanted else {}
