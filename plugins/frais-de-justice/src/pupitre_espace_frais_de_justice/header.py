"""What is checked of the header: the four questions that end it all, the dates, the year within which it is sent, the documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from pupitre_espaces import Attachment, Finding, Label

from . import forclusion
from .findings import error, warning
from .memoire_form import HEARD_AS_EXPERT, NO
from .tariff import Tariff

#: What is no court cost, and who pays instead (E.1), by field of the form.
EXCLUSIONS = {
    "legal_aid": (
        Label(
            "Une affaire avec aide juridictionnelle ne relève pas des frais de justice.",
            "A case with legal aid is no court cost.",
        ),
        Label(
            "Adressez-vous à la juridiction au titre de l'aide juridictionnelle.", "Address the court, under legal aid."
        ),
    ),
    "consignation": (
        Label(
            "Une expertise avec consignation n'est pas payée par un mémoire.",
            "An expertise with a deposit is not paid by a mémoire.",
        ),
        Label(
            "Le greffe vous paie sur la consignation des parties.", "The registry pays you from the parties' deposit."
        ),
    ),
    "heard": (
        Label(
            "Témoins, jurés et parties civiles sont indemnisés sans mémoire.",
            "Witnesses, jurors and civil parties are paid without a mémoire.",
        ),
        Label(
            "Adressez votre convocation à la régie du tribunal.", "Send your summons to the cash office of the court."
        ),
    ),
    "prefecture": (
        Label(
            "Une réquisition de la préfecture relève d'une procédure administrative.",
            "A requisition of the préfecture is an administrative procedure.",
        ),
        Label("Adressez votre facture à la préfecture.", "Send your invoice to the préfecture."),
    ),
}


def exclusions(form: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Return why it is no court cost: then nothing else is looked at."""
    return tuple(
        error(f"not-{field.replace('_', '-')}", field, message, remedy)
        for field, (message, remedy) in EXCLUSIONS.items()
        if form.get(field) not in (None, NO, HEARD_AS_EXPERT)
    )


def dates(form: Mapping[str, Any], today: date) -> Iterator[Finding]:
    """Give what is wrong with the dates of the header."""
    start, end, decided, issued = (form.get(name) for name in ("mission_start", "mission_end", "decided", "issued"))
    correct = Label("Corrigez la date.", "Correct the date.")
    if end is None and not form.get("grouped"):
        yield error(
            "mission-end-missing",
            "mission_end",
            Label("La date de fin de mission est obligatoire.", "The end of the mission is required."),
            Label("Renseignez-la, ou cochez « mémoire groupé ».", "Fill it in, or tick “grouped mémoire”."),
        )
    if end is not None and end > today:
        message = Label("La mission n'est pas terminée.", "The mission is not over.")
        yield error("mission-not-over", "mission_end", message, correct)
    if start is not None and end is not None and start > end:
        message = Label("La mission commence après sa fin.", "The mission begins after its end.")
        yield error("mission-dates", "mission_start", message, correct)
    if decided is not None and end is not None and decided > end:
        message = Label("La décision est postérieure à la mission.", "The decision is later than the mission.")
        yield error("decision-late", "decided", message, correct)
    if issued is not None and issued > today:
        message = Label("La date du mémoire est à venir.", "The date of the mémoire is still to come.")
        yield error("issued-to-come", "issued", message, correct)


def within_a_year(
    mission_end: date, today: date, refuses: bool, term: str, line: int | None = None
) -> Iterator[Finding]:
    """Give what the year from the end of the mission says: how many days are left, or that it is over (`refuses`: then it is not sent)."""
    last = forclusion.last_day(mission_end)
    if last is None:
        yield warning(
            "older-rule",
            term,
            Label(
                "Mission antérieure au 31/12/2020 : l'ancienne règle s'applique.",
                "Mission before 31 December 2020: the older rule holds.",
            ),
            Label("Le magistrat taxateur apprécie le délai.", "The magistrate who taxes judges the delay."),
            line,
        )
    elif today > last:
        say = error if refuses else warning
        yield say(
            "forclusion",
            term,
            Label(
                f"Forclusion : le délai d'un an a pris fin le {last:%d/%m/%Y}.", f"Too late: the year ended on {last}."
            ),
            Label(
                "Le magistrat taxateur constate la forclusion ; adressez-vous à la juridiction.",
                "The magistrate who taxes notes that the claim is lost; address the court.",
            ),
            line,
        )
    elif today >= forclusion.warned_from(mission_end):
        left = (last - today).days
        yield warning(
            "forclusion-near",
            term,
            Label(f"Il reste {left} jours avant la forclusion ({last:%d/%m/%Y}).", f"{left} days are left ({last})."),
            Label("Envoyez le mémoire avant cette date.", "Send the mémoire before that day."),
            line,
        )


def documents(
    tariff: Tariff, form: Mapping[str, Any], by_quote: bool, files: tuple[Attachment, ...]
) -> Iterator[Finding]:
    """Give the documents that are missing (E.5). Those of a line count too, but one at least is the mémoire's own."""
    if all(each.line is not None for each in files):
        yield error(
            "documents-missing",
            "files",
            Label("Aucune pièce n'est jointe au mémoire.", "No document is attached to the mémoire."),
            Label(
                "Joignez la réquisition ou l'ordonnance et les justificatifs.",
                "Attach the requisition or order, and the proofs.",
            ),
        )
    occasions = [form.get("category") or ""]
    occasions += ["quote"] if by_quote else []
    occasions += ["grouped"] if form.get("grouped") else []
    for label, words, severity in tariff.documents(*occasions):
        if any(each.says(*words) for each in files):
            continue
        say = error if severity == "error" else warning
        yield say(
            "document-missing",
            "files",
            Label(f"Pièce attendue : {label.fr}.", f"Document expected: {label.en}."),
            Label(f"Joignez-la, désignée « {label.fr} ».", f"Attach it, designated “{label.en}”."),
        )


def without_lines() -> Finding:
    """Return what is said of a mémoire without a line."""
    return error(
        "lines-missing",
        "lines",
        Label("Le mémoire n'a aucune ligne de prestation.", "The mémoire has no line."),
        Label("Enregistrez l'en-tête, puis ajoutez une prestation.", "Keep the header, then add a service."),
    )
