"""The operator's commands on an installation that runs: events, dead letters, history, accounts, health."""

import datetime
import json
import signal
import sqlite3
import subprocess
import uuid

import pytest
from pupitre_bus import parked
from pupitre_bus.database import Database
from support.installation import PUPITRE, Installation, until
from support.machine import UBL
from support.story import Story
from support.visitor import Visitor

UNKNOWN = "11111111-1111-1111-1111-111111111111"


def _events(installation, service, *options):
    return [json.loads(line) for line in installation.command("events", "tail", service, *options).stdout.splitlines()]


def test_the_event_log_is_printed_as_cloud_events_in_feed_order(embedded):
    events = _events(embedded, "organisation")
    assert [each["feedseq"] for each in events] == list(range(1, len(events) + 1))
    assert {each["specversion"] for each in events} == {"1.0"}
    assert {"structure.created.v1", "rattachement.validated.v1", "espace.opened.v1"} <= {each["type"] for each in events}

    after = _events(embedded, "organisation", "--after", "3")
    assert after == events[3:]
    some = ("espace.opened.v1", "structure.created.v1")
    chosen = _events(embedded, "organisation", "--type", some[0], "--type", some[1])
    assert chosen == [each for each in events if each["type"] in some]


def test_a_type_that_no_service_publishes_is_a_usage_error(embedded):
    assert embedded.command("events", "tail", "organisation", "--type", "invoice.eaten.v1", check=False).returncode == 2


def test_following_prints_what_comes_until_it_is_interrupted(embedded):
    head = len(_events(embedded, "identity"))
    command = [*PUPITRE, "events", "tail", "identity", "--follow", "--after", str(head)]
    follower = subprocess.Popen(command, env=embedded.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    embedded.command("users", "create", "followed@example.org", "--given-name", "Nadia", "--family-name", "Roux")
    assert json.loads(follower.stdout.readline())["type"] == "user.created.v1"
    follower.send_signal(signal.SIGINT)
    _, said = follower.communicate(timeout=120)
    assert (follower.returncode, said) == (130, "")


def test_events_published_again_keep_their_numbers_and_have_no_second_effect(embedded):
    opened = _events(embedded, "organisation", "--type", "espace.opened.v1")[-1]
    mails = _mails(embedded)
    number = str(opened["feedseq"])
    done = embedded.command("events", "replay", "organisation", "--from", number, "--to", number)
    assert done.stdout == "1 event(s) will be published again\n"
    assert _events(embedded, "organisation", "--type", "espace.opened.v1")[-1] == opened
    until(lambda: _published(embedded, "organisation", opened["feedseq"]), 60, "published again")
    assert _mails(embedded) == mails


def test_replaying_what_does_not_exist_says_so(embedded):
    done = embedded.command("events", "replay", "organisation", "--from", "900000", "--to", "900001")
    assert done.stdout == "0 event(s) will be published again\n"


def _json(installation, *words):
    return json.loads(installation.command(*words).stdout)


def _done(installation):
    return [each["event_id"] for each in _json(installation, "dead-letters", "list", "notifications", "--state", "done", "--json")]


def _mails(installation):
    return len(list((installation.state / "mail" / "new").iterdir()))


def _published(installation, service, number):
    link = sqlite3.connect(installation.state / f"{service}.sqlite3", timeout=10)
    try:
        [(at,)] = link.execute("SELECT published_at FROM outbox WHERE feed_seq = ?", (number,))
        return at is not None
    finally:
        link.close()


def _park(installation, body, event_id, why):
    database = Database(f"sqlite:///{installation.state}/notifications.sqlite3", "notifications")
    try:
        return str(parked.fail(database, "notifications", body, event_id, why, permanent=True).id)
    finally:
        database.close()


def test_a_parked_message_is_listed_shown_and_really_run_again(embedded):
    opened = _events(embedded, "organisation", "--type", "espace.opened.v1")[-1]
    fresh = uuid.uuid4()
    why = "Traceback (most recent call last):\n  …\nValueError: no such template\n"
    letter = _park(embedded, json.dumps(opened | {"id": str(fresh)}).encode(), fresh, why)
    before = _mails(embedded)

    listed = embedded.command("dead-letters", "list", "notifications", "--state", "parked").stdout.splitlines()
    line = next(number for number, text in enumerate(listed) if text.startswith(letter))
    assert "parked    1 attempt(s), last " in listed[line]
    assert listed[line].endswith("espace.opened.v1")
    assert listed[line + 1].strip() == "ValueError: no such template"

    shown = embedded.command("dead-letters", "show", "notifications", letter).stdout
    assert shown.startswith("state: parked (it is not tried again by itself)\nattempts: 1\nfirst failure: ")
    assert f"event: espace.opened.v1, number {opened['feedseq']} of organisation, about {opened['subject']}, of " in shown
    assert why.strip() in shown
    assert f'"id": "{fresh}"' in shown
    [listed] = _json(embedded, "dead-letters", "list", "--state", "parked", "--type", "espace.opened.v1", "--json")
    assert (listed["id"], listed["consumer"], listed["error"]) == (letter, "notifications", "ValueError: no such template")

    assert embedded.command("dead-letters", "retry", "notifications", letter, "--by", "zoe").stdout == f"{letter}  retrying\n"
    until(lambda: "state: done" in embedded.command("dead-letters", "show", "notifications", letter).stdout, 60, "handled")
    until(lambda: _mails(embedded) > before, 60, "the mail of the message run again")
    assert letter not in embedded.command("dead-letters", "list", "notifications", "--state", "parked").stdout
    assert embedded.command("dead-letters", "retry", "notifications", letter).stdout == f"{letter}  done\n"
    [done] = _json(embedded, "dead-letters", "show", "notifications", letter, "--json")["acts"]
    assert (done["who"], done["act"]) == ("zoe", "retry")
    assert {"who": "zoe", "act": "retry", "subject": letter} in [
        {name: each[name] for name in ("who", "act", "subject")} for each in _json(embedded, "acts", "notifications", "--json")
    ]


def test_all_parked_messages_of_a_type_are_really_run_again(embedded):
    opened = _events(embedded, "organisation", "--type", "espace.opened.v1")[-1]
    letters = []
    for _ in range(3):
        fresh = uuid.uuid4()
        letters.append(_park(embedded, json.dumps(opened | {"id": str(fresh)}).encode(), fresh, "no such template"))
    words = ("dead-letters", "retry", "notifications", "--all", "--type", "espace.opened.v1")
    dry = embedded.command(*words, "--dry-run").stdout.splitlines()
    assert dry == ["     3  espace.opened.v1", "3 message(s) would be tried again"]
    assert embedded.command(*words).stdout == "3 message(s) are tried again\n"

    def states():
        listed = _json(embedded, "dead-letters", "list", "notifications", "--json")
        return {each["state"] for each in listed if each["id"] in letters}

    until(lambda: states() == {"done"}, 60, "all handled")
    assert embedded.command(*words).stdout == "0 message(s) are tried again\n"


def test_events_are_given_again_to_one_consumer_only_when_it_lacks_them_or_when_it_is_said(embedded):
    """What it handled is worked on again when that is said; even so a mail that was sent is not sent twice."""
    opened = _events(embedded, "organisation", "--type", "espace.opened.v1")[-1]
    number = str(opened["feedseq"])
    words = ("events", "replay", "organisation", "--from", number, "--to", number, "--consumer", "notifications", "--json")
    before = _mails(embedded)
    expected = {"events": 1, "handed": 0, "missed": 0, "handled": 1, "failing": 0, "types": {"espace.opened.v1": 1}}
    assert _json(embedded, *words) == expected | {"dry_run": False}
    assert _json(embedded, *words, "--again", "--dry-run") == expected | {"handed": 1, "dry_run": True}
    assert _mails(embedded) == before
    assert _json(embedded, *words, "--again", "--by", "zoe") == expected | {"handed": 1, "dry_run": False}
    until(lambda: opened["id"] in _done(embedded), 60, "handled again")
    assert _mails(embedded) == before
    last = _json(embedded, "acts", "notifications", "--json")[-1]
    assert (last["who"], last["act"], last["subject"]) == ("zoe", "replay-again", f"organisation {number}-{number}")


def test_the_tail_starts_near_the_end_and_keeps_to_a_subject(embedded):
    events = _events(embedded, "organisation")
    assert _events(embedded, "organisation", "--last", "2") == events[-2:]
    subject = events[0]["subject"]
    assert _events(embedded, "organisation", "--subject", subject) == [each for each in events if each["subject"] == subject]


def test_a_message_that_cannot_be_read_fails_again_and_is_kept(embedded):
    letter = _park(embedded, b"{not json", None, "undecodable")
    listed = embedded.command("dead-letters", "list", "notifications").stdout
    assert next(text for text in listed.splitlines() if text.startswith(letter)).endswith("unreadable")
    embedded.command("dead-letters", "retry", "notifications", letter)
    until(lambda: "attempts: 2" in embedded.command("dead-letters", "show", "notifications", letter).stdout, 60, "tried again")
    assert "state: parked" in embedded.command("dead-letters", "show", "notifications", letter).stdout


@pytest.mark.parametrize("verb", ["show", "retry"])
def test_a_message_that_does_not_exist_is_told_in_a_line(embedded, verb):
    done = embedded.command("dead-letters", verb, "notifications", UNKNOWN, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("pupitre: Not found")
    assert done.stderr.count("\n") == 1


def test_a_service_without_failures_says_so(embedded):
    assert embedded.command("dead-letters", "list", "identity").stdout == "no failed message\n"


def test_the_history_is_intact_until_somebody_touches_it_and_then_the_line_is_named(embedded, tmp_path):
    story = Story(embedded)
    numero = story.machine.deposit(story.invoice("CLI-VERIFY-1"), "a.xml", UBL)
    assert story.machine.settled(numero)["etatCourantDepotFlux"] == "IN_INTEGRE"
    clean = embedded.command("verify")
    assert clean.stdout.endswith("in 1 chain(s): intact\n")
    assert "file(s) hashed again" in clean.stdout

    copy = _copy(embedded, tmp_path / "copy")
    assert [line.split(":")[0] for line in clean.stdout.splitlines() if line.endswith(": intact")] == [
        "identity",
        "organisation",
        "invoicing",
    ]
    words = ("verify", "--without-files", "--anchors", str(embedded.state / "anchors"))
    assert copy.command(*words).stdout.splitlines()[-1] == clean.stdout.splitlines()[-1]
    assert _json(copy, *words, "--json")["intact"] is True
    gone = copy.command("verify", check=False)
    assert gone.returncode == 1
    assert "! invoicing: file-missing " in gone.stdout
    link = sqlite3.connect(copy.state / "invoicing.sqlite3", isolation_level=None)
    for (name,) in link.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        link.execute(f"DROP TRIGGER {name}")
    [(structure,)] = link.execute("SELECT DISTINCT structure_id FROM history")
    link.execute("UPDATE history SET motive = 'tout autre chose' WHERE number = 2")
    link.close()
    own = sqlite3.connect(copy.state / "organisation.sqlite3", isolation_level=None)
    for (name,) in own.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        own.execute(f"DROP TRIGGER {name}")
    [(governed,)] = own.execute("SELECT structure_id FROM history WHERE action = 'rattachement.validated' LIMIT 1").fetchall()
    own.execute("UPDATE history SET actor = 'user:nobody' WHERE number = 1 AND structure_id = ?", (governed,))
    own.close()

    tampered = copy.command("verify", "--without-files", check=False)
    assert tampered.returncode == 1
    assert f"! invoicing: structure {uuid.UUID(structure)}, line 2: line-altered" in tampered.stdout.splitlines()
    assert f"! organisation: structure {uuid.UUID(governed)}, line 1: line-altered" in tampered.stdout.splitlines()
    assert "identity: " in copy.command(*words, "--service", "identity").stdout
    assert tampered.stdout.endswith(" fault(s)\n")


def test_the_history_of_a_structure_is_listed_with_who_did_what(embedded):
    persona = embedded.persona("commune-agent")
    siret = persona["structures"][0]["siret"]
    listed = embedded.command("history", "structure", siret).stdout
    assert "structure.created" in listed.splitlines()[0]
    assert any("rattachement.validated" in line for line in listed.splitlines())
    lines = _json(embedded, "history", "structure", siret, "--last", "2", "--json")
    assert len(lines) == 2
    assert lines[0]["number"] + 1 == lines[1]["number"]
    missing = embedded.command("history", "structure", "00000000000000", check=False)
    assert missing.returncode == 1
    assert "no structure has the identifier" in missing.stderr


def _copy(installation, state):
    """What an auditor gets of the running installation: the databases, and the public keys of their seals."""
    (state / "keys").mkdir(parents=True)
    for service in ("identity", "organisation", "invoicing"):
        (state / "keys" / f"{service}.pub").write_bytes((installation.state / "keys" / f"{service}.pub").read_bytes())
        source, target = sqlite3.connect(installation.state / f"{service}.sqlite3"), sqlite3.connect(state / f"{service}.sqlite3")
        source.backup(target)
        source.close()
        target.close()
    return Installation(state)


def test_an_account_is_made_beside_the_running_process_and_can_sign_in_there(embedded):
    siret = embedded.persona("commune-agent")["structures"][0]["siret"]
    words = ("users", "create", "jeanne@example.org", "--given-name", "Jeanne", "--family-name", "Martin", "--siret", siret)
    email, password = embedded.command(*words).stdout.splitlines()
    assert email == "jeanne@example.org"
    assert len(password) >= 20
    assert "jeanne@example.org" in [line.split()[0] for line in embedded.command("users", "list").stdout.splitlines()]

    visitor = Visitor(embedded)
    assert visitor.sign_in(email, password).status == 200
    assert "Commune de Valbourg" in visitor.open("/structures/").text

    again = embedded.command(*words, check=False)
    assert again.returncode == 1
    assert again.stderr == "pupitre: An account already exists for the address jeanne@example.org. [identity.user-exists]\n"


def test_a_structure_keeps_its_gestionnaire_and_the_new_account_is_told_all_the_same(embedded):
    siret = embedded.persona("commune-gestionnaire")["structures"][0]["siret"]
    words = ("users", "create", "second@example.org", "--given-name", "Jo", "--family-name", "Petit", "--siret", siret, "--gestionnaire")
    done = embedded.command(*words, check=False)
    assert done.returncode == 1
    assert done.stdout.splitlines()[0] == "second@example.org"
    assert "the account is made, but not attached" in done.stderr


def test_an_account_for_an_unknown_structure_is_not_made(embedded):
    words = ("users", "create", "nobody@example.org", "--given-name", "No", "--family-name", "Body", "--siret", "12345678900001")
    refused = embedded.command(*words, check=False)
    assert refused.returncode == 1
    assert "no structure has the SIRET 12345678900001" in refused.stderr
    assert refused.stdout == ""
    assert "nobody@example.org" not in embedded.command("users", "list").stdout


def test_the_health_of_a_running_portal_is_well(embedded):
    verdict, *figures = embedded.command("health", "portal").stdout.splitlines()
    assert verdict == "ok  readyz"
    assert any(line.startswith("    hub_gap_ms ") for line in figures)


def test_a_portal_that_does_not_answer_is_ill(stopped):
    done = stopped().command("health", "portal", check=False)
    assert done.returncode == 1
    assert done.stdout.startswith("ILL readyz ")


def test_instants_are_shown_in_utc_to_the_second():
    from pupitre.operating import short

    assert short(datetime.datetime(2026, 3, 1, 9, 5, 7, 250, datetime.UTC)) == "2026-03-01 09:05:07"


def test_the_support_reads_what_is_written_to_it_and_helps_who_cannot_sign_in(embedded):
    visitor = Visitor(embedded)
    page = visitor.open("/support/ecrire")
    form = page.form("/support/ecrire", name="")
    asked = visitor.submit(form, name="Paule Ney", email="paule@example.org", message="Rouvrez\nmon compte.")
    assert "est enregistrée" in asked.text
    assert "Paule Ney <paule@example.org>  Rouvrez mon compte." in embedded.command("users", "sollicitations").stdout
    for verb, code in (("reopen", "not-found"), ("remove-second-factor", "not-found")):
        refused = embedded.command("users", verb, embedded.persona("traiteur")["email"], check=False)
        assert (refused.returncode, f"[{code}]" in refused.stderr) == (1, True)


def test_an_operator_hands_over_a_public_structure(embedded):
    siret = embedded.persona("mediatheque-gestionnaire")["structures"][0]["siret"]
    agent, former = embedded.persona("mediatheque-agent")["email"], embedded.persona("mediatheque-gestionnaire")["email"]
    assert embedded.command("users", "hand-over", siret, agent).stdout == f"{agent} is gestionnaire principal of {siret}\n"
    again = embedded.command("users", "hand-over", siret, agent, check=False)
    assert (again.returncode, "[conflict]" in again.stderr) == (1, True)
    embedded.command("users", "hand-over", siret, former)
