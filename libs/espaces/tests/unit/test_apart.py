"""Work in a process of its own: it is bounded, it knows nothing of the portal, and it speaks with nobody."""

import json
import os
import threading

import pytest
from pupitre_espaces import Html, Label, Manifest, Page, PageContent, apart, hookimpl
from pupitre_espaces.testing import a_host, a_request

WORK = '''
import os, socket, subprocess, sys, time


def upper(content):
    print("a library that prints")
    return content.upper()


def environment(content):
    import json
    return json.dumps(sorted(os.environ)).encode()


def ours(content):
    return repr(sorted(name for name in sys.modules if name.startswith("pupitre"))).encode()


def wait(content):
    with open(content.decode(), "w") as file:
        file.write(str(os.getpid()))
    time.sleep(600)


def compute(content):
    while True:
        pass


def fill(content):
    return b"x" * 10**9


def long(content):
    return b"x" * int(content)


def break_down(content):
    raise ValueError("no such thing")


def die(content):
    os.abort()


def speak(content):
    try:
        {
            b"name": lambda: socket.getaddrinfo("localhost", 80),
            b"connect": lambda: socket.create_connection(("127.0.0.1", 1)),
            b"listen": lambda: socket.socket().bind(("127.0.0.1", 0)),
            b"start": lambda: subprocess.run(["true"]),
            b"system": lambda: os.system("true"),
            b"fork": os.fork,
        }[content]()
    except PermissionError as refused:
        return str(refused).encode()
'''


@pytest.fixture(autouse=True)
def some_work(tmp_path, monkeypatch):
    (tmp_path / "some_work.py").write_text(WORK)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])]))


def test_the_answer_is_what_the_function_makes_and_not_what_a_library_prints():
    content = b"abc\x00" * 500_000
    assert apart.run("some_work:upper", content) == content.upper()


def test_it_gets_none_of_the_settings_and_nothing_of_ours(monkeypatch):
    monkeypatch.setenv("PUPITRE_SECRET_KEY", "canary")
    names = json.loads(apart.run("some_work:environment", b""))
    assert "PATH" in names and not [name for name in names if name.startswith("PUPITRE_")]
    assert apart.run("some_work:ours", b"") == b"[]"


@pytest.mark.parametrize("how", [b"name", b"connect", b"listen", b"start", b"system", b"fork"])
def test_it_speaks_with_nobody_and_starts_nothing(how):
    assert b"is refused to work apart" in apart.run("some_work:speak", how)


@pytest.mark.parametrize(
    "work, content, options, kind",
    [
        ("compute", b"", {"seconds": 1}, "time-out"),
        ("fill", b"", {"megabytes": 300}, "memory"),
        ("break_down", b"", {}, "crashed"),
        ("die", b"", {}, "crashed"),
        ("long", b"20000001", {}, "crashed"),
        ("nothing_of_that_name", b"", {}, "crashed"),
    ],
)
def test_what_gives_no_answer_says_why(work, content, options, kind):
    with pytest.raises(apart.ApartFailed) as failed:
        apart.run(f"some_work:{work}", content, **options)
    assert failed.value.kind == kind
    assert f"some_work:{work}" in str(failed.value)


def test_an_exception_is_told_to_whoever_runs_the_portal():
    with pytest.raises(apart.ApartFailed, match="no such thing"):
        apart.run("some_work:break_down", b"")


def test_a_process_that_is_too_late_is_killed(tmp_path):
    with pytest.raises(apart.ApartFailed) as failed:
        apart.run("some_work:wait", str(tmp_path / "pid").encode(), seconds=3)
    assert failed.value.kind == "time-out"
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_so_many_at_once_and_no_more(tmp_path, monkeypatch):
    places = threading.BoundedSemaphore(1)
    monkeypatch.setattr(apart, "_places", places)
    places.acquire()
    with pytest.raises(apart.ApartFailed) as failed:
        apart.run("some_work:upper", b"a", seconds=0.2)
    assert failed.value.kind == "busy"
    places.release()
    assert apart.run("some_work:upper", b"a") == b"A"
    for work in ("break_down", "die", "upper"):
        try:
            apart.run(f"some_work:{work}", b"a")
        except apart.ApartFailed:
            assert work != "upper"


@pytest.mark.parametrize(
    "work, options",
    [("some_work", {}), (":upper", {}), ("a:b:c", {}), ("some_work:upper", {"seconds": 0}), ("some_work:upper", {"seconds": 31})],
)
def test_bounds_that_make_no_sense_are_refused(work, options):
    with pytest.raises(ValueError):
        apart.run(work, b"", **options)


class Patient:
    """An espace whose page waits longer for its work than a page may take."""

    @hookimpl
    def espace_manifest(self):
        return Manifest("patient", Label("Patient", "Patient"), Label("Attend", "Waits"))

    @hookimpl
    def espace_pages(self, context):
        return [Page("attente", Label("Attente", "Wait"), self.wait)]

    def wait(self, request):
        try:
            apart.run("some_work:compute", b"", seconds=1.5)
        except apart.ApartFailed as failed:
            return PageContent("Attente", Html("<p>{}</p>").format(failed.kind))


def test_its_time_is_not_that_of_the_page():
    host = a_host(Patient(), deadline=0.5)
    assert host.page("patient", "", a_request("patient")).body == "<p>time-out</p>"
    assert host.problems() == []
