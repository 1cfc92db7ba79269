"""Going on with a body that broke off: only where the answer proves that it is the rest."""

from collections.abc import Callable

import pytest

from builders.download_files import HASTY, Site
from builders.loopback_files import Fault
from hstql_resources.downloads import Downloaded
from hstql_resources.downloads.resuming import Partial, describe_partial

Fetch = Callable[..., Downloaded]
NAME = "ldow0001q_flt.fits"
SIZE = 201_600
HALF = SIZE // 2


def ranges(site: Site) -> list[str | None]:
    return [request.requested_range for request in site.files.requests]


def test_a_proven_rest_is_added(site: Site, fetch: Fetch) -> None:
    body = site.add(NAME)
    site.files.fail(NAME, Fault("drop"), Fault("drop"))
    done = fetch(NAME, size_bytes=SIZE)
    assert done.fault is None
    assert (site.folder / NAME).read_bytes() == body
    assert ranges(site) == [None, f"bytes={HALF}-", f"bytes={HALF + HALF // 2}-"]
    assert done.size_bytes == SIZE  # no byte came twice


@pytest.mark.parametrize("kind", ["wrong_range", "wrong_total", "range_of_other"])
def test_an_answer_that_proves_nothing_starts_the_file_anew(
    site: Site, fetch: Fetch, kind: str
) -> None:
    body = site.add(NAME)
    site.files.fail(NAME, Fault("drop"), Fault(kind))
    done = fetch(NAME, size_bytes=SIZE)
    assert done.fault is None
    assert (site.folder / NAME).read_bytes() == body
    assert ranges(site) == [None, f"bytes={HALF}-", None]


@pytest.mark.parametrize("fault", [Fault("no_range"), Fault("changed"), Fault("no_length")])
def test_a_server_that_sends_all_again_is_taken_at_its_word(
    site: Site, fetch: Fetch, fault: Fault
) -> None:
    body = site.add(NAME)
    site.files.fail(NAME, Fault("drop"), fault)
    done = fetch(NAME, size_bytes=SIZE)
    assert (done.fault, done.attempts) == (None, 2)
    assert (site.folder / NAME).read_bytes() == body


def test_a_file_that_changed_meanwhile_is_not_mixed_with_the_old_one(
    site: Site, fetch: Fetch
) -> None:
    site.add(NAME)
    site.files.fail(NAME, Fault("drop"), Fault("changed"))
    other = site.add("ldow0002q_flt.fits")
    swapped = False
    answer = site.files.answer

    def swap(handler: object) -> bool:
        nonlocal swapped
        if swapped:
            site.files.add(NAME, other)
        swapped = True
        return answer(handler)

    site.files.answer = swap
    assert fetch(NAME, size_bytes=SIZE).fault is None
    assert (site.folder / NAME).read_bytes() == other


def test_416_starts_the_file_anew(site: Site, fetch: Fetch) -> None:
    body = site.add(NAME)
    site.files.fail(NAME, Fault("drop"), Fault("status", 416))
    assert fetch(NAME).fault is None
    assert (site.folder / NAME).read_bytes() == body
    assert ranges(site) == [None, f"bytes={HALF}-", None]


def test_what_turned_out_wrong_is_not_gone_on_with(site: Site, fetch: Fetch) -> None:
    body = site.add(NAME)
    site.files.fail(NAME, Fault("half"))
    assert fetch(NAME).fault is None
    assert (site.folder / NAME).read_bytes() == body
    assert ranges(site) == [None, None]


PARTIAL = Partial("http://host/file", 1000, '"etag"', "yesterday")


@pytest.mark.parametrize(
    ("headers", "is_proof"),
    [
        ({"Content-Range": "bytes 400-999/1000", "ETag": '"etag"'}, True),
        ({"Content-Range": "bytes 400-999/1000", "ETag": '"other"'}, False),
        ({"Content-Range": "bytes 400-999/1000", "Last-Modified": "yesterday"}, False),
        ({"Content-Range": "bytes 400-998/1000", "ETag": '"etag"'}, False),
        ({"Content-Range": "bytes 399-999/1000", "ETag": '"etag"'}, False),
        ({"Content-Range": "bytes 400-999/*", "ETag": '"etag"'}, False),
        ({"Content-Range": "items 400-999/1000", "ETag": '"etag"'}, False),
        ({"ETag": '"etag"'}, False),
        (
            {
                "Content-Range": "bytes 400-999/1000",
                "ETag": '"etag"',
                "Content-Encoding": "gzip",
            },
            False,
        ),
    ],
)
def test_proof_is_the_range_the_size_and_the_version(
    headers: dict[str, str], is_proof: bool
) -> None:
    assert PARTIAL.is_continued_by(400, headers) is is_proof


def test_a_date_is_proof_where_there_is_no_strong_etag() -> None:
    partial = describe_partial("http://host/file", 10, {"ETag": 'W/"1"', "Last-Modified": "then"})
    assert partial is not None
    assert partial.request(4) == {"Range": "bytes=4-", "If-Range": "then"}
    assert partial.is_continued_by(4, {"Content-Range": "bytes 4-9/10", "Last-Modified": "then"})
    assert not partial.is_continued_by(4, {"Content-Range": "bytes 4-9/10", "Last-Modified": "now"})


@pytest.mark.parametrize(
    ("total", "headers"), [(None, {"ETag": '"1"'}), (10, {}), (10, {"ETag": 'W/"1"'})]
)
def test_without_size_or_version_there_is_no_proof(
    total: int | None, headers: dict[str, str]
) -> None:
    assert describe_partial("http://host/file", total, headers) is None


def test_a_rest_is_asked_for_at_the_same_address_only(site: Site, fetch: Fetch) -> None:
    body = site.add(NAME)
    site.files.fail(NAME, *[Fault("drop")] * HASTY.attempts)
    other = f"{site.server.url}/hst/public/ldow/ldow0001q/{NAME}"
    assert fetch(NAME, alternatives=(other,)).fault is None
    assert (site.folder / NAME).read_bytes() == body
    assert site.files.requests[-1].requested_range is None
