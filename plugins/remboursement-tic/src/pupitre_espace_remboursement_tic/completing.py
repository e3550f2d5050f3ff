"""The espace's word on a draft: rates and amounts filled in, and what keeps the request from being sent (F.2, F.3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from pupitre_espaces import Amounts, Completed, Finding, Label, MadeFile, RequestDraft
from pupitre_espaces.lifecycle import PARIS

from . import proof
from .reference import CENT, DATA, UNITS, Reference
from .request_form import YES

ZERO = Decimal("0.00")
#: Days before the end of the deposit from which a draft warns.
WARNED_BEFORE = 60


def complete(reference: Reference, draft: RequestDraft) -> Completed:
    """Fill in rate and amount of each line, the sum, the deadline and the advance; say what is wrong."""
    today = draft.clock.now().astimezone(PARIS).date()
    year = draft.form.get("year")
    lines, findings = [], list(_of_year(reference, year, today))
    for index, line in enumerate(draft.lines, 1):
        done, found = _line(reference, index, line, year, today)
        lines.append(done)
        findings += found
    findings += _twice(lines)
    total = sum((line["amount"] for line in lines if "amount" in line), ZERO)
    form, more = _form(reference, draft.form, lines, total)
    findings += [*more, *_of_files(reference, draft, lines)]
    files: tuple[MadeFile, ...] = ()
    if year is not None:
        content = proof.draw(draft, form, lines, total, reference)
        files = (MadeFile(f"demande-de-remboursement-{year}.pdf", "application/pdf", content),)
    return Completed(form, tuple(lines), Amounts(total, ZERO, total), files, findings)


def _line(
    reference: Reference, index: int, line: Mapping[str, Any], year: int | None, today: date
) -> tuple[dict[str, Any], list[Finding]]:
    fuel, delivered, volume = line.get("fuel"), line.get("delivered"), line.get("volume")
    done = {name: value for name, value in line.items() if name not in ("rate", "rate_unit", "amount")}
    if fuel is None or delivered is None:
        return done, []
    wrong = [_at(index, *each) for each in _delivery(reference, fuel, delivered, year, today)]
    unit = line.get("unit") or reference.units(fuel)[0]
    if unit not in reference.units(fuel):
        usual = ", ".join(UNITS[each].fr for each in reference.units(fuel))
        wrong.append(
            _at(
                index,
                "unit-of-fuel",
                "unit",
                Label(
                    f"{reference.fuels[fuel].fr} ne se déclare pas en {UNITS[unit].fr}.",
                    f"{reference.fuels[fuel].en} is not stated in {UNITS[unit].en}.",
                ),
                Label(f"Choisissez : {usual}.", f"Choose: {usual}."),
            )
        )
        return done, wrong
    rate = None if reference.closed(fuel, delivered) else reference.rate(fuel, delivered)
    if rate is not None:
        done |= {"rate": rate.value, "rate_unit": f"EUR / {UNITS[rate.per].fr}"}
        if volume is not None:
            done["amount"] = rate.amount(volume, unit)
    return done, wrong


def _delivery(
    reference: Reference, fuel: str, delivered: date, year: int | None, today: date
) -> Iterator[tuple[str, str, Label, Label]]:
    """Give what is wrong with the day of a delivery: (rule, field, message, remedy)."""
    name = reference.fuels[fuel]
    if year is not None and delivered.year != year:
        yield (
            "delivery-other-year",
            "delivered",
            Label(
                f"La livraison du {delivered:%d/%m/%Y} n'est pas de {year}.",
                f"The delivery of {delivered} is not of {year}.",
            ),
            Label("Déclarez-la dans la demande de son année.", "Put it into the request of its year."),
        )
    if delivered > today:
        yield (
            "delivery-to-come",
            "delivered",
            Label("La date de livraison est à venir.", "The day of delivery is still to come."),
            Label("Corrigez la date.", "Correct the date."),
        )
    closed = reference.closed(fuel, delivered)
    if closed is not None:
        remedy = Label("Retirez cette ligne.", "Remove this line.")
        yield "refund-ended", "delivered", closed, remedy
    elif reference.rate(fuel, delivered) is None:
        yield (
            "rate-missing",
            "delivered",
            Label(
                f"Le taux pour {name.fr} livré le {delivered:%d/%m/%Y} n'est pas renseigné sur ce portail.",
                f"The rate for {name.en} delivered on {delivered} is not filled in on this portal.",
            ),
            Label(
                f"L'administrateur du portail complète les taux ({DATA}) ; enregistrez le brouillon et réessayez "
                "ensuite.",
                f"The administrator of the portal fills the rates in ({DATA}); keep the draft and try again then.",
            ),
        )
    last = reference.last_day(delivered.year, fuel, delivered)
    if today > last:
        yield (
            "too-late",
            "delivered",
            Label(
                f"{name.fr} livré en {delivered.year} : le dépôt est clos depuis le {last:%d/%m/%Y}.",
                f"{name.en} delivered in {delivered.year}: the deposit ended on {last}.",
            ),
            Label("Retirez cette ligne.", "Remove this line."),
        )


def _of_year(reference: Reference, year: int | None, today: date) -> Iterator[Finding]:
    if year is None:
        return
    last = reference.last_day(year)
    if year > today.year:
        yield _error(
            "year-to-come",
            "year",
            Label(f"L'année {year} n'a pas commencé.", f"The year {year} has not begun."),
            Label("Corrigez l'année.", "Correct the year."),
        )
    elif year == today.year:
        yield _warning(
            "year-not-over",
            "year",
            Label(
                "L'année n'est pas terminée, et une seule demande est admise par année.",
                "The year is not over, and one request is admitted for a year.",
            ),
            Label("Attendez la dernière livraison avant d'envoyer.", "Wait for the last delivery before you send it."),
        )
    if today > last:
        yield _error(
            "too-late",
            "year",
            Label(
                f"Le dépôt pour {year} est clos depuis le {last:%d/%m/%Y}.", f"The deposit for {year} ended on {last}."
            ),
            Label("Cette demande ne peut plus être envoyée.", "This request cannot be sent any more."),
        )
    elif (last - today).days <= WARNED_BEFORE:
        yield _warning(
            "soon-too-late",
            "year",
            Label(
                f"Il reste {(last - today).days} jours pour déposer (jusqu'au {last:%d/%m/%Y}).",
                f"{(last - today).days} days are left to deposit (until {last}).",
            ),
            Label("Envoyez la demande avant cette date.", "Send the request before that day."),
        )
    settled = reference.settled_by(year)
    if settled is not None:
        yield _warning(
            "advance-to-settle",
            "year",
            Label(
                f"Si vous avez reçu une avance pour {year}, la demande se dépose jusqu'au {settled:%d/%m/%Y}, "
                "même sans ligne ; sinon l'avance est reversée.",
                f"If you had an advance for {year}, the request is deposited by {settled}, even without a line; "
                "else the advance is paid back.",
            ),
            Label("Envoyez la demande à temps.", "Send the request in time."),
        )


def _form(
    reference: Reference, typed: Mapping[str, Any], lines: list[dict[str, Any]], total: Decimal
) -> tuple[dict[str, Any], list[Finding]]:
    form = {name: value for name, value in typed.items() if name not in ("advance_taken", "advance_amount", "last_day")}
    year, asked = form.get("year"), form.get("advance")
    if year is None:
        return form, []
    known = [(line["fuel"], line["delivered"]) for line in lines if "fuel" in line and "delivered" in line]
    days = [reference.last_day(year, fuel, delivered) for fuel, delivered in known if delivered.year == year]
    form["last_day"] = min([reference.last_day(year), *days])
    offer, wrong = reference.advance(year), []
    if offer is None and asked == YES:
        wrong.append(
            _error(
                "no-advance",
                "advance",
                Label(
                    f"La campagne {year} n'ouvre droit à aucune avance.", f"The campaign of {year} gives no advance."
                ),
                Label("Choisissez « Non » ou laissez vide.", "Choose “No”, or leave it empty."),
            )
        )
    taken = offer is not None and (asked == YES or (asked is None and offer[1]))
    percent = offer[0] if offer is not None and taken else 0
    form["advance_taken"] = f"{percent} %"
    form["advance_amount"] = (total * percent / 100).quantize(CENT, ROUND_HALF_UP)
    if not lines:
        wrong.append(
            Finding(
                "zero-request",
                "warning",
                Label(
                    "La demande n'a aucune ligne : elle vaut déclaration à zéro.",
                    "The request has no line: it states zero.",
                ),
                Label("Envoyez-la ainsi, ou ajoutez les livraisons.", "Send it as it is, or add the deliveries."),
            )
        )
    return form, wrong


def _twice(lines: list[dict[str, Any]]) -> Iterator[Finding]:
    names = ("invoice", "delivered", "fuel", "volume")
    seen: Counter[tuple[Any, ...]] = Counter()
    for index, line in enumerate(lines, 1):
        key = tuple(line.get(name) for name in names)
        if None in key:
            continue
        seen[key] += 1
        if seen[key] == 2:
            yield Finding(
                "line-twice",
                "warning",
                Label(
                    f"Ligne {index} : la même livraison figure déjà.",
                    f"Line {index}: the same delivery stands there already.",
                ),
                Label("Vérifiez que ce n'est pas un doublon.", "Make sure that it is no duplicate."),
                term=f"{index}.invoice",
            )


def _of_files(reference: Reference, draft: RequestDraft, lines: list[dict[str, Any]]) -> Iterator[Finding]:
    accounts = [each for each in draft.attachments if each.says("rib", "iban", "relevé d'identité")]
    if not accounts:
        yield _error(
            "rib-missing",
            "files",
            Label("Le RIB au nom du demandeur n'est pas joint.", "The RIB in the claimant's name is not attached."),
            Label("Joignez-le, désigné « RIB ».", "Attach it, designated “RIB”."),
        )
    demanded = dict.fromkeys(
        document
        for line in lines
        if "delivered" in line and "fuel" in line
        for document in reference.documents(line["delivered"], line["fuel"])
    )
    proofs = [each for each in draft.attachments if each not in accounts]
    for label, words in demanded:
        found = [each for each in proofs if each.says(*words)]
        proofs = [each for each in proofs if each not in found]
        if not found:
            yield _error(
                "document-missing",
                "files",
                Label(f"Pièce exigée pour cette année : {label.fr}.", f"Document demanded for that year: {label.en}."),
                Label(f"Joignez-la, désignée « {label.fr} ».", f"Attach it, designated “{label.fr}”."),
            )
    if lines and not proofs:
        yield _error(
            "invoices-missing",
            "files",
            Label("Aucune facture de carburant n'est jointe.", "No fuel invoice is attached."),
            Label(
                "Joignez les factures, avec l'adresse de livraison ; un seul PDF peut en contenir plusieurs.",
                "Attach the invoices, with the address of delivery; one PDF may hold several.",
            ),
        )


def _at(index: int, rule: str, field: str, message: Label, remedy: Label) -> Finding:
    where = Label(f"Ligne {index} : {message.fr}", f"Line {index}: {message.en}")
    return Finding(rule, "error", where, remedy, term=f"{index}.{field}")


def _error(rule: str, term: str, message: Label, remedy: Label) -> Finding:
    return Finding(rule, "error", message, remedy, term=term)


def _warning(rule: str, term: str, message: Label, remedy: Label) -> Finding:
    return Finding(rule, "warning", message, remedy, term=term)
