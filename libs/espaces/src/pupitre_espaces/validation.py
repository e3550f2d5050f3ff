"""The passages by which a valideur is asked before a request goes on: the holder of a contract, the mandataire of a group (B.5).

Rows that espaces put into their tables. They are the same for ordinary invoices and for documents of works contracts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Literal

from .lifecycle import AFTER, AT_ONCE, SYSTEM, Motive, Transition
from .values import Label

WRONG_VALIDEUR = Motive("MAUVAIS_VALIDEUR", Label("Mauvais valideur", "Wrong valideur"))
VALIDATE = Label("Valider", "Validate")
REFUSE = Label("Refuser", "Refuse")
NOT_ME = Label("Ce n'est pas à moi de valider", "It is not for me to validate")
CORRECT = Label("Corriger le valideur et renvoyer", "Correct the valideur and send again")
GIVE_UP = Label("Abandonner", "Give up")
HOLDER = Label(
    "Vous êtes titulaire du marché, ou le cotraitant dont dépend ce sous-traitant.",
    "You hold the contract, or are the joint contractor to whom this sub-contractor belongs.",
)
MANDATAIRE = Label("Vous êtes mandataire du groupement.", "You are the mandataire of the group.")

#: Of each level: to be validated, validated, refused, wrong valideur, silence.
_STATUSES = {
    1: (
        "A_VALIDER_1",
        "VALIDEE_1",
        "REFUSEE_1",
        "ERREUR_FOURNISSEUR_SUR_VALIDEUR",
        "ABSENCE_VALIDATION_1_HORS_DELAI",
    ),
    2: (
        "A_VALIDER_2",
        "VALIDEE_2",
        "REFUSEE_2",
        "ERREUR_COTRAITANT_SUR_VALIDEUR",
        "ABSENCE_VALIDATION_2_HORS_DELAI",
    ),
}


def passages_of(
    level: Literal[1, 2],
    valideur: str,
    maker: str,
    *,
    statement: Label,
    then: Iterable[tuple[str, Collection[str]]],
    days: int = 0,
    remind: tuple[int, ...] = (),
    cadres: Collection[str] = (),
    tells: Collection[str] = (),
) -> list[Transition]:
    """Return the rows of one level of validation, but for what follows a refusal.

    `then` are the statuses that follow the accord, tried in their order, each with the roles that must be named for it. After `days`
    silence is acceptance; with 0 days it never is. A wrong valideur is corrected by the maker, and the new one has all the days.
    `tells` are told of a refusal besides those who have a role.
    """
    asked, validated, refused, wrong, silent = _STATUSES[level]
    its = frozenset(cadres)
    rows = [
        Transition(
            asked, validated, valideur, "optional", statement=statement, documents=True, label=VALIDATE, cadres=its
        ),
        Transition(
            asked, refused, valideur, "required", documents=True, label=REFUSE, cadres=its, tells=frozenset(tells)
        ),
        Transition(asked, wrong, valideur, "required", motives=(WRONG_VALIDEUR,), label=NOT_ME, cadres=its),
        Transition(wrong, asked, maker, corrects=frozenset({valideur}), label=CORRECT, cadres=its),
        Transition(wrong, "ABANDONNEE", maker, "required", awaited=False, label=GIVE_UP, cadres=its),
    ]
    agreed = [validated]
    if days:
        rows.append(Transition(asked, silent, SYSTEM, call=AFTER, days=days, remind=remind, cadres=its))
        agreed.append(silent)
    following = [(target, frozenset(roles)) for target, roles in then]
    rows += [
        Transition(each, target, SYSTEM, call=AT_ONCE, if_named=roles, cadres=its)
        for each in agreed
        for target, roles in following
    ]
    return rows
