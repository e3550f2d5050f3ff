# ruff: noqa: E501 - a sentence a line
"""The statuses of an invoice in words: their names in the history, and what each side has to do now."""

from flask import Flask

from . import invoice_cadres
from .languages import N_, gettext, ngettext

LABELS = {
    "BROUILLON": N_("Brouillon"),
    "SUPPRIMEE": N_("Supprimée"),
    "DEPOSEE": N_("Déposée"),
    "EN_COURS_ACHEMINEMENT": N_("En cours d'acheminement"),
    "MISE_A_DISPOSITION": N_("Mise à disposition du destinataire"),
    "A_RECYCLER": N_("À recycler"),
    "SUSPENDUE": N_("Suspendue"),
    "COMPLETEE": N_("Complétée"),
    "REJETEE": N_("Rejetée"),
    "SERVICE_FAIT": N_("Service fait"),
    "PRISE_EN_COMPTE_DESTINATAIRE": N_("Prise en compte par le destinataire"),
    "MANDATEE": N_("Mandatée"),
    "MISE_A_DISPOSITION_COMPTABLE": N_("Mise à disposition du comptable"),
    "COMPTABILISEE": N_("Comptabilisée"),
    "MISE_EN_PAIEMENT": N_("Mise en paiement"),
    "ABANDONNEE": N_("Abandonnée"),
}
"""Of ordinary invoices (B.2); a status that an espace adds is shown with the label that invoicing gives."""

WORK = {
    "issued": ("BROUILLON", "A_RECYCLER", "SUSPENDUE"),
    "received": ("MISE_A_DISPOSITION", "COMPLETEE", "PRISE_EN_COMPTE_DESTINATAIRE", "SERVICE_FAIT"),
}
"""Statuses that wait for each side (R167); invoicing decides what the Synthèse lists."""

SHOWN = {
    "issued": tuple(LABELS),
    "received": tuple(status for status in LABELS if status not in ("BROUILLON", "SUPPRIMEE", "DEPOSEE")),
}
"""Statuses offered as filters; the recipient never sees what was not sent (R162)."""

_NEXT_STEPS = {
    "issued": {
        "BROUILLON": N_(
            "Cette facture n'est pas envoyée : le destinataire ne la voit pas. Contrôlez-la, puis confirmez et envoyez-la."
        ),
        "A_RECYCLER": N_(
            "Corrigez le destinataire, le service ou l'engagement selon le motif, puis renvoyez la facture : elle garde son numéro."
        ),
        "SUSPENDUE": N_("Ajoutez les pièces ou les précisions demandées dans le motif, puis complétez la facture."),
        "REJETEE": N_(
            "Cette facture est terminée. Corrigez selon le motif et émettez une nouvelle facture sous un nouveau numéro."
        ),
        "MISE_EN_PAIEMENT": N_("Rien à faire : le paiement est ordonné."),
        "ABANDONNEE": N_("Rien à faire : vous avez abandonné cette facture. Son numéro reste pris."),
        "SUPPRIMEE": N_("Rien à faire : ce brouillon est supprimé et son numéro est libre."),
    },
    "received": {
        "MISE_A_DISPOSITION": N_(
            "Traitez cette facture. Si une pièce manque, suspendez-la ; si l'adressage est faux, faites-la recycler ; ne rejetez que si les données de facturation sont fausses."
        ),
        "COMPLETEE": N_("Le fournisseur a répondu à la suspension. Reprenez le traitement."),
        "SERVICE_FAIT": N_("Le service fait est constaté. Mandatez la facture."),
        "PRISE_EN_COMPTE_DESTINATAIRE": N_("La facture est prise en charge. Poursuivez le traitement."),
        "MANDATEE": N_(
            "La facture est mandatée. Mettez-la à disposition du comptable ou en paiement. Ne la renvoyez au fournisseur que si le comptable a refusé le mandat."
        ),
        "MISE_A_DISPOSITION_COMPTABLE": N_(
            "La facture est chez le comptable. Ne la renvoyez au fournisseur que s'il a refusé le mandat."
        ),
        "COMPTABILISEE": N_("La facture est comptabilisée. Il reste à la mettre en paiement."),
        "A_RECYCLER": N_("En attente du fournisseur, qui doit corriger l'adressage."),
        "SUSPENDUE": N_("En attente du fournisseur, qui doit compléter la facture."),
        "REJETEE": N_("Rien à faire : la facture est rejetée."),
        "MISE_EN_PAIEMENT": N_("Rien à faire : le paiement est ordonné."),
        "ABANDONNEE": N_("Rien à faire : le fournisseur a abandonné cette facture."),
    },
}
_MOVE_HINTS = {
    "SUSPENDUE": N_("Il manque une pièce ou une précision : le fournisseur complète sa facture."),
    "A_RECYCLER": N_(
        "Le destinataire, le service ou l'engagement est faux : le fournisseur le corrige, sous le même numéro."
    ),
    "REJETEE": N_("Les données de facturation sont fausses : définitif, le fournisseur émet une nouvelle facture."),
    "MISE_EN_PAIEMENT": N_("Le paiement est ordonné : définitif."),
}
_WAITING = {
    "issued": N_("Rien à faire pour l'instant : la facture est chez le destinataire."),
    "received": N_("Rien à faire pour l'instant."),
}
_TONES = {
    "BROUILLON": "draft",
    "A_RECYCLER": "warning",
    "SUSPENDUE": "warning",
    "REJETEE": "danger",
    "ABANDONNEE": "neutral",
    "SUPPRIMEE": "neutral",
    "MISE_EN_PAIEMENT": "success",
    "COMPTABILISEE": "success",
    "MANDATEE": "success",
}
_ACTIONS = {
    "prepare": N_("Préparation"),
    "submit": N_("Envoi"),
    "send": N_("Envoi"),
    "move": N_("Changement de statut"),
    "recycle": N_("Recyclage"),
    "complete": N_("Complément"),
    "delete": N_("Suppression"),
    "acknowledge": N_("Retour acquitté par le fournisseur"),
    "treat-rejection": N_("Rejet traité par le fournisseur"),
    "late": N_("Message arrivé trop tard, sans effet"),
    "confirm": N_("Confirmation de la saisie"),
    "reopen": N_("Reprise de la saisie"),
    "pass": N_("Suite donnée par le portail"),
}
_KINDS = {"FACTURE": N_("Facture"), "AVOIR": N_("Avoir"), "ACOMPTE": N_("Acompte")}
DOCUMENT_KINDS = {
    "original": N_("Fichier déposé"),
    "readable": N_("Version lisible (PDF)"),
    "document": N_("Pièce jointe"),
}


def label(code: str | None) -> str:
    """Return the name of a status, or its code where the portal does not know it."""
    return gettext(LABELS[code]) if code in LABELS else invoice_cadres.status_label(code or "")


def todo(status: str, side: str) -> str:
    """Return what ``side`` ("issued" or "received") has to do with an invoice at ``status``."""
    return gettext(_NEXT_STEPS[side].get(status, _WAITING[side]))


def todo_of_draft(problems: int) -> str:
    """Return what to do with a draft that ``problems`` errors keep from being sent."""
    return ngettext(
        "Cette facture ne peut pas être envoyée : %(num)s erreur l'empêche. Corrigez-la dans votre logiciel, supprimez ce brouillon et déposez le fichier corrigé.",
        "Cette facture ne peut pas être envoyée : %(num)s erreurs l'empêchent. Corrigez-les dans votre logiciel, supprimez ce brouillon et déposez le fichier corrigé.",
        problems,
    )


def todo_in_validation(is_mine: bool) -> str:
    """Return what the supplier has to do while others validate his invoice."""
    if is_mine:
        return gettext("Cette facture vous revient : lisez le motif, corrigez ce qui est demandé et renvoyez-la, ou copiez-la.")
    return gettext("Rien à faire pour l'instant : la facture est validée par d'autres avant d'aller à son destinataire.")


def move_hint(status: str) -> str:
    """Return when a status is the one to choose, and what follows; empty where its name says enough."""
    return gettext(_MOVE_HINTS[status]) if status in _MOVE_HINTS else ""


def tone(status: str) -> str:
    """Return the style of a status's badge; the badge always carries the words as well."""
    return _TONES.get(status, "info")


def action(code: str) -> str:
    """Return the name of a line of the history that is no change of status."""
    return gettext(_ACTIONS.get(code, code))


def kind(code: str) -> str:
    """Return the name of a kind of invoice."""
    return gettext(_KINDS.get(code, code))


def document_kind(code: str) -> str:
    """Return the name of a kind of document."""
    return gettext(DOCUMENT_KINDS.get(code, code))


def init_app(app: Flask) -> None:
    """Give the templates the words."""
    app.jinja_env.globals.update(
        status_label=label,
        todo=todo,
        move_hint=move_hint,
        tone=tone,
        action_label=action,
        kind_label=kind,
        document_label=document_kind,
    )
