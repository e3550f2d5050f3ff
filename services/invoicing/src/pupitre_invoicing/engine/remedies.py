# ruff: noqa: E501 - a rule a line
"""What the common official rules mean and what to do about them, in French and English.

The English message of a rule is its official text. French messages are ours, since CEN publishes none.
"""
from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple


class Entry(NamedTuple):
    """`term` is the term to correct; `fr` the French message; `shows` the terms whose value helps to understand."""

    term: str
    fr: str
    fix_fr: str
    fix_en: str
    shows: str = ""


def _missing(term: str, fr: str, en: str, where: str = "") -> Entry:
    """An obligatory term that is absent."""
    return Entry(term, f"{fr} ({term}) manque{where}.", f"Renseignez {term} : {fr[0].lower() + fr[1:]}.", f"Provide {term}: {en}.")


_LINE = " sur une ligne de facture"

CATALOGUE: dict[str, Entry] = {
    "BR-01": _missing("BT-24", "L'identifiant de profil", "the specification identifier, e.g. urn:cen.eu:en16931:2017"),
    "BR-02": _missing("BT-1", "Le numéro de facture", "the invoice number"),
    "BR-03": _missing("BT-2", "La date d'émission", "the issue date"),
    "BR-04": _missing("BT-3", "Le code de type de facture", "the invoice type code, e.g. 380, or 381 for a credit note"),
    "BR-05": _missing("BT-5", "La devise", "the currency code, e.g. EUR"),
    "BR-06": _missing("BT-27", "La raison sociale du vendeur", "the seller name"),
    "BR-07": _missing("BT-44", "La raison sociale de l'acheteur", "the buyer name"),
    "BR-08": _missing("BG-5", "L'adresse du vendeur", "the seller postal address"),
    "BR-09": _missing("BT-40", "Le code pays du vendeur", "the seller country code, e.g. FR"),
    "BR-10": _missing("BG-8", "L'adresse de l'acheteur", "the buyer postal address"),
    "BR-11": _missing("BT-55", "Le code pays de l'acheteur", "the buyer country code, e.g. FR"),
    "BR-12": _missing("BT-106", "La somme des montants nets des lignes", "the sum of the line net amounts"),
    "BR-13": _missing("BT-109", "Le total hors taxe", "the total without VAT"),
    "BR-14": _missing("BT-112", "Le total toutes taxes comprises", "the total with VAT"),
    "BR-15": _missing("BT-115", "Le montant à payer", "the amount due for payment"),
    "BR-16": Entry("BG-25", "La facture n'a aucune ligne (BG-25).", "Ajoutez au moins une ligne de facture.", "Add at least one invoice line."),
    "BR-17": _missing("BT-59", "Le nom du bénéficiaire", "the payee name", " alors qu'un bénéficiaire est déclaré"),
    "BR-18": _missing("BT-62", "Le nom du représentant fiscal", "the tax representative name"),
    "BR-19": _missing("BG-12", "L'adresse du représentant fiscal", "the tax representative postal address"),
    "BR-20": _missing("BT-69", "Le code pays du représentant fiscal", "the tax representative country code"),
    "BR-21": _missing("BT-126", "L'identifiant de ligne", "the line identifier", _LINE),
    "BR-22": _missing("BT-129", "La quantité facturée", "the invoiced quantity", _LINE),
    "BR-23": _missing("BT-130", "L'unité de la quantité facturée", "the unit code of the quantity, e.g. C62", _LINE),
    "BR-24": _missing("BT-131", "Le montant net", "the line net amount", _LINE),
    "BR-25": _missing("BT-153", "Le nom de l'article", "the item name", _LINE),
    "BR-26": _missing("BT-146", "Le prix unitaire net", "the item net price", _LINE),
    "BR-27": Entry("BT-146", "Le prix unitaire net (BT-146) est négatif.", "Portez le signe sur la quantité, jamais sur le prix.", "Put the sign on the quantity, never on the price."),
    "BR-28": Entry("BT-148", "Le prix unitaire brut (BT-148) est négatif.", "Portez le signe sur la quantité, jamais sur le prix.", "Put the sign on the quantity, never on the price."),
    "BR-29": Entry("BT-74", "La période de facturation finit avant de commencer.", "Corrigez BT-73 et BT-74.", "Correct BT-73 and BT-74.", "BT-73 BT-74"),
    "BR-30": Entry("BT-135", "La période d'une ligne finit avant de commencer.", "Corrigez BT-134 et BT-135.", "Correct BT-134 and BT-135."),
    "BR-31": _missing("BT-92", "Le montant d'une remise du document", "the amount of the document allowance"),
    "BR-32": _missing("BT-95", "Le code de TVA d'une remise du document", "the VAT category of the document allowance"),
    "BR-33": _missing("BT-97", "Le motif d'une remise du document", "the reason of the document allowance (or its code, BT-98)"),
    "BR-36": _missing("BT-99", "Le montant d'une charge du document", "the amount of the document charge"),
    "BR-37": _missing("BT-102", "Le code de TVA d'une charge du document", "the VAT category of the document charge"),
    "BR-38": _missing("BT-104", "Le motif d'une charge du document", "the reason of the document charge (or its code, BT-105)"),
    "BR-41": _missing("BT-136", "Le montant d'une remise de ligne", "the amount of the line allowance"),
    "BR-42": _missing("BT-139", "Le motif d'une remise de ligne", "the reason of the line allowance (or its code, BT-140)"),
    "BR-43": _missing("BT-141", "Le montant d'une charge de ligne", "the amount of the line charge"),
    "BR-44": _missing("BT-144", "Le motif d'une charge de ligne", "the reason of the line charge (or its code, BT-145)"),
    "BR-45": _missing("BT-116", "La base imposable d'un taux de TVA", "the taxable amount of the VAT category"),
    "BR-46": _missing("BT-117", "Le montant de TVA d'un taux", "the tax amount of the VAT category"),
    "BR-47": _missing("BT-118", "Le code de type de TVA", "the VAT category code, e.g. S"),
    "BR-48": _missing("BT-119", "Le taux de TVA", "the VAT rate"),
    "BR-49": _missing("BT-81", "Le mode de paiement", "the payment means code, e.g. 30 for a credit transfer"),
    "BR-50": _missing("BT-84", "L'IBAN du compte à créditer", "the IBAN of the account to credit"),
    "BR-51": Entry("BT-87", "Le numéro de carte (BT-87) est écrit en entier.", "N'en gardez que les 6 premiers et les 4 derniers chiffres.", "Keep the first 6 and the last 4 digits only."),
    "BR-52": _missing("BT-122", "La référence d'une pièce jointe", "the reference of the supporting document"),
    "BR-53": _missing("BT-111", "Le total de TVA en devise de comptabilisation", "the total VAT amount in accounting currency"),
    "BR-54": _missing("BT-160", "Le nom ou la valeur d'une caractéristique d'article", "the name and the value (BT-161) of the item attribute"),
    "BR-55": _missing("BT-25", "Le numéro de la facture antérieure", "the number of the preceding invoice"),
    "BR-56": _missing("BT-63", "Le numéro de TVA du représentant fiscal", "the VAT identifier of the tax representative"),
    "BR-57": _missing("BT-80", "Le code pays de livraison", "the deliver-to country code"),
    "BR-61": Entry("BT-84", "L'IBAN (BT-84) est obligatoire pour un paiement par virement (BT-81).", "Ajoutez l'IBAN du compte à créditer, ou corrigez le mode de paiement.", "Add the IBAN of the account to credit, or correct the payment means.", "BT-81"),
    "BR-62": Entry("BT-34", "L'adresse électronique du vendeur (BT-34) n'indique pas son registre.", "Ajoutez schemeID, par exemple 0225.", "Add schemeID, e.g. 0225."),
    "BR-63": Entry("BT-49", "L'adresse électronique de l'acheteur (BT-49) n'indique pas son registre.", "Ajoutez schemeID, par exemple 0225.", "Add schemeID, e.g. 0225."),
    "BR-64": Entry("BT-157", "La référence standard de l'article (BT-157) n'indique pas son registre.", "Ajoutez schemeID, par exemple 0160 pour un GTIN.", "Add schemeID, e.g. 0160 for a GTIN."),
    "BR-65": Entry("BT-158", "La classification de l'article (BT-158) n'indique pas sa nomenclature.", "Ajoutez listID, par exemple STI pour le code CPV.", "Add listID, e.g. STI for a CPV code."),
    "BR-CO-03": Entry("BT-7", "La date (BT-7) et le code (BT-8) d'exigibilité de la TVA sont tous deux présents.", "Gardez l'un des deux.", "Keep one of the two.", "BT-7 BT-8"),
    "BR-CO-04": _missing("BT-151", "Le code de type de TVA", "the VAT category code of the line", _LINE),
    "BR-CO-09": Entry("BT-31", "Un numéro de TVA ne commence pas par un code de pays.", "Faites précéder le numéro du code du pays, par exemple FR.", "Prefix the number with the country code, e.g. FR.", "BT-31 BT-48 BT-63"),
    "BR-CO-10": Entry("BT-106", "La somme des montants nets (BT-106) n'est pas égale au total des lignes (BT-131).", "Recalculez BT-106 : somme des BT-131.", "Recompute BT-106: the sum of BT-131."),
    "BR-CO-11": Entry("BT-107", "Le total des remises (BT-107) n'est pas égal à la somme des remises (BT-92).", "Recalculez BT-107 : somme des BT-92.", "Recompute BT-107: the sum of BT-92."),
    "BR-CO-12": Entry("BT-108", "Le total des charges (BT-108) n'est pas égal à la somme des charges (BT-99).", "Recalculez BT-108 : somme des BT-99.", "Recompute BT-108: the sum of BT-99."),
    "BR-CO-13": Entry("BT-109", "Le total hors taxe (BT-109) est faux.", "BT-109 = BT-106 − BT-107 + BT-108.", "BT-109 = BT-106 − BT-107 + BT-108.", "BT-109 BT-106 BT-107 BT-108"),
    "BR-CO-14": Entry("BT-110", "Le total de TVA (BT-110) n'est pas égal à la somme des TVA par taux (BT-117).", "Recalculez BT-110 : somme des BT-117.", "Recompute BT-110: the sum of BT-117."),
    "BR-CO-15": Entry("BT-112", "Le total toutes taxes comprises (BT-112) est faux.", "BT-112 = BT-109 + BT-110.", "BT-112 = BT-109 + BT-110.", "BT-112 BT-109 BT-110"),
    "BR-CO-16": Entry("BT-115", "Le montant à payer (BT-115) est faux.", "BT-115 = BT-112 − BT-113 + BT-114.", "BT-115 = BT-112 − BT-113 + BT-114.", "BT-115 BT-112 BT-113 BT-114"),
    "BR-CO-17": Entry("BT-117", "Un montant de TVA (BT-117) n'est pas égal à la base (BT-116) multipliée par le taux (BT-119).", "Recalculez la TVA de ce taux, arrondie à 2 décimales.", "Recompute the VAT of this rate, rounded to 2 decimals."),
    "BR-CO-18": Entry("BG-23", "La ventilation de la TVA (BG-23) manque.", "Ajoutez un groupe par taux de TVA.", "Add one group for each VAT rate."),
    "BR-CO-19": _missing("BT-73", "Une borne de la période de facturation", "the start or the end (BT-74) of the invoicing period"),
    "BR-CO-20": _missing("BT-134", "Une borne de la période", "the start or the end (BT-135) of the line period", _LINE),
    "BR-CO-21": _missing("BT-97", "Le motif d'une remise du document", "the reason of the document allowance, or its code (BT-98)"),
    "BR-CO-22": _missing("BT-104", "Le motif d'une charge du document", "the reason of the document charge, or its code (BT-105)"),
    "BR-CO-23": _missing("BT-139", "Le motif d'une remise de ligne", "the reason of the line allowance, or its code (BT-140)"),
    "BR-CO-24": _missing("BT-144", "Le motif d'une charge de ligne", "the reason of the line charge, or its code (BT-145)"),
    "BR-CO-25": _missing("BT-9", "L'échéance (ou les conditions de paiement, BT-20)", "the due date, or the payment terms (BT-20)"),
    "BR-CO-26": Entry("BT-29", "Le vendeur n'a aucun identifiant (BT-29, BT-30 ou BT-31).", "Donnez le SIRET (BT-29), le SIREN (BT-30) ou le numéro de TVA (BT-31).", "Give the SIRET (BT-29), the SIREN (BT-30) or the VAT number (BT-31)."),
    "UBL-SR-16": Entry("BT-46", "L'acheteur porte plusieurs identifiants (BT-46), ce que ce profil n'admet pas.", "Gardez le SIRET et mettez le code service en BT-10, ou utilisez le profil EXTENDED-CTC-FR.", "Keep the SIRET and put the service code in BT-10, or use the profile EXTENDED-CTC-FR."),
    "CII-DT-031": Entry("", "L'attribut currencyID n'est admis que sur le total de TVA.", "Retirez currencyID des autres montants : la devise est celle de BT-5.", "Remove currencyID from the other amounts: the currency is that of BT-5."),
}

_CATEGORIES = {
    "S": ("au taux normal (S)", "standard rated (S)"), "Z": ("à taux zéro (Z)", "zero rated (Z)"),
    "E": ("exonérée (E)", "exempt (E)"), "AE": ("en autoliquidation (AE)", "reverse charge (AE)"),
    "IC": ("intracommunautaire (K)", "intra-Community supply (K)"), "G": ("à l'export (G)", "export (G)"),
    "O": ("hors champ de la TVA (O)", "outside the scope of VAT (O)"), "AF": ("IGIC (L)", "IGIC (L)"), "AG": ("IPSI (M)", "IPSI (M)"),
    "IG": ("IGIC (L)", "IGIC (L)"), "IP": ("IPSI (M)", "IPSI (M)"), "B": ("split payment (B)", "split payment (B)"),
}
_TAX_WITH_VAT_NUMBER = ("S", "Z", "E", "AE", "IC", "G", "AF", "AG", "IG", "IP")


def _category(match: re.Match[str], text: str) -> Entry:
    """The rules of one VAT category share their numbering: 01 breakdown, 02-04 numbers, 05-07 rates, 08 base, 09 tax, 10 reason."""
    category, number = match.group(1), int(match.group(2))
    fr, en = _CATEGORIES[category]
    if number == 1:
        return Entry("BT-118", f"La ventilation de la TVA n'a pas, ou pas exactement une fois, la catégorie {fr} que la facture utilise.",
                     "Ajoutez cette catégorie à la ventilation (BG-23).", f"Add the category {en} to the breakdown (BG-23).")
    if number in (2, 3, 4):
        if category == "O":
            return Entry("BT-31", f"Une opération {fr} ne doit porter ni numéro de TVA du vendeur ni numéro de l'acheteur.",
                         "Retirez BT-31, BT-48 et BT-63, ou corrigez la catégorie de TVA.", "Remove BT-31, BT-48 and BT-63, or correct the VAT category.")
        return Entry("BT-31", f"Une opération {fr} demande le numéro de TVA du vendeur (BT-31)"
                     + (" et celui de l'acheteur (BT-48)." if category in ("AE", "IC") else "."),
                     "Renseignez le numéro de TVA manquant.", "Provide the missing VAT number.")
    if number in (5, 6, 7):
        term = {5: "BT-152", 6: "BT-96", 7: "BT-103"}[number]
        rate = "supérieur à 0" if category == "S" else "absent" if category == "O" else "0" if category not in ("AF", "AG", "IG", "IP") else "0 ou plus"
        rate_en = {"supérieur à 0": "greater than 0", "absent": "absent", "0": "0", "0 ou plus": "0 or more"}[rate]
        return Entry(term, f"Le taux de TVA ({term}) d'une opération {fr} doit être {rate}.", f"Corrigez {term}.", f"{term} must be {rate_en}.")
    if number == 8:
        return Entry("BT-116", f"La base imposable (BT-116) de la catégorie {fr} n'est pas égale aux lignes, moins remises, plus charges.",
                     "Recalculez BT-116 pour ce taux.", "Recompute BT-116 for this rate.")
    if number == 9:
        return Entry("BT-117", f"Le montant de TVA (BT-117) de la catégorie {fr} est faux.",
                     "Recalculez BT-117 : base × taux, ou 0 si la catégorie n'est pas taxée.", "Recompute BT-117: base × rate, or 0 when the category is not taxed.")
    if number == 10:
        if category in ("S", "Z", "AF", "AG", "IG", "IP"):
            return Entry("BT-120", f"La catégorie {fr} ne doit pas porter de motif d'exonération.", "Retirez BT-120 et BT-121.", "Remove BT-120 and BT-121.")
        return Entry("BT-120", f"Le motif d'exonération (BT-120 ou BT-121) manque pour la catégorie {fr}.",
                     "Indiquez le motif, par exemple l'article du code général des impôts.", "Give the reason, e.g. the article of the tax code.")
    return Entry("", f"La catégorie de TVA {fr} ne s'accorde pas avec le reste de la facture.", "Vérifiez les catégories de TVA des lignes, remises et charges.",
                 "Check the VAT categories of lines, allowances and charges.")


_LISTS = {
    "01": ("BT-3", "UNTDID 1001"), "03": ("BT-5", "ISO 4217"), "04": ("BT-5", "ISO 4217"), "05": ("BT-6", "ISO 4217"), "06": ("BT-8", "UNTDID 2005"),
    "07": ("BT-18", "UNTDID 1153"), "08": ("BT-21", "UNTDID 4451"), "10": ("BT-29", "ISO 6523 (0009 = SIRET)"), "11": ("BT-30", "ISO 6523 (0002 = SIREN)"),
    "13": ("BT-158", "UNTDID 7143"), "14": ("BT-40", "ISO 3166-1"), "15": ("BT-159", "ISO 3166-1"), "16": ("BT-81", "UNTDID 4461"),
    "17": ("BT-118", "UNTDID 5305"), "18": ("BT-151", "UNTDID 5305"), "19": ("BT-98", "UNTDID 5189"), "20": ("BT-105", "UNTDID 7161"),
    "21": ("BT-157", "ISO 6523"), "22": ("BT-121", "CEF VATEX"), "23": ("BT-130", "UN/ECE Rec 20 et 21"), "24": ("BT-125", "types MIME"),
    "25": ("BT-34", "CEF EAS (0225 = annuaire français)"), "26": ("BT-71", "ISO 6523"),
}


def _code_list(match: re.Match[str], text: str) -> Entry:
    term, name = _LISTS.get(match.group(1), ("", "demandée"))
    return Entry(term, f"Un code n'appartient pas à la liste {name}.", f"Choisissez un code de la liste {name}.", f"Choose a code of the list {name}.")


def _decimals(match: re.Match[str], text: str) -> Entry:
    term = re.search(r"BT-\d+", text)
    label = term.group(0) if term else ""
    return Entry(label, f"Le montant {label} compte plus de 2 décimales.", "Arrondissez à 2 décimales.", "Round to 2 decimals.")


def _structure(match: re.Match[str], text: str) -> Entry:
    element = re.search(r"[A-Z][A-Za-z]{3,}", text)
    name = element.group(0) if element else "cet élément"
    return Entry("", f"Élément ou attribut non prévu par la norme EN 16931, ou répété : {text}.",
                 f"Retirez {name} ou n'en gardez qu'un.", f"Remove {name if element else 'this element'}, or keep one only.")


def _occurs(match: re.Match[str], text: str) -> Entry | None:
    found = re.search(r"Element '(?:\w+:)?(\w+)' must occur (exactly|at least|at most) (\d+)", text)
    if found is None:
        return None
    how_fr = {"exactly": "exactement", "at least": "au moins", "at most": "au plus"}[found.group(2)]
    return Entry("", f"L'élément {found.group(1)} doit figurer {how_fr} {found.group(3)} fois.",
                 f"Ajoutez ou retirez {found.group(1)} selon le profil choisi (BT-24).", f"Add or remove {found.group(1)} as the chosen profile (BT-24) requires.")


def _profile_code(match: re.Match[str], text: str) -> Entry | None:
    """Remarks of the Factur-X rules that repeat no rule of EN 16931: occurrences, lists, and data that a profile ignores."""
    if "marked as not used" in text:
        return Entry("", f"Le profil n'utilise pas cette donnée : {text}", "Retirez-la, ou choisissez un profil plus riche.", "Remove it, or choose a richer profile.")
    if "is not allowed" in text or "Value of" in text:
        return Entry("", f"La valeur n'appartient pas à la liste du profil : {text}", "Choisissez une valeur de la liste.", "Choose a value of the list.")
    return _occurs(match, text)


FAMILIES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], str], Entry | None]], ...] = (
    (re.compile(r"BR-(S|Z|E|AE|IC|G|O|AF|AG|IG|IP|B)-(\d\d)"), _category),
    (re.compile(r"BR-CL-(\d\d)"), _code_list),
    (re.compile(r"BR-DEC-(\d\d)"), _decimals),
    (re.compile(r"(?:UBL|CII)-(?:CR|DT|SR)-\d+"), _structure),
    (re.compile(r"FX-SCH-A-\d+|"), _profile_code),
)

# The French rules: English message, French remedy, English remedy.
FRENCH: dict[str, tuple[str, str, str]] = {
    "BR-FR-01": ("The invoice number exceeds 35 characters or holds a forbidden one", "Utilisez au plus 35 lettres, chiffres et signes - + _ /.", "Use at most 35 letters, digits and the signs - + _ /."),
    "BR-FR-02": ("The invoice number is not in the allowed form", "Utilisez lettres, chiffres et signes - + _ /, sans espace.", "Use letters, digits and the signs - + _ /, no blanks."),
    "BR-FR-03": ("The date must lie between 2000 and 2099", "Corrigez la date.", "Correct the date."),
    "BR-FR-04": ("The document type code is not accepted in France", "Utilisez 380, 381, 384, 386, 389 ou un autre code de la liste.", "Use 380, 381, 384, 386, 389 or another code of the list."),
    "BR-FR-05": ("A mandatory legal note is missing (PMT, PMD or AAB)", "Ajoutez une note PMT (frais de recouvrement), une note PMD (pénalités de retard) et une note AAB (escompte) ; en UBL : #PMT#texte.", "Add one note PMT (recovery costs), one PMD (late penalties) and one AAB (discount); in UBL: #PMT#text."),
    "BR-FR-06": ("A legal note appears more than once", "Gardez une seule note de ce code.", "Keep one note of this code."),
    "BR-FR-08": ("The cadre de facturation (BT-23) is absent or not in the list", "Utilisez un cadre de la réforme, par exemple S1 (services), B1 (biens) ou M1 (mixte) ; A1 est l'ancien code.", "Use a cadre of the reform, e.g. S1 (services), B1 (goods) or M1 (both); A1 is the old code."),
    "BR-FR-09": ("The SIRET must have 14 digits and begin with the SIREN", "Vérifiez que le SIRET et le SIREN désignent la même structure.", "Check that SIRET and SIREN are of the same structure."),
    "BR-FR-10": ("The seller's SIREN (BT-30, scheme 0002) is mandatory", "Renseignez le SIREN du vendeur, 9 chiffres, schemeID 0002.", "Provide the seller's SIREN, 9 digits, schemeID 0002."),
    "BR-FR-11": ("The buyer's SIREN (BT-47, scheme 0002) is mandatory for B2B", "Renseignez le SIREN de l'acheteur, 9 chiffres, schemeID 0002.", "Provide the buyer's SIREN, 9 digits, schemeID 0002."),
    "BR-FR-12": ("The buyer's electronic address (BT-49) is mandatory", "Renseignez l'adresse de l'annuaire, schemeID 0225.", "Provide the directory address, schemeID 0225."),
    "BR-FR-13": ("The seller's electronic address (BT-34) is mandatory", "Renseignez l'adresse de l'annuaire, schemeID 0225.", "Provide the directory address, schemeID 0225."),
    "BR-FR-15": ("The VAT category is not used in France", "Utilisez S, E, AE, K, G, O ou Z.", "Use S, E, AE, K, G, O or Z."),
    "BR-FR-16": ("The VAT rate is not a French rate", "Utilisez un taux français, par exemple 20, 10, 5.5, 2.1 ou 0.", "Use a French rate, e.g. 20, 10, 5.5, 2.1 or 0."),
    "BR-FR-17": ("The kind of attachment (BT-123) is not in the list", "Utilisez RIB, LISIBLE, BON_COMMANDE, BON_LIVRAISON, DOCUMENT_ANNEXE ou un autre code de la liste.", "Use RIB, LISIBLE, BON_COMMANDE, BON_LIVRAISON, DOCUMENT_ANNEXE or another code of the list."),
    "BR-FR-18": ("Only one attachment may be LISIBLE", "Gardez une seule pièce LISIBLE.", "Keep one LISIBLE attachment."),
    "BR-FR-20": ("The value of the note BAR is not in the list", "Utilisez B2B, B2BINT, B2C, B2CINT, OUTOFSCOPE ou ARCHIVEONLY.", "Use B2B, B2BINT, B2C, B2CINT, OUTOFSCOPE or ARCHIVEONLY."),
    "BR-FR-21": ("The buyer's electronic address must begin with its SIREN, scheme 0225", "Écrivez SIREN, SIREN_SIRET ou SIREN_SIRET_CODE avec schemeID 0225.", "Write SIREN, SIREN_SIRET or SIREN_SIRET_CODE with schemeID 0225."),
    "BR-FR-22": ("The seller's electronic address must begin with its SIREN, scheme 0225", "Écrivez SIREN, SIREN_SIRET ou SIREN_SIRET_CODE avec schemeID 0225.", "Write SIREN, SIREN_SIRET or SIREN_SIRET_CODE with schemeID 0225."),
    "BR-FR-23": ("The electronic address holds a forbidden character", "Utilisez lettres, chiffres et signes - _ .", "Use letters, digits and the signs - _ ."),
    "BR-FR-24": ("The private identifier holds a forbidden character", "Utilisez lettres, chiffres et signes - _ .", "Use letters, digits and the signs - _ ."),
    "BR-FR-25": ("The electronic address exceeds 125 characters", "Raccourcissez cette adresse.", "Shorten this address."),
    "BR-FR-26": ("The private identifier exceeds 100 characters", "Raccourcissez cet identifiant.", "Shorten this identifier."),
    "BR-FR-32": ("A SIREN has exactly 9 digits", "Écrivez le SIREN sous 0002 et le SIRET sous 0009.", "Write the SIREN under 0002 and the SIRET under 0009."),
    "BR-FR-CO-04": ("A corrective invoice names one preceding invoice", "Renseignez BT-25 et BT-26 une seule fois.", "Provide BT-25 and BT-26 once."),
    "BR-FR-CO-05": ("A credit note names the invoice it credits", "Renseignez le numéro (BT-25) et la date (BT-26) de la facture d'origine.", "Provide the number (BT-25) and date (BT-26) of the original invoice."),
    "BR-FR-CO-07": ("The due date (BT-9) is before the issue date (BT-2)", "Corrigez l'échéance.", "Correct the due date."),
    "BR-FR-CO-08": ("A final invoice after down payment cannot have this type code", "Corrigez le cadre (BT-23) ou le type (BT-3).", "Correct the cadre (BT-23) or the type (BT-3)."),
    "BR-FR-CO-09": ("An invoice already paid must have BT-113 = BT-112 and BT-115 = 0", "Renseignez le montant payé et un net à payer nul, ou corrigez le cadre.", "Provide the paid amount and a zero amount due, or correct the cadre."),
    "BR-FR-CO-12": ("The VAT total in euros is mandatory", "Ajoutez BT-111 en EUR.", "Add BT-111 in EUR."),
    "BR-FR-DEC-01": ("An amount has at most 2 decimals and 19 digits, with a decimal point", "Corrigez le montant.", "Correct the amount."),
    "BR-FR-DEC-02": ("A quantity has at most 4 decimals and 19 digits, with a decimal point", "Corrigez la quantité.", "Correct the quantity."),
    "BR-FR-DEC-03": ("A price is positive, with at most 6 decimals and 19 digits", "Corrigez le prix.", "Correct the price."),
    "BR-FR-DEC-04": ("A VAT rate is positive, with at most 2 decimals", "Corrigez le taux.", "Correct the rate."),
}
