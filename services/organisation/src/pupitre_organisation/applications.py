"""The portal's own espaces, and which of them come with a rattachement: dated by the code that ships them, looked up, never decided.

A key stays reserved for its espace whether the portal itself or an installed plugin shows its pages: habilitations can be given before.
"""

from dataclasses import dataclass

from .model import (
    CONSULTATION,
    FACTURES_EMISES,
    FACTURES_RECUES,
    GP,
    MODIFICATION,
    ORGANISATION,
    PRIVATE,
    PUBLIC,
    US,
    EspaceOffer,
)

_ANY = frozenset({PRIVATE, PUBLIC})
_PUBLIC = frozenset({PUBLIC})

_SENT, _ASKED = "sollicitations-emises", "sollicitations-recues"
#: What a structure may add, beside what plugins bring (R133).
ADDABLE = (
    "factures-travaux",
    "factures-a-valider",
    "remboursement-tic",
    "frais-de-justice",
    "engagements",
    "suivi-des-flux",
    "raccordements",
)
#: The applications open to a public body from the start (R134), beside its sollicitations (R132).
_OF_PUBLIC_BODIES = (
    "engagements",
    "factures-travaux",
    "factures-a-valider",
    FACTURES_EMISES,
    FACTURES_RECUES,
    "remboursement-tic",
    "suivi-des-flux",
    "frais-de-justice",
    "mes-messages",
    ORGANISATION,
    "raccordements",
)


@dataclass(frozen=True)
class Application:
    """One of the portal's own espaces: its key, its names, and the types of structure that may have it."""

    key: str
    label_fr: str
    label_en: str
    description_fr: str
    description_en: str
    structure_types: frozenset[str] = _ANY


APPLICATIONS = (
    Application(
        FACTURES_EMISES,
        "Factures émises",
        "Invoices issued",
        "Déposer ses factures et suivre leur traitement.",
        "Deposit invoices and follow what becomes of them.",
    ),
    Application(
        FACTURES_RECUES,
        "Factures reçues",
        "Invoices received",
        "Traiter les factures adressées à la structure.",
        "Process the invoices addressed to the structure.",
        _PUBLIC,
    ),
    Application(
        ORGANISATION,
        "Organisation",
        "Organisation",
        "Gérer la structure, ses services et ses utilisateurs.",
        "Manage the structure, its services and its users.",
    ),
    Application(
        "factures-travaux",
        "Factures de travaux",
        "Works invoices",
        "Suivre les projets de décompte et les décomptes d'un marché de travaux.",
        "Follow the statements of account of a works contract.",
    ),
    Application(
        "factures-a-valider",
        "Factures à valider",
        "Invoices to validate",
        "Valider les factures de ses sous-traitants et cotraitants.",
        "Validate the invoices of subcontractors and joint contractors.",
    ),
    Application(
        "remboursement-tic",
        "Remboursement de taxe (TIC)",
        "Tax refund (TIC)",
        "Demander le remboursement d'une taxe intérieure de consommation.",
        "Ask for the refund of a domestic consumption tax.",
    ),
    Application(
        "frais-de-justice",
        "Mémoires de frais de justice",
        "Court costs",
        "Déposer et traiter les mémoires de frais de justice.",
        "Deposit and process claims for court costs.",
    ),
    Application(
        "engagements",
        "Engagements",
        "Engagements",
        "Suivre les engagements et les commandes.",
        "Follow legal commitments and orders.",
    ),
    Application(
        "suivi-des-flux",
        "Suivi des flux",
        "Flux",
        "Suivre les fichiers déposés et leur qualification.",
        "Follow the files deposited and their qualification.",
    ),
    Application(
        "raccordements",
        "Raccordement EDI et API",
        "EDI and API connections",
        "Raccorder un système d'information au portail.",
        "Connect an information system to the portal.",
    ),
    Application(
        _SENT,
        "Sollicitations émises",
        "Sollicitations sent",
        "Interroger le support ou un destinataire de factures.",
        "Ask the support or a recipient of invoices.",
    ),
    Application(
        _ASKED,
        "Sollicitations reçues",
        "Sollicitations received",
        "Répondre aux sollicitations des fournisseurs.",
        "Answer the sollicitations of suppliers.",
        _PUBLIC,
    ),
    Application(
        "mes-messages",
        "Mes messages",
        "My messages",
        "Lire les messages des partenaires.",
        "Read the messages of partners.",
        _PUBLIC,
    ),
    Application(
        "processus-de-validation",
        "Processus de validation",
        "Validation process",
        "Faire valider les factures reçues en interne avant leur traitement.",
        "Have the invoices received validated internally before they are processed.",
        _PUBLIC,
    ),
)

#: (type of structure, role) -> espace -> profile that comes with a rattachement at the structure's level (R131, R132, R134).
DEFAULTS: dict[tuple[str, str], dict[str, str]] = {
    (PRIVATE, US): {FACTURES_EMISES: CONSULTATION, _SENT: MODIFICATION},
    (PRIVATE, GP): {FACTURES_EMISES: MODIFICATION, _SENT: MODIFICATION, ORGANISATION: MODIFICATION},
    (PUBLIC, US): dict.fromkeys(_OF_PUBLIC_BODIES, CONSULTATION) | {_SENT: MODIFICATION, _ASKED: CONSULTATION},
    (PUBLIC, GP): dict.fromkeys((*_OF_PUBLIC_BODIES, _SENT, _ASKED), MODIFICATION),
}

_PROFILE_OF_ROLE = {GP: MODIFICATION, US: CONSULTATION}


def offers(origin: str, version: str) -> list[EspaceOffer]:
    """Return the portal's own espaces as the catalogue shows them."""
    return [
        EspaceOffer(
            key=each.key,
            label_fr=each.label_fr,
            label_en=each.label_en,
            description_fr=each.description_fr,
            description_en=each.description_en,
            structure_types=each.structure_types,
            by_default=False,
            origin=origin,
            version=version,
        )
        for each in APPLICATIONS
    ]


def from_the_start(offer: EspaceOffer, structure_type: str) -> bool:
    """Tell whether an espace comes with a structure of this type: the table says so, or the plugin's manifest."""
    return offer.meant_for(structure_type) and (offer.by_default or offer.key in DEFAULTS[structure_type, GP])


def opened_at_creation(known: list[EspaceOffer], structure_type: str) -> list[str]:
    """Return the espaces open from the start for a structure of this type (R131, R132, R134)."""
    return [offer.key for offer in known if from_the_start(offer, structure_type)]


def profiles_of(known: list[EspaceOffer], structure_type: str, role: str) -> dict[str, str]:
    """Return the profile that a role gets, unasked, in each espace open from the start."""
    plugins = {
        offer.key: _PROFILE_OF_ROLE[role] for offer in known if offer.by_default and offer.meant_for(structure_type)
    }
    return plugins | DEFAULTS[structure_type, role]


def profile_asked_for(role: str) -> str:
    """Return the profile that a user of this role gets, or is asked for in his name, when his structure adds an espace (R141)."""
    return _PROFILE_OF_ROLE[role]


def addable(offer: EspaceOffer, structure_type: str) -> bool:
    """Tell whether an espace comes to a structure by being added, not by itself (R133)."""
    return offer.meant_for(structure_type) and not from_the_start(offer, structure_type)
