"""Figures for a monitoring system: what services tell, what the portal counts, at an address of their own (RS-70)."""

import json

import eventlet
import pytest
from prometheus_client.parser import text_string_to_metric_families
from pupitre_contracts import platform
from pupitre_portal.metrics import Measures

TOLD = {
    "instance": "0a1b2c3d",
    "started_at": 1_770_000_000.5,
    "hub_gap_ms": 12.5,
    "hub_gap_longest_ms": 80.0,
    "hub_held_ms": 8.0,
    "hub_held_longest_ms": 60.0,
    "outbox_waiting": 3,
    "outbox_lag_ms": 1500,
    "outbox_oldest_at": 1_770_000_100.0,
    "relay_leading": True,
    "parked": 2,
    "retrying": 1,
    "dead_letters": 4,
    "queue_waiting": 7,
    "inbox_duplicates": 9,
    "oldest_unacked_ms": 250,
    "rpc_timeouts": {"identity": 5},
    "rpc_refused": ["organisation"],
}


@pytest.fixture
def measures(app, bus, tmp_path):
    bus.timeouts, bus.refused = {"invoicing": 1}, lambda: []
    checks = [platform.Check(name="database", ok=True), platform.Check(name="espace malade", ok=False)]
    bus.answers[platform.Health] = {"ok": True, "checks": checks, "metrics": TOLD}
    return Measures(app.extensions["pupitre"].health, bus, tmp_path)


def shown(measures):
    """Every sample: its name and labels, the latter in any order -> value."""
    heads = []
    body = b"".join(measures.wsgi()({"PATH_INFO": "/metrics", "REQUEST_METHOD": "GET"}, lambda *head: heads.append(head)))
    assert heads[0][0].startswith("200")
    families = text_string_to_metric_families(body.decode())
    return Samples({key(each.name, *each.labels.values()): each.value for family in families for each in family.samples})


def key(name, *labels):
    return name, tuple(sorted(labels))


class Samples(dict):
    """Asked with a name and labels: ``samples["pupitre_up", "invoicing"]``."""

    def __getitem__(self, asked):
        return super().__getitem__(key(*asked))


@pytest.mark.requirement("RS-70")
def test_what_every_service_tells_is_shown_in_base_units(measures):
    samples = shown(measures)
    one = "0a1b2c3d"
    assert samples["pupitre_ready",] == 1
    assert samples["pupitre_up", "invoicing"] == 1
    assert samples["pupitre_check_well", "invoicing", "database"] == 1
    assert samples["pupitre_ill_espaces", "invoicing"] == 1
    assert samples["pupitre_outbox_lag_seconds", "invoicing"] == 1.5
    assert samples["pupitre_outbox_waiting_events", "invoicing"] == 3
    assert samples["pupitre_outbox_oldest_unpublished_timestamp_seconds", "invoicing"] == 1_770_000_100
    assert samples["pupitre_parked_messages", "notifications"] == 2
    assert samples["pupitre_retrying_messages", "notifications"] == 1
    assert samples["pupitre_dead_letter_queue_messages", "notifications"] == 4
    assert samples["pupitre_event_queue_messages", "notifications"] == 7
    assert samples["pupitre_inbox_duplicates_total", "notifications", one] == 9
    assert samples["pupitre_oldest_unacked_seconds", "notifications", one] == 0.25
    assert samples["pupitre_hub_gap_seconds", "invoicing", one] == 0.0125
    assert samples["pupitre_hub_held_seconds", "invoicing", one] == 0.008
    assert samples["pupitre_relay_leading", "invoicing", one] == 1
    assert samples["pupitre_process_start_time_seconds", "invoicing", one] == 1_770_000_000.5
    assert samples["pupitre_rpc_timeouts_total", "invoicing", one, "identity"] == 5
    assert samples["pupitre_rpc_timeouts_total", "portal", "", "invoicing"] == 1
    assert samples["pupitre_rpc_refused", "invoicing", one, "organisation"] == 1
    assert key("pupitre_hub_gap_seconds", "portal", "") in samples


def test_a_service_that_does_not_answer_is_down_and_tells_nothing(measures, bus):
    bus.down.add("invoicing")
    samples = shown(measures)
    assert samples["pupitre_up", "invoicing"] == 0
    assert samples["pupitre_ready",] == 0
    assert key("pupitre_outbox_lag_seconds", "invoicing") not in samples


def test_restarts_are_those_that_the_supervisor_wrote_down(measures, tmp_path):
    assert not [name for name, *_ in shown(measures) if name == "pupitre_restarts_total"]
    (tmp_path / "restarts.json").write_text(json.dumps({"restarts": {"invoicing": 2, "portal": 0}}))
    samples = shown(measures)
    assert samples["pupitre_restarts_total", "invoicing"] == 2
    assert samples["pupitre_restarts_total", "portal"] == 0
    (tmp_path / "restarts.json").write_text("{")
    assert key("pupitre_restarts_total", "invoicing") not in shown(measures)


def test_answers_are_counted_by_class_of_address_and_status(measures, app):
    app.wsgi_app = measures.counted(app.wsgi_app)
    client = app.test_client()
    for address in ("/livez", "/connexion", "/nulle-part", "/api/v1/nulle-part", "/cpro/nulle-part", "/statique/pupitre.css"):
        client.get(address)
    samples = shown(measures)
    told = {labels: value for (name, labels), value in samples.items() if name == "pupitre_http_requests_total"}
    assert told == {
        ("200", "health"): 1,
        ("200", "page"): 1,
        ("404", "page"): 1,
        ("404", "api"): 1,
        ("404", "cpro"): 1,
        ("200", "static"): 1,
    }
    assert samples["pupitre_http_request_seconds_count", "page"] == 2


def test_figures_are_not_shown_at_the_address_of_the_portal(visitor):
    assert visitor.get("/metrics").status_code == 404


def test_their_own_address_shows_nothing_else(measures):
    heads = []
    assert measures.wsgi()({"PATH_INFO": "/connexion"}, lambda *head: heads.append(head)) == [b""]
    assert heads[0][0].startswith("404")


def test_many_who_ask_at_once_ask_the_services_once(measures, bus):
    bus.calls.clear()
    pool = eventlet.GreenPool()
    for _ in pool.imap(lambda _: shown(measures), range(5)):
        pass
    assert len([call for call in bus.calls if call[1] is platform.Health]) == 4
