import time

import eventlet
import eventlet.event
import pytest
import sqlalchemy as sa
from pupitre_bus import envelope, outbox, tables
from pupitre_bus.actors import Actor
from pupitre_bus.errors import Invalid
from pupitre_bus.scope import Scope
from pupitre_bus.testing import wait_until

WRITERS, EACH = 8, 25


def publish(database, *events):
    with database.transaction() as tx:
        for event in events:
            tx.publish(event)


def leading(database):
    """The lead, once whoever had it has gone: PostgreSQL frees it when that session has ended, which is not at once."""
    ends = time.monotonic() + 30

    def again():
        eventlet.sleep(0.02)
        return time.monotonic() < ends

    return outbox.leader(database, again)


def number_all(database):
    with leading(database) as lead:
        rows = []
        while fresh := lead.take():
            rows += fresh
            lead.mark_published([row.id for row in fresh])
        return rows


def read_feed(database, after, limit=1000, types=None):
    with database.reading() as db:
        return outbox.feed(db, after, limit, types)


def test_an_event_carries_who_acted_when_and_in_which_conversation(database, clock, thing_made):
    scope = Scope(database=database, clock=clock, actor=Actor("user", "u-1", "Zoé"), correlation_id="c-1")
    with scope.begin() as tx:
        tx.publish(thing_made(thing="a", note={"é": [1, None]}))
    [row] = number_all(database)
    event = envelope.decode(envelope.encode(row))
    assert (event.source, event.type, event.subject) == ("things", "thing.made.v1", "a")
    assert (event.actor, event.correlation_id, event.time) == ("user:u-1", "c-1", clock.now())
    assert event.data == {"thing": "a", "note": {"é": [1, None]}}
    assert (event.feed_seq, event.subject_version) == (1, 1)


def test_versions_count_within_a_subject(database, thing_made):
    publish(database, thing_made(thing="a"), thing_made(thing="b"), thing_made(thing="a"))
    publish(database, thing_made(thing="a"))
    versions = [(row.subject, row.subject_version) for row in number_all(database)]
    assert versions == [("a", 1), ("b", 1), ("a", 2), ("a", 3)]


@pytest.mark.requirement("RS-08")
@pytest.mark.parametrize("note", ["\0", "\ud800", float("inf"), 10**400, "x" * 65536], ids=lambda note: repr(note)[:10])
def test_an_event_that_could_not_travel_is_refused_in_the_transaction(database, thing_made, note):
    with pytest.raises(Invalid):
        publish(database, thing_made(thing="a", note=note))
    assert number_all(database) == []


def test_a_service_publishes_only_its_own_events(database, thing_made):
    class Foreign(thing_made):
        owner = "elsewhere"

    with pytest.raises(ValueError, match="elsewhere"):
        publish(database, Foreign(thing="a"))


def test_a_row_is_numbered_before_it_is_published_and_stays_until_it_is(database, thing_made):
    publish(database, thing_made(thing="a"), thing_made(thing="b"))
    with leading(database) as lead:
        first = lead.take()
        assert [row.feed_seq for row in first] == [1, 2]
        lead.mark_published([first[0].id])
        lead.mark_failed(first[1].id, "no route \0")
    with leading(database) as lead:
        [left] = lead.take()
    assert (left.id, left.feed_seq, left.attempts, left.last_error) == (first[1].id, 2, 1, "no route \ufffd")
    with database.reading() as db:
        assert outbox.backlog(db).count == 1


def test_the_backlog_is_taken_in_slices(database, thing_made):
    publish(database, *[thing_made(thing=str(number)) for number in range(5)])
    with leading(database) as lead:
        assert [row.feed_seq for row in lead.take(2)] == [1, 2]
        assert [row.feed_seq for row in lead.take(2)] == [1, 2]
    assert [row.feed_seq for row in number_all(database)] == [1, 2, 3, 4, 5]


@pytest.mark.requirement("RS-02")
def test_one_leads_at_a_time_and_the_next_follows(database):
    with outbox.leader(database) as first:
        assert first is not None
        with outbox.leader(database) as second:
            assert second is None
    with leading(database) as third:
        assert third is not None


def test_a_leader_knows_whether_anybody_waits_for_its_place(database, monkeypatch):
    monkeypatch.setattr(outbox, "ALONE_SECONDS", 0.0)
    asked, waits = [], eventlet.event.Event()

    def again():
        asked.append(True)
        waits.wait()
        return len(asked) < 3

    def follow():
        with outbox.leader(database, again) as lead:
            return lead

    with outbox.leader(database) as lead:
        assert lead.alone()
        follower = eventlet.spawn(follow)
        if database.on_sqlite:  # one process has the file for itself
            assert follower.wait() is None
        else:
            wait_until(lambda: not lead.alone())
            waits.send(None)
            assert follower.wait() is None
            assert len(asked) == 3
        assert lead.alone()


@pytest.mark.postgres
@pytest.mark.parametrize("database_uri", ["postgresql"], indirect=True)
def test_whoever_waited_takes_over_and_is_alone_then(database):
    first = outbox.leader(database)
    assert first.__enter__() is not None
    with outbox.leader(database, lambda: first.__exit__(None, None, None) or True) as second:
        assert second.alone()


@pytest.mark.postgres
@pytest.mark.parametrize("database_uri", ["postgresql"], indirect=True)
def test_a_leader_whose_connection_is_cut_can_no_longer_number(database, thing_made):
    publish(database, thing_made(thing="a"))
    with outbox.leader(database) as deposed:
        pid = deposed._connection.connection.driver_connection.info.backend_pid
        with database.transaction() as tx:
            tx.execute(sa.select(sa.func.pg_terminate_backend(pid)))
        with pytest.raises(sa.exc.DBAPIError):
            deposed.take()
        with leading(database) as successor:
            assert [row.feed_seq for row in successor.take()] == [1]
        with pytest.raises(outbox.LeadLost):
            deposed.take()


def test_the_feed_gives_pages_in_order(database, thing_made):
    publish(database, *[thing_made(thing=str(number)) for number in range(5)])
    assert read_feed(database, 0).events == []  # not numbered yet: nobody may read what could still be overtaken
    number_all(database)
    page = read_feed(database, 0, limit=2)
    assert (len(page.events), page.head, page.last) == (2, 5, 2)
    page = read_feed(database, page.last, limit=10)
    assert [envelope.decode(body).subject for body in page.events] == ["2", "3", "4"]
    assert (page.head, page.last) == (5, 5)
    assert read_feed(database, 5) == outbox.FeedPage([], 5, 5)
    assert read_feed(database, 9) == outbox.FeedPage([], 5, 9)


def test_a_filter_of_the_feed_does_not_move_numbers(database, thing_made, thing_lost):
    publish(database, thing_made(thing="a"), thing_lost(thing="a"), thing_made(thing="b"))
    number_all(database)
    page = read_feed(database, 0, types=["thing.lost.v1"])
    assert [envelope.decode(body).feed_seq for body in page.events] == [2]
    assert (page.head, page.last) == (3, 3)
    assert read_feed(database, 0, limit=1, types=["thing.made.v1"]).last == 1


@pytest.mark.requirement("RS-03")
@pytest.mark.slow
def test_a_reader_of_the_feed_misses_nothing_while_eight_write(database, thing_made):
    done = []

    def write(writer):
        for number in range(EACH):
            with database.transaction() as tx:
                tx.publish(thing_made(thing=f"{writer}", note=number))
                if not database.on_sqlite:
                    eventlet.sleep(0.001 * (writer % 3))  # transactions overtake each other, as under load
        done.append(writer)

    def relay():
        with leading(database) as lead:
            finished, rows = False, []
            while rows or not finished:
                finished = len(done) == WRITERS
                rows = lead.take(20)
                lead.mark_published([row.id for row in rows])
                eventlet.sleep(0)

    seen = []

    def read():
        while len(seen) < WRITERS * EACH:
            after = seen[-1].feed_seq if seen else 0
            seen.extend(map(envelope.decode, read_feed(database, after, limit=30).events))
            eventlet.sleep(0)

    with eventlet.Timeout(500):
        running = [eventlet.spawn(write, writer) for writer in range(WRITERS)]
        for thread in [*running, eventlet.spawn(relay), eventlet.spawn(read)]:
            thread.wait()
    assert [event.feed_seq for event in seen] == list(range(1, WRITERS * EACH + 1))
    for writer in range(WRITERS):
        mine = [event for event in seen if event.subject == str(writer)]
        assert [event.data["note"] for event in mine] == list(range(EACH))
        assert [event.subject_version for event in mine] == list(range(1, EACH + 1))


def test_writers_about_one_subject_get_versions_without_gap(database, thing_made):
    def write(_):
        publish(database, thing_made(thing="same"))

    for _ in eventlet.GreenPool(8).imap(write, range(24)):
        pass
    with database.reading() as db:
        versions = db.execute(sa.select(tables.outbox.c.subject_version).order_by(tables.outbox.c.seq)).scalars().all()
    assert versions == list(range(1, 25))


def test_events_are_published_again_under_their_own_numbers(database, thing_made):
    publish(database, *(thing_made(thing=name) for name in "abc"))
    first = number_all(database)
    assert outbox.replay(database, 2, 3) == 2
    assert [(row.id, row.feed_seq) for row in number_all(database)] == [(row.id, row.feed_seq) for row in first[1:]]
    assert outbox.replay(database, 9, 9) == 0
