"""What can go wrong with a file: each has its reason, and no wrong file has a final name."""

import gzip
import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from builders.download_files import HASTY, Site
from builders.loopback_files import PASSING, Fault, FileServer, FileServing
from hstql_resources.downloads import Download, Downloaded, fetch_all
from hstql_resources.downloads.part_file import PartFile

Fetch = Callable[..., Downloaded]
NAME = "ldow0001q_flt.fits"


def test_a_whole_file_lies_under_its_name_with_the_archives_date(site: Site, fetch: Fetch) -> None:
    body = site.add(NAME)
    at = datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)
    done = fetch(NAME, size_bytes=len(body), modified_at=at)
    path = site.folder / NAME
    assert done.fault is None
    assert (done.size_bytes, done.attempts) == (len(body), 1)
    assert path.read_bytes() == body
    assert path.stat().st_mtime == at.timestamp()
    assert site.left() == [NAME]


def test_a_file_that_was_there_is_replaced(site: Site, fetch: Fetch) -> None:
    (site.folder / NAME).write_text("old")
    (site.folder / f"{NAME}.part").write_text("left by a process that was killed")
    body = site.add(NAME)
    assert fetch(NAME).fault is None
    assert (site.folder / NAME).read_bytes() == body
    assert site.left() == [NAME]


def test_an_old_file_stays_when_the_new_one_cannot_be_had(site: Site, fetch: Fetch) -> None:
    (site.folder / NAME).write_text("old")
    assert fetch(NAME).fault is not None
    assert (site.folder / NAME).read_text() == "old"


@pytest.mark.parametrize("fault", PASSING, ids=lambda fault: f"{fault.kind}-{fault.status}")
def test_what_passes_is_asked_for_again(site: Site, fetch: Fetch, fault: Fault) -> None:
    body = site.add(NAME)
    site.files.fail(NAME, fault)
    done = fetch(NAME, size_bytes=len(body))
    assert done.fault is None
    assert (site.folder / NAME).read_bytes() == body
    assert site.files.count(NAME) == (1 if fault.kind in ("no_range", "no_length") else 2)


@pytest.mark.parametrize(
    ("fault", "reason", "attempts"),
    [
        (Fault("status", 400), "answers 400, it does not understand the request", 1),
        (Fault("status", 404), "answers 404, it does not have it", 1),
        (Fault("status", 410), "answers 410, it is gone for good", 1),
        (Fault("status", 401), "answers 401, it is not public and no token was sent", 1),
        (Fault("status", 403), "answers 403, it is not public and no token was sent", 1),
        (Fault("status", 418), "answers 418, an answer that nobody expects here", 1),
        (Fault("status", 204), "answers 204, an answer that nobody expects here", 1),
        (Fault("status", 429, retry_after="0"), "answers 429, it is asked too often", 4),
        (Fault("status", 500), "answers 500, it has an error of its own", 4),
        (Fault("status", 502), "answers 502, what stands behind it does not answer", 4),
        (Fault("status", 503), "answers 503, it is busy or under maintenance", 4),
        (Fault("status", 504), "answers 504, what stands behind it does not answer", 4),
        (Fault("status", 416), "could not be resumed", 4),
        (Fault("login"), "is a web page where a file should be", 4),
        (Fault("login_as_fits"), "is a web page where a file should be", 4),
        (Fault("drop", share=0.0), "the connection was lost to 127.0.0.1", 4),
        (Fault("half"), "has 100,800 bytes where the archive's list promises 201,600", 4),
    ],
    ids=lambda value: f"{value.kind}-{value.status}" if isinstance(value, Fault) else "",
)
def test_what_does_not_pass_is_named(
    site: Site, fetch: Fetch, fault: Fault, reason: str, attempts: int
) -> None:
    body = site.add(NAME)
    site.files.fail_always(NAME, fault)
    done = fetch(NAME, size_bytes=len(body))
    assert done.fault is not None
    assert done.fault.startswith(f"{NAME} ")
    assert reason in done.fault
    assert (done.attempts, site.files.count(NAME)) == (attempts, attempts)
    assert site.left() == []


@pytest.mark.parametrize("kind", ["stall", "drip"])
def test_a_body_that_hardly_comes_ends(site: Site, fetch: Fetch, kind: str) -> None:
    site.add(NAME)
    # A byte every 20 ms is never silent for the 200 ms of the timeout; all would take an hour.
    seconds = {"stall": 600.0, "drip": 0.02}[kind]
    site.files.fail_always(NAME, Fault(kind, share=0.001, seconds=seconds))
    done = fetch(NAME, replace(HASTY, attempts=2, read_s=0.2))
    assert done.fault is not None
    assert "nothing came any more from 127.0.0.1" in done.fault
    assert done.seconds < 300.0
    assert site.left() == []


def test_half_a_file_is_found_out_without_a_promised_size(site: Site, fetch: Fetch) -> None:
    site.add(NAME)
    site.files.fail_always(NAME, Fault("half"))
    done = fetch(NAME)
    assert done.fault == f"{NAME} is not whole: the data of HDU 0 end too early."
    assert site.left() == []


def test_half_a_gzipped_file_is_found_out(site: Site, fetch: Fetch) -> None:
    site.add(f"{NAME}.gz")
    site.files.fail(f"{NAME}.gz", Fault("half"))
    done = fetch(f"{NAME}.gz")
    assert (done.fault, done.attempts) == (None, 2)
    site.files.fail_always(f"{NAME}.gz", Fault("half"))
    assert "its gzip ends too early" in str(fetch(f"{NAME}.gz").fault)


def test_a_whole_file_of_another_size_than_promised_is_a_fault(site: Site, fetch: Fetch) -> None:
    body = site.add(NAME)
    done = fetch(NAME, size_bytes=len(body) - 2880)
    assert "has 201,600 bytes where the archive's list promises 198,720" in str(done.fault)
    site.files.fail_always(NAME, Fault("no_length"))
    assert "has 201,600 bytes" in str(fetch(NAME, size_bytes=len(body) - 2880).fault)
    assert site.left() == []


def test_text_is_not_taken_for_fits(site: Site, fetch: Fetch) -> None:
    site.files.add(NAME, b"no such product")
    assert "is not FITS" in str(fetch(NAME).fault)
    site.files.add("truth.json", b"{}")
    assert fetch("truth.json", is_fits=False).fault is None


def test_what_a_server_packed_for_the_way_is_unpacked(site: Site, fetch: Fetch) -> None:
    body = site.add(NAME)
    site.files.fail_always(NAME, Fault("gzip"))
    assert fetch(NAME, size_bytes=len(body)).fault is None
    assert (site.folder / NAME).read_bytes() == body


def test_a_gzipped_file_that_is_called_packed_is_left_as_it_is(site: Site, fetch: Fetch) -> None:
    name = f"{NAME}.gz"
    body = site.add(name)
    site.files.add(name, gzip.decompress(body))
    site.files.fail_always(name, Fault("gzip"))
    assert fetch(name).fault is None
    assert gzip.decompress((site.folder / name).read_bytes()) == gzip.decompress(body)


def test_nobody_at_that_address_is_named(site: Site, fetch: Fetch) -> None:
    with FileServer(FileServing()) as gone:
        url = gone.address(NAME)
    assert "connection refused by 127.0.0.1" in str(fetch(NAME, url=url).fault)


@pytest.mark.parametrize(
    "url", ["ftp://127.0.0.1/x.fits", "file:///etc/passwd", "nonsense", "http://[::1", ""]
)
def test_an_address_that_is_none_is_named(site: Site, fetch: Fetch, url: str) -> None:
    done = fetch(NAME, url=url)
    assert "cannot be asked for: its address" in str(done.fault)
    assert site.left() == []


def test_a_full_disk_concerns_one_file(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"ldow{number:04d}q_flt.fits" for number in range(6)]
    bodies = {name: site.add(name) for name in names}
    write = PartFile.write

    def write_to_full_disk(part: PartFile, data: bytes) -> None:
        if part._download.path.name == names[2]:
            # The real error of the real system call.
            part._file.close()
            part._file = Path("/dev/full").open("wb", buffering=0)  # noqa: SIM115
        write(part, data)

    monkeypatch.setattr(PartFile, "write", write_to_full_disk)
    downloads = [Download(site.url(name), site.folder / name) for name in names]
    faults = {done.download.path.name: done.fault for done in fetch_all(downloads, HASTY)}
    assert faults.pop(names[2]) == (
        f"{names[2]} cannot be written: No space left on device; make room on that disk and "
        "fetch it again."
    )
    assert set(faults.values()) == {None}
    assert site.left() == [name for name in names if name != names[2]]
    assert all((site.folder / name).read_bytes() == bodies[name] for name in faults)


def test_a_folder_that_is_not_there_or_not_open_is_named(site: Site, fetch: Fetch) -> None:
    site.add(NAME)
    done = fetch(NAME, path=site.folder / "nowhere" / NAME)
    assert "cannot be written: No such file or directory; check its folder" in str(done.fault)
    (site.folder / NAME).mkdir()
    assert "cannot be written: Is a directory" in str(fetch(NAME).fault)
    assert site.left() == [NAME]


def test_a_link_under_the_temporary_name_leads_no_bytes_elsewhere(
    site: Site, fetch: Fetch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    site.add(NAME)
    other = tmp_path_factory.mktemp("elsewhere") / "precious"
    other.write_text("precious")
    (site.folder / f"{NAME}.part").symlink_to(other)
    assert fetch(NAME).fault is None
    assert other.read_text() == "precious"


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.full)])
def test_two_hundred_files_survive_faults_in_a_tenth_of_the_requests(
    tmp_path: Path, seed: int
) -> None:
    files = FileServing(rate=0.1, seed=seed)
    with FileServer(files) as server:
        site = Site(files, server, tmp_path)
        names = [f"ldow{number:04d}q_flt.fits" for number in range(200)]
        digests = {name: hashlib.sha256(site.add(name, 20)).digest() for name in names}
        downloads = [Download(site.url(name), tmp_path / name, 57_600) for name in names]
        done = list(fetch_all(downloads, replace(HASTY, attempts=6)))
    assert sorted(one.download.path.name for one in done) == names
    assert [one.fault for one in done if one.fault] == []
    assert {
        path.name: hashlib.sha256(path.read_bytes()).digest() for path in tmp_path.iterdir()
    } == digests
    assert sum(request.fault is not None for request in files.requests) >= 10
