"""What is checked of one line: its service and category, price, VAT, and the expenses that go with it (R202-R205)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from pupitre_espaces import Finding, Label, MadeFile, RequestDraft

from . import bordereau
from .expenses import REAL_COSTS, entries, is_used, total
from .findings import error, warning
from .tariff import DATA, Service, Tariff

ZERO = Decimal("0.00")
#: How many files the calculator may make for one mémoire, two for each line.
MOST_FILES = 100
SHEETS = (".xls", ".xlsx", ".ods")


class LineChecks:
    """Looks at line `index` (from 1) of a draft, and gathers `findings`."""

    def __init__(
        self,
        tariff: Tariff,
        draft: RequestDraft,
        form: Mapping[str, Any],
        index: int,
        line: Mapping[str, Any],
        today: date,
    ) -> None:
        self.draft, self.line, self.findings = draft, line, list[Finding]()
        self._tariff, self._form, self._index, self._today = tariff, form, index, today
        self.service: Service | None = tariff.services.get(line.get("service", ""))
        self._end: date | None = line.get("mission_end") or form.get("mission_end")
        category = form.get("category")
        if self.service is not None and category is not None and category not in self.service.categories:
            self._error(
                "service-of-category",
                "service",
                Label("Cette prestation n'est pas de votre catégorie.", "This service is not of your category."),
                Label("Choisissez une prestation de votre catégorie.", "Choose a service of your category."),
            )

    def mission_end(self) -> date | None:
        """Return when the mission of the line ended; a grouped mémoire says it line by line."""
        typed = self.line.get("mission_end")
        if self._end is None and self._form.get("grouped"):
            self._error(
                "mission-end-missing",
                "mission_end",
                Label(
                    "La fin de cette mission est obligatoire dans un mémoire groupé.",
                    "The end of this mission is required in a grouped mémoire.",
                ),
                Label("Renseignez-la.", "Fill it in."),
            )
        if typed is not None and typed > self._today:
            self._error(
                "mission-not-over",
                "mission_end",
                Label("La mission n'est pas terminée.", "The mission is not over."),
                Label("Corrigez la date.", "Correct the date."),
            )
        return self._end

    def price(self) -> Decimal | None:
        """Return the price of a unit: the tariff's, which is locked, or the quote's."""
        if self.service is None or (self._end is None and not self.service.by_quote):
            return None
        quoted = self.line.get("quoted_price")
        if self.service.by_quote:
            return self._quoted(self.service, quoted)
        price = self.service.price(self._end) if self._end is not None else None
        if price is None:
            self._error(
                "tariff-missing",
                "service",
                Label(
                    f"Le tarif de cette prestation au {self._end:%d/%m/%Y} n'est pas renseigné sur ce portail.",
                    f"The tariff of this service on {self._end} is not filled in on this portal.",
                ),
                Label(
                    f"L'administrateur du portail complète les tarifs ({DATA}).",
                    f"The administrator of the portal fills it in ({DATA}).",
                ),
            )
        elif quoted is not None and quoted != price:
            self._error(
                "price-locked",
                "quoted_price",
                Label(f"Le prix est celui du tarif : {price} EUR.", f"The price is that of the tariff: {price} EUR."),
                Label("Laissez le prix du devis vide.", "Leave the price of the quote empty."),
            )
        return price

    def vat_rate(self) -> Decimal | None:
        """Return the rate of VAT in per cent, the usual one of the service where none was chosen."""
        if self.service is None:
            return None
        typed = self.line.get("vat_rate")
        rate = Decimal(typed) if typed else self.service.vat[0]
        if rate not in self.service.vat:
            usual = ", ".join(f"{each.normalize():f} %" for each in self.service.vat)
            self._error(
                "vat-of-service",
                "vat_rate",
                Label(
                    "Ce taux de TVA n'est pas celui de la prestation.", "This rate of VAT is not one of the service."
                ),
                Label(f"Choisissez : {usual}.", f"Choose: {usual}."),
            )
        return rate

    def expenses(self, files: int) -> tuple[Decimal, list[MadeFile]]:
        """Return the expenses of the line with the bordereaux that the calculator makes, after `files` made before."""
        stated, used = self.line.get("stated_expenses") or ZERO, is_used(self.line)
        if not (stated or used):
            return ZERO, []
        if self.service is not None and not self.service.expenses:
            self._error(
                "expenses-not-refunded",
                "stated_expenses",
                Label(
                    "Aucuns frais divers ne sont remboursés avec cette prestation.",
                    "No expenses are refunded with this service.",
                ),
                Label("Videz les frais divers de cette ligne.", "Empty the expenses of this line."),
            )
            return ZERO, []
        if stated and used:
            self._error(
                "expenses-twice",
                "stated_expenses",
                Label(
                    "Les frais divers sont à la fois saisis et calculés.",
                    "The expenses are both stated and calculated.",
                ),
                Label("Videz le montant, ou le calcul.", "Empty the amount, or the calculation."),
            )
        if used:
            return self._calculated(files)
        if not self._has_bordereau():
            self._error(
                "bordereau-missing",
                "stated_expenses",
                Label(
                    "Le bordereau des frais divers n'est pas joint à cette ligne.",
                    "The bordereau of expenses is not attached to this line.",
                ),
                Label(
                    "Joignez-le à la ligne (« Lier pièce jointe »), ou remplissez le calcul.",
                    "Attach it to the line, or fill in the calculation.",
                ),
            )
        return stated, []

    def _calculated(self, files: int) -> tuple[Decimal, list[MadeFile]]:
        rates = self._tariff.rates(self._end) if self._end is not None else None
        if rates is None:
            if self._end is not None:
                self._error(
                    "rates-missing",
                    "kilometres",
                    Label(
                        f"Les barèmes de frais au {self._end:%d/%m/%Y} ne sont pas renseignés.",
                        f"The rates of expenses on {self._end} are not filled in.",
                    ),
                    Label(
                        f"L'administrateur du portail les complète ({DATA}).",
                        f"The administrator of the portal fills them in ({DATA}).",
                    ),
                )
            return ZERO, []
        if self.line.get("kilometres") and not self.line.get("vehicle"):
            self._error(
                "vehicle-missing",
                "vehicle",
                Label("La puissance fiscale du véhicule manque.", "The fiscal power of the vehicle is missing."),
                Label("Choisissez-la.", "Choose it."),
            )
        if any(self.line.get(name) for name in REAL_COSTS) and not self._files():
            self.findings.append(
                warning(
                    "proofs-missing",
                    "tickets",
                    Label(
                        "Aucun justificatif des coûts réels n'est joint à la ligne.",
                        "No proof of the real costs is attached to the line.",
                    ),
                    Label("Joignez billets, tickets et reçus.", "Attach tickets and receipts."),
                    self._index,
                )
            )
        rows = entries(self.line, rates)
        if files >= MOST_FILES:
            self._error(
                "calculations-too-many",
                "kilometres",
                Label(
                    f"Au plus {MOST_FILES // 2} lignes avec calcul de frais.",
                    f"At most {MOST_FILES // 2} lines with calculated expenses.",
                ),
                Label("Faites un second mémoire.", "Make a second mémoire."),
            )
            return total(rows), []
        language = self.draft.language
        number = {"fr": "ligne", "en": "line"}[language]
        about = f"{self.draft.structure.name}, {self.draft.number}, {number} {self._index}"
        vehicle = self.line.get("vehicle") or "CV5"
        contents = {
            bordereau.XLSX: bordereau.workbook(rows, rates, language, vehicle, about),
            bordereau.PDF: bordereau.document(rows, language, about),
        }
        names = bordereau.names(self._index)
        return total(rows), [
            MadeFile(names[mime], mime, content, line=self._index, designation=bordereau.TITLE.text(language))
            for mime, content in contents.items()
        ]

    def _quoted(self, service: Service, quoted: Decimal | None) -> Decimal | None:
        if quoted is None:
            self._error(
                "quote-missing",
                "quoted_price",
                Label(
                    "Le prix de cette prestation est celui du devis.", "The price of this service is that of the quote."
                ),
                Label("Renseignez-le et joignez le devis.", "Fill it in and attach the quote."),
            )
        elif service.ceiling is not None and quoted > service.ceiling:
            self._error(
                "above-ceiling",
                "quoted_price",
                Label(
                    f"Le devis dépasse le plafond de {service.ceiling} EUR HT.",
                    f"The quote is above the ceiling of {service.ceiling} EUR.",
                ),
                Label("Corrigez le prix.", "Correct the price."),
            )
        return quoted

    def _files(self) -> list[Any]:
        """Return the files that were attached to the line, without those that the calculator made."""
        made = set(bordereau.names(self._index).values())
        return [each for each in self.draft.attachments if each.line == self._index and each.name not in made]

    def _has_bordereau(self) -> bool:
        return any(
            each.name.casefold().endswith(SHEETS) or each.says("bordereau", "frais divers") for each in self._files()
        )

    def _error(self, rule: str, term: str, message: Label, remedy: Label) -> None:
        self.findings.append(error(rule, term, message, remedy, self._index))
