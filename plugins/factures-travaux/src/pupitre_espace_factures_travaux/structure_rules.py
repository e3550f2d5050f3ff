"""What the parameters of structures demand (D.9): a structure with a MOA, without one, or that is nothing but MOA."""

from __future__ import annotations

from collections.abc import Iterable

from pupitre_espaces import Finding, Party, RequestDraft

from .actors import MOA, PAYER
from .cadres import TO_PAYER
from .findings import say

#: Which cadre does the same where the structure has no MOA, and where it has one.
WITHOUT_MOA = {"A5": "A6", "A15": "A16", "A17": "A18", "A19": "A16", "A20": "A18", "A25": "A24"}
WITH_MOA = {"A16": "A15", "A18": "A17"}
#: What goes to MOE and MOA at once (D.5); the tacit procedure (A22) runs against the MOA, and needs it.
TOLD_WITH_THE_MOE = {"A7": "warning", "A22": "error"}


def has_moa(party: Party | None) -> bool | None:
    """Tell whether a structure works with a MOA in the portal; None where it is not known."""
    if party is None:
        return None
    told = party.parameters
    if told.get("moa_only") or told.get("with_moa"):
        return True
    return False if told.get("with_moa") is False else None


def check(draft: RequestDraft) -> Iterable[Finding]:
    """Give what is wrong with whom a document is addressed to, each with the cadre that would be right."""
    moa, payer, cadre = draft.party(MOA), draft.party(PAYER), draft.cadre
    if has_moa(moa) is False:
        yield from _without_moa(cadre, moa)
    buyer = next((each for each in (moa, payer) if has_moa(each)), None)
    if buyer is not None and cadre in WITH_MOA:
        right, name = WITH_MOA[cadre], buyer.structure.name
        yield say(
            "structure-avec-moa",
            "error",
            (
                f"{name} travaille avec une MOA : le cadre {cadre} n'y est pas traité.",
                f"{name} works with a MOA: the cadre {cadre} is not processed there.",
            ),
            (f"Déposez avec le cadre {right}.", f"Deposit with the cadre {right}."),
            "cadre",
        )
    if cadre in TOLD_WITH_THE_MOE and moa is None and has_moa(payer):
        name = payer.structure.name
        yield say(
            "moa-non-designee",
            TOLD_WITH_THE_MOE[cadre],
            (
                f"{name} travaille avec une MOA, et la pièce ne la désigne pas.",
                f"{name} works with a MOA, and the document does not name it.",
            ),
            ("Désignez la MOA : la pièce va à elle et à la MOE.", "Name the MOA: the document goes to it and to the MOE."),
            f"party.{MOA}",
        )
    if cadre == "A6" and has_moa(payer):
        yield say(
            "structure-avec-moa",
            "warning",
            (
                f"{payer.structure.name} travaille avec une MOA dans le portail.",
                f"{payer.structure.name} works with a MOA in the portal.",
            ),
            ("Le cadre A5 s'adresse à cette MOA.", "The cadre A5 goes to that MOA."),
            "cadre",
        )
    if payer is not None and payer.parameters.get("moa_only"):
        yield say(
            "exclusivement-moa",
            "error",
            (
                f"{payer.structure.name} est exclusivement MOA : elle ne reçoit pas de factures.",
                f"{payer.structure.name} is nothing but MOA: it receives no invoices.",
            ),
            ("Désignez la structure qui paie.", "Name the structure that pays."),
            f"party.{PAYER}",
        )
    if payer is not None and cadre in TO_PAYER:
        yield from _routing(draft, payer)


def _without_moa(cadre: str, moa: Party) -> Iterable[Finding]:
    right, name = WITHOUT_MOA.get(cadre), moa.structure.name
    if right is None:
        remedy = ("Ne désignez pas de MOA.", "Name no MOA.")
    else:
        remedy = (f"Déposez avec le cadre {right}.", f"Deposit with the cadre {right}.")
    yield say(
        "structure-sans-moa",
        "error",
        (f"{name} n'a pas de MOA dans le portail.", f"{name} has no MOA in the portal."),
        remedy,
        "cadre" if right else f"party.{MOA}",
    )


def _routing(draft: RequestDraft, payer: Party) -> Iterable[Finding]:
    """What the one who pays demands of every invoice (H.6)."""
    name = payer.structure.name
    if payer.parameters.get("requires_engagement") and not draft.form.get("engagement"):
        yield say(
            "engagement-absent",
            "error",
            (f"{name} demande un numéro d'engagement.", f"{name} demands an engagement number."),
            ("Renseignez-le.", "Fill it in."),
            "engagement",
        )
    if payer.parameters.get("requires_service") and not payer.code_service:
        yield say(
            "service-absent",
            "error",
            (f"{name} demande un code service.", f"{name} demands a code service."),
            ("Choisissez le service qui paie.", "Choose the service that pays."),
            f"service.{PAYER}",
        )
