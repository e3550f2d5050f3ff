"""Bank details of a structure: kept with their RIB file, listed masked, and told to nobody else (R086 to R089)."""

import pytest
import sqlalchemy as sa
from organisation_world import logged, together
from pupitre_bus.actors import Actor
from pupitre_contracts import bank_details, errors, platform, structure_documents
from pupitre_organisation import tables

ACCOUNT = bank_details.Account(kind="IBAN", country="FR", key="76", national="30006000011234567890189", bic="AGRIFRPP882")
RIB = bank_details.Account(kind="RIB", bank="30002", branch="00550", number="0000157841Z", key="25")
FILE = bank_details.AccountFile(name="rib.pdf", mime="application/pdf", size=1000, sha256="ab" * 32)
FACTOR = bank_details.Factor(name="Factor SA", country="FR", identifier_type="SIRET", identifier="73282932000074")


def add(bus, structure, **values):
    said = {"structure_id": structure.structure_id, "name": "Compte principal", "account": ACCOUNT, "file": FILE}
    return bus.call(bank_details.AddBankDetails, **(said | values)).bank_details


def listed(bus, structure):
    return bus.call(bank_details.ListBankDetails, structure_id=structure.structure_id).bank_details


def named(structure, details):
    return {"structure_id": structure.structure_id, "bank_details_id": details.bank_details_id}


@pytest.fixture
def supplier(create):
    return create(type="PRIVATE", name="Atelier Duval")


@pytest.mark.requirement("R086")
@pytest.mark.requirement("R089")
def test_several_accounts_are_kept_listed_by_name_changed_and_taken_out_of_use(supplier, member):
    _, gestionnaire = member(supplier, "GP")
    _, simple = member(supplier)
    made = add(gestionnaire, supplier)
    add(gestionnaire, supplier, name="Affacturage", account=RIB, factor=FACTOR)
    shown = listed(simple, supplier)
    assert [(each.name, each.masked, each.factor_name) for each in shown] == [
        ("Affacturage", "3000 •••• 1Z25", "Factor SA"),
        ("Compte principal", "FR76 •••• 0189", None),
    ]
    whole = gestionnaire.call(bank_details.GetBankDetails, **named(supplier, made)).bank_details
    assert (whole.account, whole.factor, whole.file) == (ACCOUNT, None, FILE)
    values = {**named(supplier, made), "version": made.version, "name": "Compte courant", "account": RIB}
    changed = gestionnaire.call(bank_details.ChangeBankDetails, **values).bank_details
    assert (changed.name, changed.kind, changed.version) == ("Compte courant", "RIB", 2)
    assert gestionnaire.call(bank_details.GetBankDetails, **named(supplier, made)).bank_details.file == FILE
    with pytest.raises(errors.Conflict):
        gestionnaire.call(bank_details.ChangeBankDetails, **values)
    gestionnaire.call(bank_details.RemoveBankDetails, **named(supplier, made))
    assert [each.name for each in listed(gestionnaire, supplier)] == ["Affacturage"]
    assert add(gestionnaire, supplier, name="Compte courant").version == 1


def test_the_service_that_writes_an_invoice_reads_the_account_whole_and_nobody_else_does(supplier, member, caller):
    _, gestionnaire = member(supplier, "GP")
    invoicing = caller(Actor.service("invoicing"))
    own, factored = add(gestionnaire, supplier), add(gestionnaire, supplier, name="Affacturage", account=RIB, factor=FACTOR)
    read = invoicing.call(bank_details.GetAccountToPay, **named(supplier, own))
    assert (read.iban, read.bic, read.holder, read.payee) == ("FR7630006000011234567890189", "AGRIFRPP882", "Atelier Duval", None)
    read = invoicing.call(bank_details.GetAccountToPay, **named(supplier, factored))
    assert (read.iban, read.bic, read.holder, read.payee) == ("FR3330002005500000157841Z25", None, "Factor SA", "Factor SA")
    with pytest.raises(errors.Forbidden):
        gestionnaire.call(bank_details.GetAccountToPay, **named(supplier, own))
    gestionnaire.call(bank_details.RemoveBankDetails, **named(supplier, own))
    with pytest.raises(errors.NotFound):
        invoicing.call(bank_details.GetAccountToPay, **named(supplier, own))


@pytest.mark.requirement("R089")
def test_all_that_is_wrong_is_named_at_once_and_a_file_is_compulsory(supplier, operator):
    wrong = bank_details.Account(**(ACCOUNT.values | {"key": "77", "bic": "AGRIFRPP8"}))
    with pytest.raises(errors.Invalid) as caught:
        add(operator, supplier, name=" ", account=wrong, file=None)
    assert set(caught.value.details["fields"]) == {"name", "key", "bic", "file"}
    with pytest.raises(errors.Invalid) as caught:
        add(operator, supplier, file=bank_details.AccountFile(**(FILE.values | {"size": 4_000_001})))
    assert set(caught.value.details["fields"]) == {"file"}
    assert listed(operator, supplier) == []


@pytest.mark.requirement("R086")
def test_two_accounts_of_one_name_are_not_told_apart_so_one_is_refused(supplier, operator):
    outcomes = together(*[lambda: add(operator, supplier)] * 4)
    assert sum(isinstance(each, errors.BankDetailsExist) for each in outcomes) == 3
    other = add(operator, supplier, name="Autre")
    with pytest.raises(errors.BankDetailsExist):
        operator.call(
            bank_details.ChangeBankDetails, **named(supplier, other), version=1, name="compte PRINCIPAL", account=ACCOUNT
        )


@pytest.mark.requirement("R086")
def test_who_may_see_and_who_may_keep_them(supplier, create, member, keeper, somebody, caller, operator):
    member(supplier, "GP")
    made = add(keeper(supplier), supplier)
    technical = caller(Actor("technical", "6f2c7a9e-7d58-4f0d-9f5c-3f0f4f6f9a11", structure_id=supplier.structure_id))
    assert [each.name for each in listed(technical, supplier)] == [made.name]
    _, foreign = member(create(), "GP")
    for bus in (somebody, foreign):
        with pytest.raises(errors.NotFound):
            listed(bus, supplier)
    for bus in (member(supplier)[1], keeper(supplier, "CONSULTATION"), somebody, technical, foreign):
        with pytest.raises(errors.Forbidden):
            add(bus, supplier, name="Autre")
        with pytest.raises(errors.Forbidden):
            bus.call(bank_details.GetBankDetails, **named(supplier, made))
        with pytest.raises(errors.Forbidden):
            bus.call(bank_details.RemoveBankDetails, **named(supplier, made))
    other = create()
    with pytest.raises(errors.NotFound):
        operator.call(bank_details.GetBankDetails, **named(other, made))


@pytest.mark.requirement("R086")
def test_no_log_event_or_stored_answer_holds_an_account_number(bench, supplier, operator):
    made = operator.call(
        bank_details.AddBankDetails,
        idempotency_key="once",
        structure_id=supplier.structure_id,
        name="Compte principal",
        account=ACCOUNT,
        file=FILE,
    ).bank_details
    operator.call(bank_details.RemoveBankDetails, **named(supplier, made))
    assert {line["action"] for line in logged(bench, "bank_details.added")} == {"bank_details.added"}
    told = operator.call_on("organisation", platform.EventsAfter, after=0).events
    database = bench.database("organisation")
    with database.reading() as db:
        others = _tables(db) - {"bank_details"}
        every = {name: list(db.execute(sa.select(sa.text("*")).select_from(sa.table(name)))) for name in others}
        kept = db.execute(sa.select(tables.bank_details.c.account)).scalars().all()
    database.close()
    assert kept[0]["national"] == ACCOUNT.national
    for secret in (ACCOUNT.national, "12345678901"):
        assert secret not in str(every)
        assert secret not in "".join(told)


def _tables(db):
    return set(sa.inspect(db).get_table_names())


def test_the_files_of_bank_details_and_documents_are_cited(supplier, operator, caller, somebody):
    add(operator, supplier)
    add_document(operator, supplier)
    asked = {"names": ["ab" * 32, "cd" * 32, "ef" * 32]}
    invoicing = caller(Actor.service("invoicing"))
    assert invoicing.call(structure_documents.CitedFiles, **asked).cited == ["ab" * 32, "cd" * 32]
    with pytest.raises(errors.Forbidden):
        somebody.call(structure_documents.CitedFiles, **asked)


def add_document(bus, structure, **values):
    said = {"designation": "Attestation", "type": "ATTESTATION", "name": "a.pdf", "mime": "application/pdf", "size": 4_000_000}
    return bus.call(
        structure_documents.AddStructureDocument, structure_id=structure.structure_id, sha256="cd" * 32, **(said | values)
    ).document


@pytest.mark.requirement("R092")
def test_documents_are_added_listed_changed_and_deleted(supplier, member, keeper):
    _, simple = member(supplier)
    bus = keeper(supplier)
    made = add_document(bus, supplier)
    add_document(bus, supplier, designation="Zinc", name="z.xml")
    changed = bus.call(
        structure_documents.ChangeStructureDocument,
        structure_id=supplier.structure_id,
        document_id=made.document_id,
        version=made.version,
        designation="Pouvoir",
        type="POUVOIR",
    ).document
    shown = simple.call(structure_documents.ListStructureDocuments, structure_id=supplier.structure_id).documents
    assert [(each.designation, each.type) for each in shown] == [("Pouvoir", "POUVOIR"), ("Zinc", "ATTESTATION")]
    remove = {"structure_id": supplier.structure_id, "document_ids": [each.document_id for each in shown]}
    with pytest.raises(errors.Forbidden):
        simple.call(structure_documents.RemoveStructureDocuments, **remove)
    with pytest.raises(errors.Conflict):
        bus.call(
            structure_documents.ChangeStructureDocument,
            structure_id=supplier.structure_id,
            document_id=made.document_id,
            version=changed.version - 1,
            designation="Trop tard",
            type="AUTRE",
        )
    assert bus.call(structure_documents.RemoveStructureDocuments, **remove).removed == 2
    assert bus.call(structure_documents.ListStructureDocuments, structure_id=supplier.structure_id).documents == []


@pytest.mark.requirement("R090")
def test_four_megabytes_pass_and_one_octet_more_is_refused(supplier, operator):
    assert add_document(operator, supplier).size == 4_000_000
    for changes in ({"size": 4_000_001}, {"size": 0}, {"name": "a.exe"}, {"designation": " "}):
        with pytest.raises(errors.Invalid):
            add_document(operator, supplier, **changes)


def test_others_neither_see_nor_keep_documents(supplier, member, keeper, somebody):
    with pytest.raises(errors.NotFound):
        somebody.call(structure_documents.ListStructureDocuments, structure_id=supplier.structure_id)
    for bus in (somebody, member(supplier)[1], keeper(supplier, "CONSULTATION")):
        with pytest.raises(errors.Forbidden):
            add_document(bus, supplier)
