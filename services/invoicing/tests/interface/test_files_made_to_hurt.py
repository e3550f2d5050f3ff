"""Files made to hurt, deposited through the bus with the real engine in its worker processes: each is refused, the service goes on."""

import io
import tarfile
import zipfile

import pytest
from pupitre_contracts import errors
from pupitre_contracts import invoicing as contract
from pypdf import PdfReader, PdfWriter
from pypdf.generic import StreamObject
from support import invoice_factory as factory
from support.real_engine import RealEngine

pytestmark = pytest.mark.slow


@pytest.fixture
def engine(real_engine):
    return real_engine


def good(stage, number):
    parties = {"seller": factory.Party(stage.SELLER, "Fournitures"), "buyer": factory.Party(stage.BUYER, "Exempleville")}
    return factory.ubl(number=number, **parties)


def checked(stage, content):
    """What is said of a file: verdict, stage, and the rules that refuse it."""
    name = stage.blobs.put(content)
    report = stage.call(stage.writer, contract.CheckFile, sha256=name, name="f").report
    return report.verdict, report.stage, {each.rule for each in report.findings if each.severity == "error"}, report


def inside(declaration):
    head, _, rest = factory.ubl().partition(b"?>\n")
    return head + b"?>\n" + declaration + rest


ENTITIES = b'<!DOCTYPE x [<!ENTITY s SYSTEM "file:///etc/passwd">]>'


@pytest.mark.requirement("RS-61")
@pytest.mark.parametrize(
    "content",
    [
        inside(ENTITIES).replace(b"Ramette A4", b"&s;"),
        inside(b"<!-- a --><?b c?>\n" + ENTITIES),
        inside(ENTITIES).decode().replace("UTF-8", "UTF-16").encode("utf-16"),
        inside(b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'),
    ],
    ids=["outside", "behind comments", "utf-16", "inside"],
)
def test_xml_with_a_document_type_declaration_is_refused_whatever_way_it_comes(stage, ended, content):
    verdict, at, rules, report = checked(stage, content)
    assert (verdict, at, rules) == ("invalid", "xml", {"PUP-XML-DOCTYPE"})
    assert "root:" not in str(report.dump())
    assert stage.prepare(content).invoice is None
    flux = ended(stage.deposit_flux(content, file_name="f.xml"))
    assert (flux.state, [(each.code, each.rule) for each in flux.errors]) == ("IN_REJETE", [("F-SYN", "PUP-XML-DOCTYPE")])


@pytest.mark.requirement("RS-60")
@pytest.mark.parametrize(
    "content, rule",
    [
        (b"<a>" * 100_000, "PUP-XML-DEPTH"),
        (b"<a>" + b"<b></b>" * 1_600_000 + b"</a>", "PUP-XML-SIZE"),
        (b"<a>" + b"x" * (65 * 1024 * 1024) + b"</a>", "PUP-XML-SIZE"),
    ],
    ids=["depth", "elements", "bytes"],
)
def test_a_bomb_of_depth_or_size_is_refused_with_its_reason_and_the_service_goes_on(stage, content, rule):
    verdict, _, rules, _ = checked(stage, content)
    assert (verdict, rules) == ("invalid", {rule})
    assert checked(stage, good(stage, "H-1"))[0] == "valid"


@pytest.mark.requirement("RS-60")
@pytest.mark.parametrize(
    "bounds, told",
    # Where the memory ends within the rules, they end and say so; elsewhere the process does.
    [({"timeout": 0.3}, [{"PUP-ENGINE-SILENT"}]), ({"memory_mb": 400}, [{"PUP-ENGINE-SILENT"}, {"PUP-ENGINE"}])],
    ids=["time", "memory"],
)
def test_a_file_beyond_the_limits_of_time_or_memory_ends_its_process_and_not_the_service(stage, bounds, told):
    heavy = factory.cii(lines=[factory.Line(f"Article {n}") for n in range(4_900)])
    bounded = RealEngine(**bounds)
    try:
        stage.scope().resources.engine = bounded
        verdict, _, rules, _ = checked(stage, heavy)
        assert verdict == "error"
        assert rules in told
        with pytest.raises(errors.EngineFailed):
            stage.prepare(heavy)
    finally:
        stage.scope().resources.engine = stage.engine
        bounded.pool.close()
    assert checked(stage, good(stage, "H-2"))[0] == "valid"


def bomb():
    """A PDF whose factur-x.xml inflates to 40 MB."""
    writer, target = PdfWriter(), io.BytesIO()
    writer.add_blank_page(width=100, height=100)
    writer.add_attachment("factur-x.xml", b" " * 40_000_000)
    for number, each in enumerate(writer._objects):
        if isinstance(each, StreamObject) and len(each.get_data()) > 1_000_000:
            writer._objects[number] = each.flate_encode()
    writer.write(target)
    return target.getvalue()


def encrypted():
    writer, target = PdfWriter(), io.BytesIO()
    writer.append(PdfReader(io.BytesIO(factory.facturx())))
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(target)
    return target.getvalue()


@pytest.mark.requirement("RS-62")
def test_a_pdf_that_inflates_without_end_or_is_encrypted_is_refused(stage):
    assert len(bomb()) < 1_000_000
    assert checked(stage, bomb())[:3] == ("invalid", "container", {"PUP-CONTAINER-BOMB"})
    assert checked(stage, encrypted())[:3] == ("invalid", "container", {"PUP-CONTAINER-ENCRYPTED"})


@pytest.mark.requirement("RS-62")
def test_active_content_of_a_pdf_is_flagged(stage):
    verdict, _, rules, report = checked(stage, factory.pdf_with({"factur-x.xml": factory.cii()}, javascript="app.alert(1)"))
    assert (verdict, rules) == ("valid", set())
    assert "PUP-PDF-ACTIVE" in {each.rule for each in report.findings}


def tar(*members):
    """A tar.gz of (name, content) and of ready made entries."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                archive.addfile(member)
                continue
            entry = tarfile.TarInfo(member[0])
            entry.size = len(member[1])
            archive.addfile(entry, io.BytesIO(member[1]))
    return packed.getvalue()


def zipped(*members):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return packed.getvalue()


def link(name, target, kind=tarfile.SYMTYPE):
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = kind, target
    return entry


@pytest.mark.requirement("RS-63")
@pytest.mark.parametrize(
    "content, rule, code",
    [
        (tar(*((f"{n}.xml", b"<a/>") for n in range(501))), "PUP-LOT-ENTRIES", "F-TAI"),
        (zipped(*((f"{n}.xml", b"<a/>") for n in range(501))), "PUP-LOT-ENTRIES", "F-TAI"),
        (zipped(("a.xml", b" " * 30_000_000)), "PUP-LOT-RATIO", "F-TAI"),
        (tar(("a.xml", b" " * 60_000_000)), "PUP-LOT-RATIO", "F-TAI"),
        (tar(), "PUP-LOT-EMPTY", "F-SYN"),
        (tar(("a.xml", b"<a/>"))[:-20], "PUP-LOT-UNREADABLE", "F-SYN"),
    ],
    ids=["501 in tar", "501 in zip", "ratio of zip", "ratio of tar", "empty", "cut"],
)
def test_a_harmful_archive_is_refused_whole(stage, ended, content, rule, code):
    flux = ended(stage.deposit_flux(content))
    assert (flux.state, [(each.technical, each.rule, each.code) for each in flux.errors]) == ("IN_REJETE", [(True, rule, code)])


@pytest.mark.requirement("RS-63")
def test_links_archives_within_and_names_that_climb_cost_the_good_files_nothing(stage, ended, backend):
    content = tar(
        ("../../climbs.xml", good(stage, "A-1")),
        ("/absolute.xml", good(stage, "A-2")),
        link("link.xml", "/etc/passwd"),
        link("hard.xml", "a.xml", tarfile.LNKTYPE),
        link("device", "", tarfile.CHRTYPE),
        ("within.zip", zipped(("a.xml", b"<a/>"))),
        ("within.tgz", tar(("a.xml", b"<a/>"))),
    )
    flux = ended(stage.deposit_flux(content))
    assert (flux.state, flux.accepted) == ("IN_INTEGRE_PARTIEL", 2)
    assert [(each.file, each.rule) for each in flux.errors] == [
        ("link.xml", "PUP-LOT-LINK"),
        ("hard.xml", "PUP-LOT-LINK"),
        ("device", "PUP-LOT-LINK"),
        ("within.zip", "PUP-LOT-NESTED"),
        ("within.tgz", "PUP-LOT-NESTED"),
    ]
    assert sorted(each["name"] for each in stage.rows("SELECT name FROM document")) == ["absolute.xml", "climbs.xml"]
    assert not list(backend.folder.parent.rglob("*climbs*"))
