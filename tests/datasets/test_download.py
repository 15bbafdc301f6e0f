import hashlib
import io
import os
import tarfile
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from inspection.common import cache
from inspection.common.errors import UserError
from inspection.datasets.fetching import download
from inspection.datasets.fetching.archives import unpack
from inspection.datasets.fetching.download import DownloadError, fetch

BODY = os.urandom(700_000)
SHA256 = hashlib.sha256(BODY).hexdigest()


class Handler(BaseHTTPRequestHandler):
    """Answer /whole with BODY, /short with half of it, /flaky whole the second time."""

    def do_GET(self):
        self.server.asked.append(self.path)
        if self.path.startswith("/gone"):
            return self.send_error(404)
        self.send_response(200)
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        flaky = (
            self.path.startswith("/flaky") and self.server.asked.count(self.path) < 2
        )
        short = flaky or self.path.startswith("/short")
        self.wfile.write(BODY[: len(BODY) // 2] if short else BODY)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.asked = []
    server.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    monkeypatch.setattr(download, "PAUSES", (0, 0, 0))


def test_the_second_time_comes_from_the_cache(server, tmp_path):
    path = fetch(f"{server.url}/whole.bin", SHA256, cache_dir=tmp_path)
    assert path == tmp_path / "whole.bin"
    assert path.read_bytes() == BODY
    assert fetch(f"{server.url}/whole.bin", SHA256, cache_dir=tmp_path) == path
    assert server.asked == ["/whole.bin"]
    assert list(tmp_path.iterdir()) == [path]


def test_the_folder_of_the_cache_can_be_chosen(server, tmp_path, monkeypatch):
    folder = tmp_path / "my data" / "ü b"
    monkeypatch.setenv(cache.CACHE_VARIABLE, str(folder))
    path = fetch(f"{server.url}/whole?x=1", SHA256, name="model.bin")
    assert path == folder / "model.bin"
    monkeypatch.delenv(cache.CACHE_VARIABLE)
    assert cache.cache_folder().parts[-2:] == (".cache", "visual-inspection")


def test_another_file_is_refused_with_both_hashes_and_removed(server, tmp_path):
    with pytest.raises(DownloadError) as caught:
        fetch(f"{server.url}/whole", "0" * 64, cache_dir=tmp_path)
    assert f"expected: {'0' * 64}" in str(caught.value)
    assert SHA256 in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_file_in_the_cache_is_refused_and_removed(server, tmp_path):
    (tmp_path / "whole").write_bytes(BODY[:-1])
    with pytest.raises(DownloadError, match="damaged"):
        fetch(f"{server.url}/whole", SHA256, cache_dir=tmp_path)
    assert fetch(f"{server.url}/whole", SHA256, cache_dir=tmp_path).exists()


@pytest.mark.parametrize(
    "page, reason, asked",
    [("gone", "answers 404 Not Found", 1), ("short", "the transfer broke off", 3)],
)
def test_a_failed_download_says_why_and_leaves_nothing(
    server, tmp_path, page, reason, asked
):
    with pytest.raises(DownloadError) as caught:
        fetch(f"{server.url}/{page}", SHA256, cache_dir=tmp_path)
    assert f"{server.url}/{page}: {reason}" in str(caught.value)
    assert len(server.asked) == asked
    assert list(tmp_path.iterdir()) == []


def test_a_transfer_that_breaks_off_is_tried_again(server, tmp_path):
    path = fetch(f"{server.url}/flaky", SHA256, cache_dir=tmp_path)
    assert path.read_bytes() == BODY
    assert server.asked == ["/flaky", "/flaky"]


def test_mirrors_are_tried_in_order(server, tmp_path):
    mirrors = [f"{server.url}/gone/2", f"{server.url}/whole", f"{server.url}/gone/3"]
    path = fetch(f"{server.url}/gone/1", SHA256, cache_dir=tmp_path, mirrors=mirrors)
    assert server.asked == ["/gone/1", "/gone/2", "/whole"]
    assert path.name == "1"


def test_offline_says_what_to_fetch_by_hand_and_where_to_put_it(server, tmp_path):
    server.shutdown()
    server.server_close()
    with pytest.raises(DownloadError) as caught:
        fetch(f"{server.url}/whole.bin", SHA256, cache_dir=tmp_path)
    message = str(caught.value)
    assert f"{server.url}/whole.bin: no connection" in message
    assert f"\n  {tmp_path / 'whole.bin'}\n" in message
    assert SHA256 in message
    (tmp_path / "whole.bin").write_bytes(BODY)  # done by hand
    assert fetch(f"{server.url}/whole.bin", SHA256, cache_dir=tmp_path).exists()


def test_without_a_known_hash_the_first_download_is_recorded(server, tmp_path):
    path = fetch(f"{server.url}/whole", cache_dir=tmp_path)
    record = tmp_path / "whole.sha256"
    assert record.read_text() == f"{SHA256}  whole\n"
    path.write_bytes(b"changed")
    with pytest.raises(DownloadError, match="recorded in"):
        fetch(f"{server.url}/whole", cache_dir=tmp_path)
    record.write_text(f"{'0' * 64}  whole\n")
    with pytest.raises(DownloadError, match="recorded in"):
        fetch(f"{server.url}/whole", cache_dir=tmp_path)
    assert list(tmp_path.iterdir()) == [record]


def test_the_hash_of_a_first_download_is_shown(server, tmp_path, capsys):
    fetch(f"{server.url}/whole?shown", name="shown", cache_dir=tmp_path)
    assert f"shown: SHA-256 {SHA256}, kept in {tmp_path}" in capsys.readouterr().err


@pytest.mark.parametrize("text", [b"", b"\n", b"\xff\xfe", b"garbage  whole\n"])
def test_a_damaged_record_trusts_nothing(server, tmp_path, text):
    fetch(f"{server.url}/whole", cache_dir=tmp_path)
    (tmp_path / "whole.sha256").write_bytes(text)
    with pytest.raises(DownloadError, match="whole.sha256 is damaged .* delete it"):
        fetch(f"{server.url}/whole", cache_dir=tmp_path)


def test_addresses_without_https_are_not_even_asked(tmp_path, monkeypatch):
    monkeypatch.setattr(download.requests, "get", lambda *a, **k: pytest.fail("asked"))
    with pytest.raises(DownloadError, match="http://example.org/a is not https"):
        fetch("http://example.org/a", cache_dir=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_nor_is_what_an_address_leads_to(server, tmp_path, monkeypatch):
    ask = download.requests.get

    def get(*arguments, **more):
        answer = ask(*arguments, **more)
        answer.url = "http://example.org/login"
        return answer

    monkeypatch.setattr(download.requests, "get", get)
    with pytest.raises(DownloadError, match="http://example.org/login is not https"):
        fetch(f"{server.url}/whole", cache_dir=tmp_path)
    assert list(tmp_path.iterdir()) == []


def tar_of(path, **files):
    with tarfile.open(path, "w:gz") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


def test_tar_and_zip_are_unpacked(tmp_path):
    tar_of(tmp_path / "a.tar.gz", **{"./a/x.txt": b"x", "a/ü b.txt": b"y"})
    assert unpack(tmp_path / "a.tar.gz", tmp_path / "out") == [tmp_path / "out" / "a"]
    assert (tmp_path / "out" / "a" / "ü b.txt").read_bytes() == b"y"
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("b/x.txt", "x")
        archive.writestr("c.txt", "c")
    unpack(tmp_path / "b.zip", tmp_path / "out")
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["a", "b", "c.txt"]


@pytest.mark.parametrize("name", ["../evil", "a/../../evil", "/evil", "C:\\evil"])
@pytest.mark.parametrize("kind", ["tar", "zip"])
def test_paths_that_lead_out_are_refused(tmp_path, name, kind):
    path = tmp_path / f"a.{kind}"
    if kind == "tar":
        tar_of(path, **{"good": b"x", name: b"x"})
    else:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("good", "x")
            archive.writestr(name, "x")
    with pytest.raises(UserError, match="1 of its 2 paths lead out"):
        unpack(path, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []
    assert not (tmp_path / "evil").exists()


def test_links_that_lead_out_are_refused(tmp_path):
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        member = tarfile.TarInfo("link")
        member.type, member.linkname = tarfile.SYMTYPE, "../../outside"
        archive.addfile(member)
    with pytest.raises(UserError, match="cannot be unpacked"):
        unpack(tmp_path / "a.tar", tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_broken_archive_leaves_nothing(tmp_path):
    whole = tar_of(tmp_path / "a.tar.gz", **{"a/x": b"x", "a/y": os.urandom(50_000)})
    (tmp_path / "b.tar.gz").write_bytes(whole.read_bytes()[:20_000])
    (tmp_path / "c.zip").write_bytes(b"<html>not found</html>")
    for name in ("b.tar.gz", "c.zip"):
        with pytest.raises(UserError, match=f"{name} cannot be unpacked"):
            unpack(tmp_path / name, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_what_is_there_already_stays(tmp_path):
    archive = tar_of(tmp_path / "a.tar.gz", **{"a/x": b"new", "b": b"new"})
    (tmp_path / "out" / "a").mkdir(parents=True)
    with pytest.raises(UserError, match="is there already"):
        unpack(archive, tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a"]
