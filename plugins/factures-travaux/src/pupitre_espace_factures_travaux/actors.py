"""Who takes part in a works contract (D.2), and in which espace each works."""

from __future__ import annotations

from pupitre_espaces import Label, Role

SUBCONTRACTOR, JOINT, HOLDER = "sous-traitant", "cotraitant", "titulaire"
FIRST, SECOND = "valideur-1", "valideur-2"
MOE, MOA, PAYER = "moe", "moa", "service-financier"

#: What the buyer sees although it has not come to him yet: a refusal is told to him with its reasons (CCP R. 2193-12).
_REFUSED = frozenset({"REFUSEE_1", "REFUSEE_2"})

ROLES = (
    Role(SUBCONTRACTOR, Label("Sous-traitant (paiement direct)", "Sub-contractor (direct payment)")),
    Role(JOINT, Label("Cotraitant", "Joint contractor")),
    Role(HOLDER, Label("Titulaire ou mandataire", "Holder of the contract, or mandataire")),
    Role(
        FIRST,
        Label("Valideur (titulaire ou mandataire)", "Valideur (holder or mandataire)"),
        espace="factures-a-valider",
    ),
    Role(SECOND, Label("Second valideur (mandataire)", "Second valideur (mandataire)"), espace="factures-a-valider"),
    Role(MOE, Label("Maîtrise d'œuvre (MOE)", "Maîtrise d'œuvre (MOE)"), sees_from={"DEPOSEE"}, has_service=True),
    Role(
        MOA,
        Label("Maîtrise d'ouvrage (MOA)", "Maîtrise d'ouvrage (MOA)"),
        sees_from={"DEPOSEE", *_REFUSED},
        has_service=True,
    ),
    Role(
        PAYER,
        Label("Service financier", "Financial service"),
        espace="factures-recues",
        structure_types={"public"},
        sees_from={"MISE_A_DISPOSITION", *_REFUSED},
        has_service=True,
    ),
)
NAMES = {role.key: role.label for role in ROLES}
#: How those are called of whom the circuit of a contract has several.
EACH = {
    SUBCONTRACTOR: Label("Chaque sous-traitant (paiement direct)", "Each sub-contractor (direct payment)"),
    JOINT: Label("Chaque cotraitant", "Each joint contractor"),
}
#: How many a contract may have of them on its fiche: members of the group beside its mandataire, and sub-contractors of all of them.
MOST = {SUBCONTRACTOR: 50, JOINT: 20}
