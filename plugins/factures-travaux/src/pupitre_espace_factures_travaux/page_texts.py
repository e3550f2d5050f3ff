"""The texts of the pages, in both languages."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

FRENCH = {
    "follow.title": "Suivi des montants",
    "follow.none": "Aucun dossier pour l'instant.",
    "follow.dossier": "Dossier",
    "follow.contract": "Marché",
    "follow.month": "Mois",
    "follow.claimed": "Demandé TTC",
    "follow.moe": "Admis MOE TTC",
    "follow.moa": "Admis MOA TTC",
    "follow.last": "Dernière pièce",
    "follow.date": "Date légale (indicatif)",
    "follow.to_do": "Pièces qui attendent une action de votre part : {count}.",
    "follow.limit": "Les dossiers des pièces les plus récentes.",
    "choose.title": "Quel cadre de facturation ?",
    "choose.who": "Vous êtes",
    "choose.works": "Le marché",
    "choose.works.oui": "Marché de travaux, CCAG Travaux",
    "choose.works.non": "Autre marché",
    "choose.stage": "L'étape",
    "choose.stage.mensuel": "En cours de marché, chaque mois",
    "choose.stage.final": "Fin de marché : décompte final",
    "choose.stage.general": "Décompte général reçu ou à notifier",
    "choose.stage.tacite": "Décompte général non notifié à temps",
    "choose.moe": "La MOE",
    "choose.moe.oui": "Utilise le portail",
    "choose.moe.non": "N'utilise pas le portail",
    "choose.moa": "L'acheteur",
    "choose.send": "Trouver le cadre",
    "choose.answer": "Cadre {code}",
    "choose.none": "Pas de cadre dans cet espace",
    "choose.deposit": "Déposer avec ce cadre",
    "sheets.title": "Fiches d'identité des marchés",
    "sheets.none": "Aucune fiche en vigueur.",
    "sheets.new": "Nouvelle fiche",
    "sheets.why": "La fiche se remplit avant la première pièce ; elle préremplit les dépôts de tous les acteurs qu'elle désigne.",
    "sheet.title": "Marché {marche}",
    "sheet.unknown": "Cette fiche n'existe pas, ou ne vous désigne pas.",
    "sheet.actors": "Acteurs",
    "sheet.amounts": "Montants des membres du groupement conjoint",
    "sheet.role": "Rôle",
    "sheet.name": "Structure",
    "sheet.siret": "SIRET",
    "sheet.service": "Code service",
    "sheet.deposits": "Dépose",
    "sheet.own": "Vos dépôts",
    "sheet.from": "{code} : depuis la pièce qui précède, dans son dossier",
    "sheet.print": "Cette page s'imprime telle quelle.",
    "sheet.replace": "Nouvelle fiche à partir des mêmes données",
}
ENGLISH = {
    "follow.title": "Follow the amounts",
    "follow.none": "No dossier yet.",
    "follow.dossier": "Dossier",
    "follow.contract": "Contract",
    "follow.month": "Month",
    "follow.claimed": "Claimed, gross",
    "follow.moe": "Admitted by the MOE, gross",
    "follow.moa": "Admitted by the MOA, gross",
    "follow.last": "Last document",
    "follow.date": "Legal date (indicative)",
    "follow.to_do": "Documents that wait for you: {count}.",
    "follow.limit": "The dossiers of the newest documents.",
    "choose.title": "Which cadre de facturation?",
    "choose.who": "You are",
    "choose.works": "The contract",
    "choose.works.oui": "Works contract, CCAG Travaux",
    "choose.works.non": "Another contract",
    "choose.stage": "The stage",
    "choose.stage.mensuel": "During the contract, each month",
    "choose.stage.final": "End of the contract: final account",
    "choose.stage.general": "General account received, or to be notified",
    "choose.stage.tacite": "General account not notified in time",
    "choose.moe": "The MOE",
    "choose.moe.oui": "Uses the portal",
    "choose.moe.non": "Does not use the portal",
    "choose.moa": "The buyer",
    "choose.send": "Find the cadre",
    "choose.answer": "Cadre {code}",
    "choose.none": "No cadre in this espace",
    "choose.deposit": "Deposit with this cadre",
    "sheets.title": "Identity sheets of contracts",
    "sheets.none": "No sheet is in force.",
    "sheets.new": "New sheet",
    "sheets.why": "The sheet is filled in before the first document; it fills in the deposits of all actors whom it names.",
    "sheet.title": "Contract {marche}",
    "sheet.unknown": "This sheet does not exist, or does not name you.",
    "sheet.actors": "Actors",
    "sheet.amounts": "Amounts of the members of the groupement conjoint",
    "sheet.role": "Role",
    "sheet.name": "Structure",
    "sheet.siret": "SIRET",
    "sheet.service": "Code service",
    "sheet.deposits": "Deposits",
    "sheet.own": "Your deposits",
    "sheet.from": "{code}: from the document before, in its dossier",
    "sheet.print": "This page prints as it is.",
    "sheet.replace": "New sheet from the same data",
}
TEXTS = {"fr": FRENCH, "en": ENGLISH}


def money(value: Any, language: str) -> str:
    """Return an amount as people write it; nothing for none."""
    if value is None:
        return ""
    text = f"{Decimal(value):,.2f}"
    if language != "fr":
        return f"€{text}"
    # As the portal writes amounts: spaces that keep one on its line.
    return text.replace(",", "\N{NARROW NO-BREAK SPACE}").replace(".", ",") + "\N{NO-BREAK SPACE}€"
