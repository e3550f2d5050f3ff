"""Texts of what is wrong with those who are to validate an invoice; as in :mod:`messages`."""

_HOW_FR = "Indiquez son SIRET en envoyant la facture, ou dans une note du fichier (BT-22) : « #acteur {role} SIRET »."
_HOW_EN = "Give its SIRET when sending the invoice, or in a note of the file (BT-22): “#acteur {role} SIRET”."

RULES: dict[str, tuple[str, str | None, str, str, str, str]] = {
    "PUP-PARTY-MISSING": (
        "error",
        "BT-22",
        "{label_fr} : le cadre {cadre} demande que cet acteur soit désigné.",
        "{label_en}: the cadre {cadre} needs this actor to be named.",
        _HOW_FR,
        _HOW_EN,
    ),
    "PUP-PARTY-UNKNOWN": (
        "error",
        "BT-22",
        "{label_fr} : aucune structure ne porte le SIRET {siret}.",
        "{label_en}: no structure has the SIRET {siret}.",
        "Vérifiez le SIRET auprès de cette entreprise ; elle doit être inscrite sur le portail pour valider.",
        "Check the SIRET with that company; it must be registered on the portal to validate.",
    ),
    "PUP-PARTY-INACTIVE": (
        "error",
        "BT-22",
        "{label_fr} : la structure {name} ({siret}) n'est plus active.",
        "{label_en}: the structure {name} ({siret}) is no longer active.",
        "Désignez la structure qui lui succède.",
        "Name the structure that took over.",
    ),
    "PUP-PARTY-TYPE": (
        "error",
        "BT-22",
        "{label_fr} : {name} ({siret}) n'est pas d'un type admis dans ce rôle.",
        "{label_en}: {name} ({siret}) is not of a type that may have this role.",
        "Désignez une autre structure.",
        "Name another structure.",
    ),
    "PUP-PARTY-SELF": (
        "error",
        "BT-22",
        "{label_fr} : {name} ne peut pas valider sa propre facture.",
        "{label_en}: {name} cannot validate its own invoice.",
        "Désignez la structure qui doit la valider, ou choisissez un cadre sans validation.",
        "Name the structure that is to validate it, or choose a cadre without validation.",
    ),
    "PUP-PARTY-ESPACE": (
        "warning",
        "BT-22",
        "{label_fr} : {name} ({siret}) n'a pas ouvert l'espace « {espace} », où la facture l'attendra.",
        "{label_en}: {name} ({siret}) has not opened the espace “{espace}”, where the invoice will wait for it.",
        "Demandez-lui de l'ouvrir.",
        "Ask it to open it.",
    ),
    "PUP-PARTY-ROLE": (
        "warning",
        "BT-22",
        "Le cadre {cadre} n'a pas d'acteur « {role} » : cette désignation est sans effet.",
        "The cadre {cadre} has no actor “{role}”: naming one has no effect.",
        "Retirez-la, ou choisissez le cadre qui demande cette validation.",
        "Take it out, or choose the cadre that wants this validation.",
    ),
}
