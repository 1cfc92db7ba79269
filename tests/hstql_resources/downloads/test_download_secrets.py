"""The token goes to one host, and nowhere else: not on redirects, not in logs, faults or reprs."""

import logging
import pickle
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from builders.download_files import HASTY, TOKEN, Site
from builders.loopback_files import Fault, FileServer, FileServing
from hstql_resources.downloads import Download, Downloaded, fetch_all

Fetch = Callable[..., Downloaded]
NAME = "ldow0001q_flt.fits"
HEADERS = {"Authorization": f"token {TOKEN}", "X-Own": TOKEN}


def sent(files: FileServing) -> list[str | None]:
    return [request.authorization for request in files.requests]


def test_a_file_that_is_not_public_comes_with_the_token(site: Site, fetch: Fetch) -> None:
    site.add(NAME)
    site.files.add(NAME, site.files.files[NAME].body, is_public=False)
    assert "it is not public and no token was sent" in str(fetch(NAME).fault)
    wrong = fetch(NAME, headers={"Authorization": "token wrong"})
    assert "the token that was sent is wrong, expired, or has no access" in str(wrong.fault)
    assert fetch(NAME, headers=HEADERS).fault is None


def test_a_redirect_to_another_host_or_port_takes_no_header_along(site: Site, fetch: Fetch) -> None:
    site.add(NAME)
    others = FileServing()
    others.add(NAME, site.files.files[NAME].body)
    with FileServer(others) as other:
        site.files.fail(NAME, Fault("redirect", location=other.address(NAME)))
        assert fetch(NAME, headers=HEADERS).fault is None
    assert sent(site.files) == [f"token {TOKEN}"]
    assert sent(others) == [None]


def test_a_redirect_within_the_host_keeps_the_token(site: Site, fetch: Fetch) -> None:
    site.add(NAME)
    place = site.server.address(NAME).removeprefix(site.server.url)
    site.files.fail(NAME, Fault("redirect", location=place))
    assert fetch(NAME, headers=HEADERS).fault is None
    assert sent(site.files) == [f"token {TOKEN}"] * 2


def test_an_alternative_at_another_host_gets_no_token(site: Site, fetch: Fetch) -> None:
    others = FileServing()
    with FileServer(others) as other:
        fetch(NAME, headers=HEADERS, alternatives=(other.address(NAME),))
    assert sent(others) == [None]


@pytest.mark.parametrize(
    "location", ["ftp://127.0.0.1/x", "file:///etc/passwd", "http://[", "javascript:x"]
)
def test_a_redirect_to_no_web_address_is_not_followed(
    site: Site, fetch: Fetch, location: str
) -> None:
    site.add(NAME)
    site.files.fail_always(NAME, Fault("redirect", location=location))
    done = fetch(NAME)
    assert "its address leads to what is none of http or https" in str(done.fault)
    assert done.attempts == 1


def test_redirects_without_end_are_not_followed(site: Site, fetch: Fetch) -> None:
    site.add(NAME)
    site.files.fail_always(NAME, Fault("redirect", location=site.url(NAME)))
    assert "its address leads on more than 5 times" in str(fetch(NAME).fault)
    assert site.files.count(NAME) == 6


def test_neither_netrc_nor_cookies_take_the_place_of_the_token(
    site: Site, fetch: Fetch, tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    netrc = tmp_path_factory.mktemp("home") / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password mine")
    monkeypatch.setenv("NETRC", str(netrc))
    site.add(NAME)
    assert fetch(NAME, headers=HEADERS).fault is None
    assert fetch(NAME).fault is None
    assert sent(site.files) == [f"token {TOKEN}", None]


def test_the_proxy_of_the_environment_is_used(
    site: Site, fetch: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = site.add(NAME)
    for name in ("no_proxy", "NO_PROXY", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", site.server.url)
    url = f"http://archive.invalid{site.url(NAME).removeprefix(site.server.url)}"
    assert fetch(NAME, url=url, headers=HEADERS).fault is None
    assert (site.folder / NAME).read_bytes() == body
    assert site.files.requests[0].path == url
    monkeypatch.setenv("no_proxy", "archive.invalid")
    assert "there is no address of archive.invalid" in str(fetch(NAME, url=url).fault)


def test_no_log_fault_or_repr_holds_the_token(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    faults = [Fault("echo", status=status) for status in (200, 302, 400, 401, 404, 500, 503)]
    faults += [Fault("redirect", location=f"ftp://{TOKEN}/"), Fault("drop"), Fault("stall")]
    names = [f"ldow{number:04d}q_flt.fits" for number in range(len(faults))]
    for name, fault in zip(names, faults, strict=True):
        site.add(name)
        site.files.fail_always(name, fault)
    downloads = [Download(site.url(name), site.folder / name, headers=HEADERS) for name in names]
    downloads += [
        # http.client says what is wrong with a header by repeating it.
        Download(site.url(NAME), site.folder / "bad", headers={"Authorization": f"{TOKEN}\n"}),
        Download(f"nonsense://{TOKEN}", site.folder / "worse"),
    ]
    results = list(fetch_all(downloads, HASTY))
    assert all(done.fault for done in results)
    said = caplog.text + repr(results) + repr(downloads) + "".join(str(r.fault) for r in results)
    assert "attempt 1 of at most 4" in said
    assert TOKEN not in said


def test_an_error_that_nobody_expected_holds_no_token(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: Path, *, is_gzipped: bool) -> None:
        raise RuntimeError("nobody expected this")

    monkeypatch.setattr("hstql_resources.downloads.part_file.find_fits_fault", fail)
    site.add(NAME)
    download = Download(site.url(NAME), site.folder / NAME, headers=HEADERS)
    with pytest.raises(RuntimeError, match="nobody expected this") as caught:
        list(fetch_all([download], HASTY))
    assert TOKEN not in "".join(traceback.format_exception(caught.value))
    assert site.left() == []


def test_a_download_can_be_pickled_and_is_a_key() -> None:
    download = Download("http://host/file", Path("file"), headers=HEADERS)
    assert pickle.loads(pickle.dumps(download)) == download
    assert {download: 1}[download] == 1
