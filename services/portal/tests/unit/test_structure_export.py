"""The export of a structure as it is made: what the zip holds, what its manifest says, and that nothing is held together (P28)."""

import csv
import datetime
import hashlib
import io
import itertools
import json
import tracemalloc
import uuid
import zipfile
from decimal import Decimal

import pytest
from pupitre_bus.blobs import BlobStore
from pupitre_contracts import bank_details as accounts
from pupitre_contracts import errors, history, invoicing, organisation, rattachements, requests
from pupitre_contracts import structure_export as calls
from pupitre_contracts.flux_report import FluxFile
from pupitre_portal import structure_export as export
from pupitre_portal import structure_export_columns as columns
from support.repository import ROOT

HERE, USER, SERVICE = uuid.UUID(int=1), uuid.UUID(int=2), uuid.UUID(int=3)
NOW = datetime.datetime(2026, 3, 15, 9, 30, tzinfo=datetime.UTC)
PAGE = 20


def a_structure():
    service = organisation.StructureService(
        structure_service_id=SERVICE, portal_number=5, code="VOIRIE", label="Voirie", active=True, starts_on=NOW.date(),
        requires_engagement=True,
    )  # fmt: skip
    return organisation.Structure(
        structure_id=HERE, portal_number=1, identifier_type="SIRET", identifier="21750001600019", name="Ville de Test", type="PUBLIC",
        active=True, address=organisation.Address(city="Test"), parameters=organisation.Parameters(), services=[service], espaces=[],
    )  # fmt: skip


def a_line(number):
    return invoicing.HistoryEntry(number=number, at=NOW, actor="user:1", action="send", digest="d" * 64, comment="=cmd()")


def an_invoice(number, **changes):
    values = {
        "invoice_id": uuid.UUID(int=number), "portal_number": number, "number": f"F/{number}", "kind": "FACTURE", "cadre": "A1",
        "status": "MISE_A_DISPOSITION", "status_label_fr": "x", "status_label_en": "x", "version": 1, "status_at": NOW,
        "supplier_structure_id": HERE, "supplier_name": "=Ville", "currency": "EUR", "gross": Decimal("-12.50"), "deposit_mode": "FLUX",
        "content": {"lines": [{"name": "é"}]}, "documents": [], "history": [a_line(1)], "moves": [],
        "report": invoicing.Report(verdict="valid", findings=[], terms={}),
    }  # fmt: skip
    return invoicing.Invoice(**(values | changes))


def a_validator():
    role = {"role": "titulaire", "role_label_fr": "x", "role_label_en": "x", "espace": "a-viser", "acts": False, "sees": True}
    return invoicing.InvoiceParty(structure_id=HERE, identifier="21750001600019", name="Ville", answered_at=NOW, **role)


def a_request(number, **changes):
    role = {"role_label_fr": "x", "role_label_en": "x", "espace": "essais", "acts": True, "sees": True}
    party = requests.RequestParty(role="demandeur", structure_id=HERE, identifier="21750001600019", name="=Ville", **role)
    values = {
        "request_id": uuid.UUID(int=number), "portal_number": number, "espace": "essais", "kind": "aide", "cadre": "A21",
        "kind_label_fr": "x", "kind_label_en": "x", "number": f"D/{number}", "status": "DEPOSEE", "status_label_fr": "x",
        "status_label_en": "x", "version": 1, "created_at": NOW, "status_at": NOW, "maker_role": "demandeur", "maker_structure_id": HERE,
        "maker_name": "=Ville", "gross": Decimal("12.50"), "parties": [party], "roles": ["demandeur", "garant"], "acts": True,
        "form": {"objet": "é"}, "lines": [{"volume": "2.5"}], "documents": [], "findings": [], "moves": [], "next_cadres": [],
        "history": [a_line(1)], "can_edit": False,
    }  # fmt: skip
    return requests.Request(**(values | changes))


class Services:
    """Answers as organisation and invoicing do, page by page, and counts what was asked."""

    def __init__(self, blobs, invoices=3, files=1):
        self.blobs, self.invoices, self.files, self.asked, self.requests = blobs, invoices, files, [], 2
        self.large, self._put = None, {}

    def stored(self, content, name, kind="original"):
        sha256 = self._put.get(content) or self._put.setdefault(content, self.blobs.put(content))
        return calls.StoredFile(kind=kind, name=name, mime="application/xml", size=len(content), sha256=sha256)

    def __call__(self, call, /, **values):
        request = call.Request(**values)
        assert request.structure_id == HERE
        self.asked.append(call)
        return call.Reply(**getattr(self, f"_{call.method}")(request))

    def _export_structure(self, request):
        account = accounts.Account(kind="IBAN", country="FR", key="76", national="3000600001", bic="AGRIFRPP882")
        file = self.stored(b"%PDF rib", "rib.pdf")
        kept = accounts.AccountFile(name="rib.pdf", mime="application/pdf", size=8, sha256=file.sha256)
        bank = accounts.BankDetails(
            bank_details_id=USER, portal_number=4, name="Compte", kind="IBAN", masked="x", version=1, account=account, file=kept
        )
        right = organisation.EspaceRight(espace="factures-recues", profile="MODIFICATION", structure_service_ids=[SERVICE])
        member = rattachements.Member(
            user_id=USER, email="a@b.fr", given_name="Ada", family_name="L", role="US", espaces=[right], whole_structure=True
        )
        documents = [self.stored(b"k", "kbis.pdf", "kept")]
        return {"structure": a_structure(), "members": [member], "bank_details": [bank], "documents": documents}

    def _export_structure_history(self, request):
        if request.after:
            return {"lines": []}
        changes = [history.Change(what="name", before="A", after="B")]
        line = history.HistoryLine(number=1, at=NOW, actor="user:1", action="x", object="espace:x", changes=changes, noted=[], digest="d")
        return {"lines": [line], "next": 1}

    def _export_invoices(self, request):
        numbers = list(range(request.after + 1, min(request.after + PAGE, self.invoices) + 1)) if request.side == "issued" else []
        found = []
        for number in numbers:
            content = f"<Invoice>{number % 10}</Invoice>".encode()
            files = [self.stored(content, "f.xml") for _ in range(self.files)]
            if self.large is not None:
                files.append(self.stored(self.large, "gros.bin", "document"))
            found.append(calls.ExportedInvoice(invoice=an_invoice(number, parties=[a_validator()]), files=files, absent=[]))
        return {"invoices": found, "next": numbers[-1] if len(numbers) == PAGE else None}

    def _export_flux(self, request):
        flux = invoicing.Flux(
            flux_id=USER, numero_flux="CPP001", structure_id=HERE, syntaxe_flux="FLUX_MIXTE", code_interface="FSO1117A",
            file_name="lot.zip", state="IN_INTEGRE_PARTIEL", state_at=NOW, deposited_at=NOW, total=2, accepted=1, refused=1, errors=[],
        )  # fmt: skip
        fault = invoicing.FluxError(technical=False, code="D-DBL", rule="PUP-X", message="pris")
        items = [FluxFile(position=0, file_name="a.xml", outcome="accepted", errors=[])]
        items.append(FluxFile(position=1, file_name="b.xml", outcome="refused", errors=[fault, fault]))
        return {"flux": [calls.ExportedFlux(flux=flux, file=self.stored(b"PK lot", "lot.zip", "flux"), files=items)]}

    def _export_requests(self, request):
        numbers = list(range(request.after + 1, min(request.after + PAGE, self.requests) + 1))
        file = self.stored(b"%PDF bon", "bon.pdf")
        same = {"mime": "application/pdf", "size": file.size, "sha256": file.sha256, "added_at": NOW}
        files = [requests.RequestDocument(document_id=uuid.UUID(int=n), name="bon.pdf", line=n, made=n == 2, **same) for n in (1, 2)]
        found = [a_request(number, documents=files) for number in numbers]
        return {"requests": found, "next": numbers[-1] if len(numbers) == PAGE else None}

    def _export_records(self, request):
        key = "a" if request.after is None else "b"
        place = {"espace": "essais", "collection": "chantiers", "key": key}
        record = calls.ExportedRecord(**place, document={"nom": "=é"}, version=1, changed_at=NOW, changed_by="Ada")
        return {"records": [record], "next": calls.RecordPlace(**place) if key == "a" else None}


@pytest.fixture
def services(tmp_path):
    return Services(BlobStore.from_uri(tmp_path / "blobs"))


def pieces(services, **values):
    return export.pieces(services, services.blobs, export.begun(services, HERE), NOW, **values)


def opened(services, **values):
    return zipfile.ZipFile(io.BytesIO(b"".join(pieces(services, **values))))


def rows(archive, name):
    read = list(csv.DictReader(io.StringIO(archive.read(f"{name}.csv").decode("utf-8-sig"), newline=""), delimiter=";"))
    assert len(read) == len(json.loads(archive.read(f"{name}.json")))
    return read


def test_every_file_is_in_the_manifest_with_its_hash_and_size(services):
    services.large = bytes(export.WHOLE + 1)
    with opened(services) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert (names[0], names[-1]) == ("README.txt", "manifest.json")
        manifest = json.loads(archive.read("manifest.json"))
        assert (manifest["format"], manifest["identifier"], manifest["absent"]) == (export.FORMAT, "21750001600019", [])
        assert [each["path"] for each in manifest["files"]] == names[:-1]
        assert len({name.casefold() for name in names}) == len(names)
        for each in manifest["files"]:
            content = archive.read(each["path"])
            assert (len(content), hashlib.sha256(content).hexdigest()) == (each["size"], each["sha256"])


def test_the_indexes_say_what_there_is_and_where(services):
    services.files = 2
    with opened(services) as archive:
        for index in columns.INDEXES:
            read = rows(archive, index.name)
            assert read, index.name
            assert list(read[0]) == list(index.columns)
            assert all(list(each) == list(index.columns) for each in json.loads(archive.read(f"{index.name}.json")))
            for each in read:
                if each.get("sha256"):
                    assert hashlib.sha256(archive.read(each["path"])).hexdigest() == each["sha256"]
        first = rows(archive, "invoices")[0]
        assert (first["side"], first["number"], first["gross"], first["path"]) == ("issued", "F/1", "-12.50", "issued/1-F-1")
        assert first["supplier_name"] == "'=Ville"
        assert json.loads(archive.read("issued/1-F-1/invoice.json"))["content"] == {"lines": [{"name": "é"}]}
        assert len(rows(archive, "invoice-files")) == 6
        assert [each["code"] for each in rows(archive, "flux-files")] == ["", "D-DBL", "D-DBL"]
        assert rows(archive, "invoice-parties")[0]["role"] == "titulaire"
        assert "moves" not in json.loads(archive.read("issued/1-F-1/invoice.json"))
        [right] = rows(archive, "habilitations")
        assert (right["email"], right["espace"], right["services"]) == ("a@b.fr", "factures-recues", "VOIRIE")
        [bank] = rows(archive, "bank-details")
        assert (bank["name"], bank["national"], archive.read(bank["path"])) == ("Compte", "3000600001", b"%PDF rib")
        readme = archive.read("README.txt").decode()
        assert "Export de toutes les données de Ville de Test (21750001600019)" in readme
        assert "Export of all data of Ville de Test (21750001600019)" in readme
        assert all(column in readme for index in columns.INDEXES for column in index.columns)


def test_requests_lie_in_a_folder_by_espace_and_what_espaces_keep_in_an_index(services):
    with opened(services) as archive:
        folder = "requests/essais/1-D-1"
        assert {name.removeprefix(f"{folder}/").split("-")[0] for name in archive.namelist() if name.startswith(f"{folder}/")} == {
            "request.json", "bon.pdf", "bon",
        }  # fmt: skip
        kept = json.loads(archive.read(f"{folder}/request.json"))
        assert (kept["form"], kept["lines"], kept["gross"]) == ({"objet": "é"}, [{"volume": "2.5"}], "12.50")
        assert not {"moves", "next_cadres", "can_edit"} & set(kept)
        first, second = rows(archive, "requests")
        assert (first["number"], first["gross"], first["roles"], first["path"]) == ("D/1", "12.50", "demandeur, garant", folder)
        assert (first["maker_name"], first["acts"], second["portal_number"]) == ("'=Ville", "true", "2")
        assert [each["portal_number"] for each in rows(archive, "request-parties")] == ["1", "2"]
        assert rows(archive, "request-history")[0]["comment"] == "'=cmd()"
        assert [(each["line"], each["made"]) for each in rows(archive, "request-files")] == [("1", "false"), ("2", "true")] * 2
        assert [(each["espace"], each["key"], each["document"]) for each in rows(archive, "records")] == [
            ("essais", "a", '{"nom": "=é"}'),
            ("essais", "b", '{"nom": "=é"}'),
        ]


def test_a_file_that_the_store_lacks_or_that_is_damaged_is_said_and_the_rest_comes(services, tmp_path):
    whole = services.stored(b"<ok/>", "f.xml")
    damaged, lost = services.stored(b"<bad/>", "bad.xml"), services.stored(b"<lost/>", "lost.xml")
    folder = tmp_path / "blobs"
    (folder / damaged.sha256[:2] / damaged.sha256[2:4] / damaged.sha256).write_bytes(b"<BAD/>")
    (folder / lost.sha256[:2] / lost.sha256[2:4] / lost.sha256).unlink()
    one = calls.ExportedInvoice(invoice=an_invoice(1), files=[whole, damaged, lost], absent=["cii: perdu / lost"])
    services._export_invoices = lambda request: {"invoices": [one] if request.side == "received" else []}
    with opened(services) as archive:
        absent = json.loads(archive.read("manifest.json"))["absent"]
        assert [each["path"] for each in absent] == ["received/1-F-1/bad.xml", "received/1-F-1/lost.xml", "received/1-F-1"]
        assert absent[0]["reason"] == "abîmé / damaged"
        assert archive.read("received/1-F-1/f.xml") == b"<ok/>"
        assert [each["path"] for each in rows(archive, "invoice-files")] == ["received/1-F-1/f.xml", "", ""]


def test_a_refusal_comes_before_the_first_piece(services):
    services._export_structure = lambda request: (_ for _ in ()).throw(errors.NotFound(what="structure"))
    with pytest.raises(errors.NotFound):
        export.begun(services, HERE)


def test_thousands_of_invoices_and_requests_are_asked_for_as_they_are_sent_and_never_held(services):
    """What has been asked for is at most one page ahead of what was given, pieces stay small, and memory does not follow the number."""
    services.invoices = services.requests = 3000
    given = pieces(services)
    seen = b"".join(itertools.islice(given, 200))
    pages = services.asked.count(calls.ExportInvoices)
    assert 1 <= pages <= seen.count(b"invoice.json") / PAGE + 1
    tracemalloc.start()
    sizes = [len(piece) for piece in given]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert services.asked.count(calls.ExportInvoices) == 3000 // PAGE + 1 + 1
    assert services.asked.count(calls.ExportRequests) == 3000 // PAGE + 1
    # The directory at the end of a zip names every file: that, and nothing else, grows with their number.
    assert max(sizes[:-1]) < 300_000 < sum(sizes[:-1])
    assert peak < 25_000_000


def test_a_file_of_any_size_comes_in_small_pieces(services):
    services.invoices, services.large = 1, b"".join(hashlib.sha256(n.to_bytes(4)).digest() for n in range(300_000))
    largest = max(len(piece) for piece in pieces(services))
    assert largest < 1_000_000 < export.WHOLE < len(services.large)


@pytest.mark.parametrize("index", columns.INDEXES, ids=lambda index: index.name)
def test_the_reference_page_says_what_each_column_means(index):
    page = (ROOT / "docs/reference/structure-export.md").read_text()
    [section] = [part for part in page.split("\n### ")[1:] if part.startswith(f"`{index.name}`")]
    table = section.split("\n## ")[0]
    assert [row.split(" | ") for row in table.splitlines() if row.startswith("| `")] == [
        [f"| `{column}`", f"{meaning[1]} |"] for column, meaning in index.columns.items()
    ]
