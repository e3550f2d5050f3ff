import hashlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, unquote
from xml.sax.saxutils import escape

import eventlet
import eventlet.wsgi
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pupitre_bus.blobs import BlobDamaged, BlobNotFound, BlobStore

DAY = timedelta(days=1)


class Bucket:
    """What an S3 server answers to the few requests that a blob store makes, enough to see that they are made."""

    def __init__(self):
        self.objects = {}
        self.asked = []
        self.hold = 0.0

    def __call__(self, environ, start_response):
        eventlet.sleep(self.hold)
        key = environ["PATH_INFO"].split("/", 2)[2] if environ["PATH_INFO"].count("/") > 1 else ""
        method, query = environ["REQUEST_METHOD"], parse_qs(environ.get("QUERY_STRING", ""))
        self.asked.append(method)
        source = unquote(environ.get("HTTP_X_AMZ_COPY_SOURCE", "")).partition("/")[2]
        if source and source in self.objects:
            self.objects[key] = (self.objects[source][0], datetime.now(UTC))
            start_response("200 OK", [("Content-Type", "application/xml")])
            return [b"<CopyObjectResult><ETag>1</ETag></CopyObjectResult>"]
        if method == "PUT" and not source:
            self.objects[key] = (environ["wsgi.input"].read(), datetime.now(UTC))
        elif method == "GET" and "list-type" in query:
            start_response("200 OK", [("Content-Type", "application/xml")])
            return [self._listing(query.get("prefix", [""])[0]).encode()]
        elif method == "POST" and "delete" in environ.get("QUERY_STRING", ""):
            body = environ["wsgi.input"].read().decode()
            keys = [part.split("</Key>")[0] for part in body.split("<Key>")[1:]]
            for name in keys:
                self.objects.pop(name, None)
            start_response("200 OK", [("Content-Type", "application/xml")])
            return [
                b"<DeleteResult>",
                *[f"<Deleted><Key>{name}</Key></Deleted>".encode() for name in keys],
                b"</DeleteResult>",
            ]
        elif method == "DELETE":
            self.objects.pop(key, None)
        elif source or key not in self.objects:
            start_response("404 Not Found", [])
            return [b"<Error><Code>NoSuchKey</Code></Error>"]
        content, at = self.objects.get(key, (b"", datetime.now(UTC)))
        shown = method in ("GET", "HEAD")
        start_response(
            "200 OK",
            [
                ("ETag", '"1"'),
                ("Last-Modified", at.strftime("%a, %d %b %Y %H:%M:%S GMT")),
                ("Content-Length", str(len(content) if shown else 0)),
            ],
        )
        return [content] if method == "GET" else [b""]

    def _listing(self, prefix):
        found = "".join(
            f"<Contents><Key>{escape(key)}</Key><Size>{len(content)}</Size><ETag>1</ETag>"
            f"<LastModified>{at.strftime('%Y-%m-%dT%H:%M:%S.000Z')}</LastModified></Contents>"
            for key, (content, at) in self.objects.items()
            if key.startswith(prefix)
        )
        return f"<ListBucketResult><Name>b</Name><IsTruncated>false</IsTruncated>{found}</ListBucketResult>"


@pytest.fixture
def bucket(monkeypatch):
    listener, app = eventlet.listen(("127.0.0.1", 0)), Bucket()
    server = eventlet.spawn(eventlet.wsgi.server, listener, app, log_output=False)
    monkeypatch.setenv("AWS_ENDPOINT", f"http://127.0.0.1:{listener.getsockname()[1]}")
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_REGION", "paris")
    yield app
    server.kill()
    listener.close()


@pytest.fixture(params=["folder", "s3"])
def store(request, tmp_path):
    if request.param == "folder":
        return BlobStore.from_uri(tmp_path / "blobs")
    request.getfixturevalue("bucket")
    return BlobStore.from_uri("s3://b/files")


def test_a_blob_is_named_by_its_content_and_comes_back(store):
    sha256 = store.put(b"facture")
    assert sha256 == hashlib.sha256(b"facture").hexdigest()
    assert store.get(sha256) == b"facture"
    assert store.exists(sha256)
    assert store.put(b"facture") == sha256


def test_a_blob_that_is_not_there_is_not_found(store):
    with pytest.raises(BlobNotFound):
        store.get("0" * 64)
    assert not store.exists("0" * 64)


@pytest.mark.parametrize(
    "name", ["", "../../etc/passwd", "0" * 63, "0" * 65, "A" * 64, "0" * 64 + "\n", None, b"0" * 64]
)
def test_what_is_not_a_name_is_refused(tmp_path, name):
    store = BlobStore.from_uri(tmp_path)
    for ask in (store.get, store.exists):
        with pytest.raises(ValueError):
            ask(name)


def citing(*cited):
    """Answers a sweep: these are cited."""
    return lambda names: set(names) & set(cited)


def test_a_sweep_takes_what_nobody_cites_and_is_old_enough(store):
    kept, swept = store.put(b"kept"), store.put(b"swept")
    now = datetime.now(UTC)
    assert store.sweep(citing(kept), now, DAY) == []
    assert store.sweep(citing(kept), now + 2 * DAY, DAY) == [swept]
    assert store.sweep(citing(kept), now + 4 * DAY, DAY) == []
    assert store.exists(kept)
    assert not store.exists(swept)


def test_what_was_put_aside_is_read_and_brought_back(store):
    """A row that was committed while its file was being put aside has lost nothing."""
    sha256 = store.put(b"facture")
    later = datetime.now(UTC) + 2 * DAY
    assert store.sweep(citing(), later, DAY) == [sha256]
    assert store.exists(sha256)
    assert store.get(sha256) == b"facture"
    assert store.sweep(citing(sha256), later + 2 * DAY, DAY) == []
    assert store.sweep(citing(sha256), later + 4 * DAY, DAY) == []
    assert store.get(sha256) == b"facture"


def test_what_was_put_aside_and_is_cited_by_now_is_brought_back_unasked(store):
    sha256 = store.put(b"facture")
    later = datetime.now(UTC) + 2 * DAY
    assert store.sweep(citing(), later, DAY) == [sha256]
    assert store.sweep(citing(sha256), later + 2 * DAY, DAY) == []
    assert store.check([sha256]) == ["whole"]


def test_a_file_put_again_while_the_sweep_asks_is_spared(tmp_path):
    """The sweep has read its age and asks who cites it; meanwhile somebody deposits the same bytes."""
    store = BlobStore.from_uri(tmp_path)
    sha256 = store.put(b"facture")
    age(tmp_path / sha256[:2] / sha256[2:4] / sha256)

    def nobody_yet(names):
        store.put(b"facture")
        return set()

    assert store.sweep(nobody_yet, datetime.now(UTC), DAY) == []
    assert store.get(sha256) == b"facture"


def test_what_became_of_files_is_told(tmp_path):
    store = BlobStore.from_uri(tmp_path)
    whole, damaged, missing = store.put(b"1"), store.put(b"2"), store.put(b"3")
    (tmp_path / damaged[:2] / damaged[2:4] / damaged).write_bytes(b"other")
    (tmp_path / missing[:2] / missing[2:4] / missing).unlink()
    assert store.check([whole, damaged, missing]) == ["whole", "damaged", "missing"]


def quarantined(store_or_bucket, sha256):
    """What the operator finds of a blob that was put aside, in a folder or a bucket."""
    place = f"quarantine/{sha256[:2]}/{sha256[2:4]}/{sha256}"
    if isinstance(store_or_bucket, Bucket):
        return store_or_bucket.objects[f"files/{place}"][0]
    return (store_or_bucket / place).read_bytes()


@pytest.mark.requirement("RS-64")
@pytest.mark.parametrize("swept", [False, True], ids=["in place", "swept before"])
def test_what_is_quarantined_is_got_by_nobody_and_found_by_the_operator(store, request, tmp_path, swept):
    there = request.getfixturevalue("bucket") if "s3" in request.node.callspec.id else tmp_path / "blobs"
    sha256, other = store.put(b"virus"), store.put(b"facture")
    if swept:
        assert store.sweep(citing(other), datetime.now(UTC) + 2 * DAY, DAY) == [sha256]
    for _ in range(2):  # whoever asks again, after a crash say, finds it done
        store.quarantine(sha256)
        with pytest.raises(BlobNotFound):
            store.get(sha256)
        assert not store.exists(sha256)
        assert quarantined(there, sha256) == b"virus"
    assert store.check([sha256, other]) == ["whole", "whole"]
    store.put(b"virus")
    assert store.get(sha256) == b"virus"
    store.quarantine(sha256)
    assert not store.exists(sha256)
    assert quarantined(there, sha256) == b"virus"


def test_what_is_quarantined_is_copied_by_the_bucket_itself(bucket):
    store = BlobStore.from_uri("s3://b/files")
    sha256 = store.put(b"virus")
    bucket.asked.clear()
    store.quarantine(sha256)
    assert "GET" not in bucket.asked
    assert quarantined(bucket, sha256) == b"virus"


def test_what_is_quarantined_is_synced_before_it_leaves_its_place(tmp_path, monkeypatch):
    store, synced, fsync = BlobStore.from_uri(tmp_path), [], os.fsync
    sha256 = store.put(b"virus")

    def watched(descriptor):
        synced.append((Path(f"/proc/self/fd/{descriptor}").readlink(), place.exists()))
        fsync(descriptor)

    place = tmp_path / sha256[:2] / sha256[2:4] / sha256
    monkeypatch.setattr(os, "fsync", watched)
    store.quarantine(sha256)
    aside = tmp_path / "quarantine" / place.relative_to(tmp_path)
    expected = [aside, aside.parent, aside.parent.parent, tmp_path / "quarantine", tmp_path]
    assert synced == [(path, True) for path in expected]
    assert not store.exists(sha256)


def age(path):
    old = (datetime.now(UTC) - 3 * DAY).timestamp()
    os.utime(path, (old, old))


def test_a_damaged_blob_is_told_and_mended_by_putting_it_again(tmp_path):
    store = BlobStore.from_uri(tmp_path)
    sha256 = store.put(b"facture")
    path = tmp_path / sha256[:2] / sha256[2:4] / sha256
    path.write_bytes(b"fracture")
    with pytest.raises(BlobDamaged):
        store.get(sha256)
    store.put(b"facture")
    assert store.get(sha256) == b"facture"


def test_a_blob_put_again_is_young_again(tmp_path):
    store = BlobStore.from_uri(tmp_path)
    sha256 = store.put(b"facture")
    age(tmp_path / sha256[:2] / sha256[2:4] / sha256)
    store.put(b"facture")
    assert store.sweep(citing(), datetime.now(UTC), DAY) == []


def test_file_and_folders_are_synced_before_put_returns(tmp_path, monkeypatch):
    synced, fsync = [], os.fsync

    def watched(descriptor):
        synced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    sha256 = BlobStore.from_uri(tmp_path).put(b"facture")
    folder = f"{tmp_path}/{sha256[:2]}"
    assert synced == [f"{folder}/{sha256[2:4]}/{sha256}", f"{folder}/{sha256[2:4]}", folder, str(tmp_path)]


def test_files_put_together_are_all_synced_and_each_folder_once(tmp_path, monkeypatch):
    synced, fsync = [], os.fsync

    def watched(descriptor):
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink())
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    store = BlobStore.from_uri(tmp_path)
    contents = [f"facture {number}".encode() for number in range(300)]
    names = store.put_all(contents)
    assert [store.get(name) for name in names] == contents
    assert {tmp_path, *tmp_path.rglob("*")} == set(synced)
    assert len(synced) == len(set(synced))


def test_a_sweep_leaves_alone_what_is_not_a_blob(tmp_path):
    (tmp_path / "README").write_text("not a blob")
    assert BlobStore.from_uri(tmp_path).sweep(citing(), datetime.now(UTC) + 2 * DAY, DAY) == []
    assert (tmp_path / "README").exists()


def test_a_slow_bucket_does_not_stop_the_others(bucket):
    store = BlobStore.from_uri("s3://b")
    bucket.hold = 0.3
    ticks = []
    ticker = eventlet.spawn(lambda: [ticks.append(eventlet.sleep(0.01)) for _ in range(1000)])
    store.put(b"facture")
    ticker.kill()
    assert ticks


@settings(max_examples=25)
@given(content=st.binary(max_size=5000))
def test_any_bytes_come_back(tmp_path, content):
    store = BlobStore.from_uri(f"file://{tmp_path}")
    assert store.get(store.put(content)) == content


def test_another_kind_of_store_is_refused():
    with pytest.raises(ValueError):
        BlobStore.from_uri("ftp://host/files")
