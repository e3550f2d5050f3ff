"""Every route of the application with an exception forced upon it: who asked gets a number, and the log alone the cause (RS-32)."""

import json
import logging
import re
import uuid
from collections import defaultdict

import pytest
from portal_world import FakeBus
from pupitre_contracts import identity, organisation
from pupitre_portal.errors import API_PREFIXES
from werkzeug.exceptions import InternalServerError
from werkzeug.routing import AnyConverter, IntegerConverter, PathConverter, UUIDConverter

CANARIES = (
    "postgresql://canary-user:canary-password@db.internal/canary",
    "amqp://canary-broker:canary-secret@mq.internal/vhost",
    "Bearer canary.token.value",
    "canary-session-cookie",
    "canary-client-secret",
    "-----BEGIN PRIVATE KEY-----canary",
    "/var/lib/pupitre/keys/canary.key",
    "SELECT canary_column FROM canary_table WHERE id = 1",
    "FR7630006000011234567890189",
    "canary.person@example.org",
    "canary_frame",
    "CanaryError",
)
NUMBER = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
VALUES = {UUIDConverter: uuid.UUID(int=7), IntegerConverter: 7, PathConverter: "a/b"}


class CanaryError(RuntimeError):
    """Carries every secret in its own text and in its cause's."""


def canary_frame(*args, **options):
    try:
        raise OSError(2, "No such file", CANARIES[6])
    except OSError as error:
        raise CanaryError(" ".join(CANARIES)) from error


def routes(app):
    """(method, address, endpoint) of every route: a new one is covered by being there."""
    adapter = app.url_map.bind("portail.example")
    found = []
    for rule in app.url_map.iter_rules():
        values = {name: _value(converter) for name, converter in rule._converters.items()}
        address = adapter.build(rule.endpoint, values) if rule.arguments else rule.rule
        found += [(method, address, rule.endpoint) for method in sorted(rule.methods - {"HEAD", "OPTIONS"})]
    assert len(found) > 40
    return found


def _value(converter):
    if isinstance(converter, AnyConverter):
        return min(converter.items)
    return next((value for kind, value in VALUES.items() if isinstance(converter, kind)), "bonjour")


def leaks(answer):
    shown = f"{answer.headers}\n{answer.get_data(as_text=True)}"
    return [secret for secret in (*CANARIES, "Traceback", "canary") if secret in shown]


def told(address, answer):
    """The incident number that the answer gives, in the form that belongs to its address."""
    if address.startswith("/cpro/"):
        assert answer.mimetype == "application/json", address
        text = json.loads(answer.data)["libelle"]
    elif address.startswith(API_PREFIXES):
        assert answer.mimetype == "application/problem+json", address
        text = json.loads(answer.data)["incident"]
    else:
        assert answer.mimetype == "text/html", address
        text = answer.get_data(as_text=True)
    numbers = NUMBER.findall(text)
    assert numbers, f"{address} tells no incident number"
    return numbers


@pytest.fixture
def open_app(app):
    app.config["WTF_CSRF_ENABLED"] = False
    return app


def ask_all(app, caplog):
    """Ask every route; return the addresses that answered a fault, after checking what each fault says."""
    client = app.test_client()
    client.set_cookie("pupitre", "secret-256")
    failed = set()
    for method, address, endpoint in routes(app):
        caplog.clear()
        answer = client.open(address, method=method)
        assert leaks(answer) == [], f"{method} {address}"
        if answer.status_code != 500:
            continue
        failed.add(endpoint)
        assert any(number in caplog.text for number in told(address, answer)), f"{address}: not in the log"
        assert CANARIES[0] in caplog.text, f"{address}: the log does not hold the cause"
    return failed


@pytest.mark.requirement("RS-32")
def test_a_fault_of_any_view_is_a_number_outside_and_a_cause_in_the_log(open_app, caplog):
    caplog.set_level(logging.ERROR)
    for endpoint in open_app.view_functions:
        open_app.view_functions[endpoint] = canary_frame
    expected = {endpoint for _, _, endpoint in routes(open_app)}
    assert ask_all(open_app, caplog) == expected


@pytest.mark.requirement("RS-32")
@pytest.mark.parametrize("healthy", [(), (identity.ResumeSession, organisation.RightsOfActor), (identity.ResumeSession,)])
def test_a_fault_behind_any_view_is_a_number_too(open_app, bus: FakeBus, blobs, monkeypatch, caplog, healthy):
    """The fault comes from the bus client or the blob store: in the view, before it, or while its page is drawn."""
    caplog.set_level(logging.ERROR)
    answers = {call: bus.answers[call] for call in healthy}
    bus.answers = defaultdict(lambda: canary_frame, answers)
    for method in ("put", "get", "exists"):
        monkeypatch.setattr(blobs, method, canary_frame)
    assert len(ask_all(open_app, caplog)) > 15


@pytest.mark.requirement("RS-32")
def test_what_a_library_writes_into_an_http_error_is_not_shown(open_app, caplog):
    def refuse(*args, **options):
        raise InternalServerError(" ".join(CANARIES), original_exception=CanaryError(CANARIES[0]))

    for endpoint in open_app.view_functions:
        open_app.view_functions[endpoint] = refuse
    client = open_app.test_client()
    for method, address, _ in routes(open_app):
        answer = client.open(address, method=method)
        assert answer.status_code == 500
        assert leaks(answer) == [], address
