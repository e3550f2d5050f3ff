"""The antivirus: what clamd says of a file, and nothing is clean that it does not answer for."""

import io
import socket

import pytest
from pupitre_bus.antivirus import CHUNK, Antivirus, TooLarge
from pupitre_contracts import errors
from support.clamd import Clamd, eicar


@pytest.fixture(params=["tcp", "unix"])
def clamd(request, tmp_path):
    server = Clamd(tmp_path / "clamd.ctl" if request.param == "unix" else None)
    yield server
    server.stop()


@pytest.mark.parametrize("content", [b"", b"<Invoice/>", b"x" * (3 * CHUNK + 1)])
def test_what_the_scanner_finds_clean_has_no_name_and_was_scanned_whole(clamd, content):
    assert clamd.antivirus.scan(content) is None
    assert clamd.antivirus.scan(io.BytesIO(content)) is None
    assert clamd.scanned == [len(content)] * 2


def test_what_the_scanner_knows_is_named_wherever_it_lies(clamd):
    assert clamd.antivirus.scan(b"a" * (CHUNK - 5) + eicar()) == "Eicar-Test-Signature"


def test_a_file_that_is_too_large_for_the_scanner_is_not_clean(clamd):
    clamd.most = 1000
    with pytest.raises(TooLarge):
        clamd.antivirus.scan(b"x" * 10 * CHUNK)


@pytest.mark.parametrize("answer", [b"", b"stream: OK", b"\0", b"stream: Can't allocate memory ERROR\0", b"OK FINE\0", b"x" * 100_000])
def test_an_answer_that_is_none_asks_to_try_again(clamd, answer):
    clamd.answer = answer
    with pytest.raises(errors.Unavailable):
        clamd.antivirus.scan(b"<Invoice/>")


def test_a_scanner_that_is_not_there_asks_to_try_again(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    for uri in (f"tcp://127.0.0.1:{port}", f"unix:{tmp_path}/absent.ctl"):
        with pytest.raises(errors.Unavailable):
            Antivirus.from_uri(uri).scan(b"<Invoice/>")


def test_without_a_scanner_nothing_is_scanned():
    assert not Antivirus.from_uri("").configured
    assert Antivirus.from_uri("").scan(eicar()) is None


@pytest.mark.parametrize("uri", ["clamd:3310", "tcp://host", "http://host:80", "unix:", "unix:relative/path"])
def test_an_address_that_is_none_is_refused_by_name(uri):
    with pytest.raises(ValueError, match=uri):
        Antivirus.from_uri(uri)
