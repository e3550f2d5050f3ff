import datetime
import email
import email.errors
import email.policy
import os
import types
import uuid
from pathlib import Path

import eventlet
import pytest
from pupitre_notifications.mailer import MaildirMailer, SmtpMailer, compose, hand_over

MAIL = {
    "mail_id": "id-1",
    "sender": "Pupitre <a@b.invalid>",
    "to": "c@d.invalid",
    "body": "Bonjour é",
    "at": "Tue, 01 Sep 2026 08:00:00 +0000",
}


def test_a_mail_handed_over_twice_is_one_file(tmp_path):
    mailer = MaildirMailer(tmp_path)
    for _ in range(2):
        mailer.send("id-1", compose(subject="Facture n° 1", **MAIL))
        mailer.settle()
    (only,) = (tmp_path / "new").iterdir()
    read = email.message_from_bytes(only.read_bytes(), policy=email.policy.default)
    assert read["Subject"] == "Facture n° 1"
    assert read["Message-ID"] == "<id-1@pupitre>"
    assert read.get_content().strip() == "Bonjour é"
    assert not list((tmp_path / "tmp").iterdir())


def test_a_header_with_a_line_break_is_refused():
    with pytest.raises(ValueError):
        compose(subject="a\nBcc: everyone@d.invalid", **MAIL)


def test_no_header_is_written_with_a_line_break_that_came_after_it_was_composed():
    message = compose(subject="a", **MAIL)
    del message["Subject"]
    message["Subject"] = "a\nBcc: everyone@d.invalid"
    with pytest.raises(email.errors.HeaderParseError):
        bytes(message)


def a_row(**over):
    values = {
        "mail_id": uuid.uuid4(),
        "to_address": "c@d.invalid",
        "subject": "Facture n° 1",
        "body": "Bonjour",
        "created_at": datetime.datetime(2026, 9, 1, 8, tzinfo=datetime.UTC),
    }
    return types.SimpleNamespace(**{**values, **over})


def test_one_mail_that_cannot_be_composed_does_not_keep_the_others_back(tmp_path):
    good, bad = a_row(), a_row(subject="a\nBcc: everyone@d.invalid")
    failures = hand_over(MaildirMailer(tmp_path), "a@b.invalid", [bad, good])
    assert list(failures) == [bad.mail_id] and failures[bad.mail_id].permanent
    assert [file.name for file in (tmp_path / "new").iterdir()] == [str(good.mail_id)]


def test_mails_whose_names_may_not_last_are_handed_over_again(tmp_path, monkeypatch):
    good, bad, mailer = a_row(), a_row(subject="a\nBcc: everyone@d.invalid"), MaildirMailer(tmp_path)

    def full():
        raise OSError("no space left")

    monkeypatch.setattr(mailer, "settle", full)
    failures = hand_over(mailer, "a@b.invalid", [good, bad])
    assert {mail_id: each.permanent for mail_id, each in failures.items()} == {good.mail_id: False, bad.mail_id: True}
    monkeypatch.undo()
    assert hand_over(mailer, "a@b.invalid", [good]) == {}
    assert [file.name for file in (tmp_path / "new").iterdir()] == [str(good.mail_id)]


def test_no_mail_is_seen_before_every_byte_of_it_lasts(tmp_path, monkeypatch):
    rows, mailer, synced = [a_row(), a_row()], MaildirMailer(tmp_path), []
    sync = os.fsync

    def fsync(file):
        synced.append(Path(f"/proc/self/fd/{file}").readlink().relative_to(tmp_path).as_posix())
        assert len(synced) > len(rows) or not list((tmp_path / "new").iterdir())
        sync(file)

    monkeypatch.setattr(os, "fsync", fsync)
    assert hand_over(mailer, "a@b.invalid", rows) == {}
    assert sorted(synced[:-1]) == sorted(f"tmp/{row.mail_id}" for row in rows)
    assert synced[-1] == "new"


def test_mails_whose_bytes_may_not_last_are_handed_over_again(tmp_path, monkeypatch):
    rows, mailer = [a_row(), a_row()], MaildirMailer(tmp_path)
    before = sum(1 for _ in Path("/proc/self/fd").iterdir())

    def broken(file):
        raise OSError("input/output error")

    monkeypatch.setattr(os, "fsync", broken)
    failures = hand_over(mailer, "a@b.invalid", rows)
    assert {mail_id: each.permanent for mail_id, each in failures.items()} == {row.mail_id: False for row in rows}
    assert not list((tmp_path / "new").iterdir())
    assert sum(1 for _ in Path("/proc/self/fd").iterdir()) == before
    monkeypatch.undo()
    assert hand_over(mailer, "a@b.invalid", rows) == {}
    assert {file.name for file in (tmp_path / "new").iterdir()} == {str(row.mail_id) for row in rows}


class SmtpServer:
    """Speaks just enough SMTP for one mail; refuses recipients at ``refused.invalid``."""

    def __init__(self):
        self.received = b""
        self._socket = eventlet.listen(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self.thread = eventlet.spawn(self._serve)

    def _serve(self):
        link = self._socket.accept()[0]
        lines = link.makefile("rwb")

        def say(text):
            lines.write(text + b"\r\n")
            lines.flush()

        say(b"220 ready")
        for line in lines:
            verb = line[:4].upper()
            if verb == b"DATA":
                say(b"354 go on")
                while (part := lines.readline()) != b".\r\n":
                    self.received += part
                say(b"250 taken")
            elif verb == b"QUIT":
                say(b"221 bye")
                return
            else:
                say(b"550 unknown" if b"refused.invalid" in line else b"250 well")


def test_a_mail_goes_by_smtp_as_it_was_composed():
    server, row = SmtpServer(), a_row()
    assert hand_over(SmtpMailer(server.address), "Pupitre <a@b.invalid>", [row]) == {}
    read = email.message_from_bytes(server.received, policy=email.policy.default)
    assert (read["Subject"], read["To"]) == ("Facture n° 1", "c@d.invalid")
    assert read["Message-ID"] == f"<{row.mail_id}@pupitre>"


def test_a_recipient_that_the_server_refuses_is_tried_again_later():
    server, row = SmtpServer(), a_row(to_address="x@refused.invalid")
    failure = hand_over(SmtpMailer(server.address), "a@b.invalid", [row])[row.mail_id]
    assert not failure.permanent and "refused.invalid" in failure.reason


def test_a_server_that_does_not_answer_is_tried_again_later():
    closed = eventlet.listen(("127.0.0.1", 0))
    address = f"127.0.0.1:{closed.getsockname()[1]}"
    closed.close()
    row = a_row()
    assert not hand_over(SmtpMailer(address), "a@b.invalid", [row])[row.mail_id].permanent
