"""Lines that come from a CSV file, and the PDF that the claimant keeps."""

import time
from decimal import Decimal

import pytest
from pupitre_espaces import lines_csv
from support.drawn import pdf_of, structure_of
from tic_requests import LINE, a_request

HEAD = "Numéro de facture;Date de livraison;Type de carburant;Volume;Unité\n"


def line_schema(desk):
    return next(iter(desk.host.kinds().values())).line


@pytest.mark.requirement("R210")
def test_of_three_hundred_lines_two_are_refused_by_name_and_the_others_kept(desk):
    rows = [f"F-{number};{1 + number % 28:02}/05/2023;GNR;{number},25;" for number in range(1, 301)]
    rows[41] = "F-42;31/02/2023;GNR;10;"
    rows[199] = "F-200;12/05/2023;KEROSENE;10;"
    found = lines_csv.read(line_schema(desk), (HEAD + "\n".join(rows)).encode())
    assert found.fault is None
    assert [number for number, _ in found.refused] == [43, 201]
    (_, [day]), (_, [fuel]) = found.refused
    assert (day.term, day.message.fr) == ("43.delivered", "Ligne 43, Date de livraison : Ce n'est pas une date.")
    assert (fuel.term, fuel.message.fr) == ("201.fuel", "Ligne 201, Type de carburant : Ce choix n'est pas proposé.")
    assert len(found.lines) == 298
    request = a_request(desk, lines=found.lines)
    assert desk.errors(request) == []
    volumes = [Decimal(f"{number}.25") for number in range(1, 301) if number not in (42, 200)]
    cents = [(volume * Decimal("14.96")).quantize(Decimal("0.01")) for volume in volumes]
    assert request.completed.amounts.gross == sum(cents)


def test_the_template_asks_only_for_what_is_typed(desk):
    assert lines_csv.template(line_schema(desk), "fr").strip() == HEAD.strip()
    assert lines_csv.columns(line_schema(desk)) == ("invoice", "delivered", "fuel", "volume", "unit")


def test_a_file_without_a_needed_column_says_which(desk):
    assert "volume" in lines_csv.read(line_schema(desk), b"invoice;delivered;fuel\nF-1;2023-05-02;GNR\n").fault.fr


@pytest.mark.requirement("R210")
def test_the_request_is_kept_as_a_pdf_of_the_same_bytes_for_the_same_request(desk):
    request = a_request(desk)
    [proof] = request.completed.files
    assert (proof.name, proof.mime, proof.line) == ("demande-de-remboursement-2023.pdf", "application/pdf", None)
    found = structure_of(proof.content)
    assert [each.text for each in found.root.every("H1")] == ["Demande de remboursement de taxes sur les carburants"]
    assert [each.text for each in found.root.every("TH")] == ["Facture", "Livraison", "Carburant", "Volume", "Unité", "Taux", "Montant"]
    assert {"Total demandé", "Coordonnées bancaires", "Demandeur"} <= {each.text for each in found.root.every("Lbl")}
    kept, number = proof.content, request.number
    request = a_request(desk)
    request.number = number
    again = desk.send(request).completed.files[0].content
    assert (again, pdf_of(again)) == (kept, pdf_of(kept))
    assert a_request(desk, lines=[LINE | {"volume": "13"}], year="2023").completed.files[0].content != kept


def test_the_pdf_of_the_longest_request_is_made_well_within_the_deadline_of_a_hook(desk):
    started = time.process_time()  # what other programs take of the machine does not count
    request = a_request(desk, lines=[LINE | {"invoice": f"F-{number}"} for number in range(2000)])
    assert time.process_time() - started < 4
    assert len(pdf_of(request.completed.files[0].content)) < 5_000_000
    assert request.completed.amounts.gross == 2000 * Decimal("187.00")


def test_a_name_in_any_script_makes_no_harm(desk):
    request = a_request(desk, lines=[LINE | {"invoice": "Ж-1 (2023) \\ €"}])
    assert "Ж-1 (2023) \\ €" in structure_of(request.completed.files[0].content).root.text
    assert desk.errors(request) == []


def test_a_draft_without_a_year_has_no_pdf_yet(desk):
    assert a_request(desk, year="").completed.files == ()
