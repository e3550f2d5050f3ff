# ruff: noqa: E501 - a label a line
"""Labels of the readable invoice, French and English."""
from __future__ import annotations

LABELS: dict[str, tuple[str, str]] = {
    "invoice": ("Facture", "Invoice"),
    "credit_note": ("Avoir", "Credit note"),
    "number": ("n°", "no."),
    "issue_date": ("Date d'émission", "Issue date"),
    "due_date": ("Échéance", "Due date"),
    "delivery_date": ("Date de livraison", "Delivery date"),
    "type_code": ("Type", "Type"),
    "currency": ("Devise", "Currency"),
    "cadre": ("Cadre de facturation", "Cadre de facturation"),
    "seller": ("Fournisseur", "Supplier"),
    "buyer": ("Destinataire", "Recipient"),
    "siret": ("SIRET", "SIRET"),
    "siren": ("SIREN", "SIREN"),
    "vat_number": ("N° TVA", "VAT no."),
    "electronic_address": ("Adresse électronique", "Electronic address"),
    "references": ("Références", "References"),
    "code_service": ("Code service", "Service code"),
    "engagement": ("Numéro d'engagement", "Engagement number"),
    "contract": ("Numéro de marché", "Contract number"),
    "preceding": ("Facture d'origine", "Original invoice"),
    "lines": ("Lignes", "Lines"),
    "line": ("N°", "No."),
    "item": ("Désignation", "Item"),
    "quantity": ("Quantité", "Quantity"),
    "price": ("Prix unitaire HT", "Unit price excl. VAT"),
    "rate": ("TVA %", "VAT %"),
    "net_line": ("Montant HT", "Amount excl. VAT"),
    "more_lines": ("{count} autres lignes figurent dans le fichier de données.", "{count} more lines are in the data file."),
    "no_lines": ("Ce fichier ne détaille pas les lignes.", "This file does not detail the lines."),
    "adjustments": ("Remises et charges", "Allowances and charges"),
    "allowance": ("Remise", "Allowance"),
    "charge": ("Charge", "Charge"),
    "vat": ("TVA", "VAT"),
    "category": ("Catégorie", "Category"),
    "base": ("Base HT", "Taxable amount"),
    "amount": ("Montant", "Amount"),
    "exemption": ("Motif d'exonération", "Exemption reason"),
    "totals": ("Totaux", "Totals"),
    "total_lines": ("Total des lignes", "Sum of lines"),
    "total_allowances": ("Remises", "Allowances"),
    "total_charges": ("Charges", "Charges"),
    "total_net": ("Total HT", "Total excl. VAT"),
    "total_vat": ("Total TVA", "Total VAT"),
    "total_vat_accounting": ("Total TVA en devise de comptabilisation", "Total VAT in accounting currency"),
    "total_gross": ("Total TTC", "Total incl. VAT"),
    "total_prepaid": ("Déjà payé", "Paid"),
    "total_rounding": ("Arrondi", "Rounding"),
    "total_due": ("Net à payer", "Amount due"),
    "payment": ("Paiement", "Payment"),
    "means": ("Mode de paiement", "Payment means"),
    "iban": ("IBAN", "IBAN"),
    "bic": ("BIC", "BIC"),
    "account_name": ("Titulaire du compte", "Account holder"),
    "payee": ("Bénéficiaire", "Payee"),
    "payment_reference": ("Référence à rappeler", "Payment reference"),
    "terms": ("Conditions", "Terms"),
    "notes": ("Mentions", "Notes"),
    "attachments": ("Pièces jointes", "Attachments"),
    "bytes": ("octets", "bytes"),
    "footer": ("Représentation lisible ; le fichier de données fait foi.", "Readable rendering; the data file is authoritative."),
    "footer_facturx": ("Facture électronique Factur-X : les données sont jointes à ce PDF.", "Factur-X electronic invoice: its data are embedded in this PDF."),
    "certificate": ("Certificat de dépôt", "Certificate of deposit"),
    "certificate_says": ("Le portail atteste avoir reçu la facture ci-dessous, avec les fichiers dont les empreintes suivent.",
        "The portal certifies that it received the invoice below, with the files whose hashes follow."),
    "deposit": ("Dépôt", "Deposit"),
    "invoice_number": ("Numéro de facture", "Invoice number"),
    "portal_number": ("Numéro sur le portail", "Number on the portal"),
    "flux": ("Flux", "Flux"),
    "received": ("Reçue le", "Received"),
    "files": ("Fichiers", "Files"),
    "files_inside": ("Pièces jointes contenues dans le fichier déposé", "Attachments inside the deposited file"),
    "file": ("Fichier", "File"),
    "size": ("Taille", "Size"),
    "hash_says": ("L'empreinte SHA-256 identifie le contenu d'un fichier : recalculez-la pour vérifier qu'il n'a pas changé depuis le dépôt.",
        "The SHA-256 hash identifies the content of a file: compute it again to check that it has not changed since the deposit."),
    "footer_certificate": ("Certificat établi par le portail à partir de ses enregistrements.", "Certificate made by the portal from its records."),
    "folder_inside": ("pieces-jointes", "attachments"),
    "file_readable": ("facture-lisible", "readable-invoice"),
    "file_certificate": ("certificat-de-depot", "certificate-of-deposit"),
    "page": ("Page {page} sur {pages}", "Page {page} of {pages}"),
}

PAYMENT_MODES: dict[str, tuple[str, str]] = {
    "VIREMENT": ("Virement", "Credit transfer"), "PRELEVEMENT": ("Prélèvement", "Direct debit"), "CHEQUE": ("Chèque", "Cheque"),
    "ESPECE": ("Espèces", "Cash"), "REPORT": ("Report", "Clearing"), "AUTRE": ("Autre", "Other"),
}

# Unit codes of UN/ECE Recommendation 20 that invoices use most; others are shown as written.
UNITS: dict[str, tuple[str, str]] = {
    "C62": ("unité", "unit"), "H87": ("pièce", "piece"), "EA": ("unité", "each"), "LS": ("forfait", "lump sum"), "SET": ("lot", "set"),
    "HUR": ("h", "h"), "MIN": ("min", "min"), "DAY": ("jour", "day"), "WEE": ("semaine", "week"), "MON": ("mois", "month"), "ANN": ("an", "year"),
    "KGM": ("kg", "kg"), "TNE": ("t", "t"), "MTR": ("m", "m"), "KMT": ("km", "km"), "MTK": ("m²", "m²"), "MTQ": ("m³", "m³"), "LTR": ("l", "l"),
    "KWH": ("kWh", "kWh"), "P1": ("%", "%"),
}

# Notes by subject code (UNTDID 4451), the ones French law makes frequent.
NOTE_SUBJECTS: dict[str, tuple[str, str]] = {
    "PMT": ("Frais de recouvrement", "Recovery costs"), "PMD": ("Pénalités de retard", "Late payment penalties"),
    "AAB": ("Escompte", "Early payment discount"), "BAR": ("Traitement", "Processing"), "TXD": ("Régime de TVA", "VAT scheme"),
    "REG": ("Informations légales", "Regulatory information"), "ABL": ("Informations légales", "Legal information"),
    "AAI": ("Information", "General information"), "SUR": ("Remarque du vendeur", "Supplier remark"),
}


def label(name: str, lang: str, **values: object) -> str:
    """The text of a label in "fr" or "en"; `values` fill its placeholders."""
    return LABELS[name][1 if lang == "en" else 0].format(**values)
