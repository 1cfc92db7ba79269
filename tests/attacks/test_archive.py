"""Attack the archive's client: answers that never end, lead astray, swell or say nonsense."""

import gzip
import json
import select
import socket
import struct
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import reduce
from pathlib import Path

import pytest
from pydantic import SecretStr

from builders.hostile_server import (
    Send,
    answer,
    answer_json,
    drip,
    flood,
    head,
    open_hostile_server,
    redirect,
)
from builders.loopback_mast import LoopbackMast, LoopDataset
from builders.mast_holdings import open_mast
from hstql_resources import http_questions
from hstql_resources.archive import ArchiveError, Search
from hstql_resources.archive.mast import MastArchive, QueryPolicy, listing, searching
from hstql_resources.archive.mast.client import MOST_ROWS
from hstql_resources.archive.protocol import Product
from hstql_resources.downloads import Policy

MB = 1_000_000
# For answers that would never end, and for those that do, however slow the machine is.
HASTY, PATIENT = ({"connect_s": 60.0, "read_s": read_s, "answer_s": answer_s, "attempts": 2,
                   "first_wait_s": 0.001, "longest_wait_s": 0.002}
                  for read_s, answer_s in ((0.2, 0.8), (60.0, 120.0)))  # fmt: skip
TOKEN = "tok-5a1e2b3c4d-secret"
PRODUCT = Product("lone01aaq", "lone01aaq_x1d.fits", "LONE01AAQ/lone01aaq_x1d.fits",
                  is_public=False)  # fmt: skip
JSON = "Content-Type: application/json"
CHUNKED = "Transfer-Encoding: chunked"


def open_archive(url: str, patience: Mapping[str, float] = PATIENT) -> MastArchive:
    files = Policy(connections=2, requests_per_second=1000, most_bytes=4 * MB,
                   most_unlisted_bytes=2 * MB, **patience)  # type: ignore[arg-type]  # fmt: skip
    queries = QueryPolicy(**patience)  # type: ignore[arg-type]
    return MastArchive(url, SecretStr(TOKEN), crds_url=url, queries=queries, policy=files)


def rows(*names: str, total: object = None) -> dict[str, object]:
    found = [{"sci_data_set_name": name} for name in names]
    return {"results": found, "totalResults": len(names) if total is None else total}


def reset(connection: socket.socket, _: str) -> None:
    connection.sendall(head("Content-Length: 1000", JSON) + b'{"results": [')
    linger = struct.pack("ii", 1, 0)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    connection.close()


def lead_in_a_circle(connection: socket.socket, path: str) -> None:
    redirect(f"{path}x")(connection, path)


def chunk(body: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(body), body)


def bomb(megabytes: int, start: bytes = b"") -> bytes:
    """Return the gzip of zeros: one packed block over and over, for to pack all takes seconds."""
    zeros = bytes(MB)
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    first = packer.compress(start) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(zeros) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = reduce(
        lambda sofar, _: zlib.crc32(zeros, sofar), range(megabytes), zlib.crc32(start)
    )
    end = packer.flush() + struct.pack("<LL", checksum, len(start) + megabytes * MB)
    return b"\x1f\x8b\x08" + bytes(7) + first + block * megabytes + end


SLOW: dict[str, Send] = {
    "a byte of a header each time": drip(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a"),
    "a header each time": drip(b"HTTP/1.1 200 OK\r\n", b"A: b\r\n", 0.06),
    "a byte of the status each time": drip(b"H", b"T"),
    "a byte of the size of a chunk each time": drip(head(CHUNKED, JSON), b"0"),
    "a byte of the body each time": drip(head("Content-Length: 1000000", JSON), b" "),
    "a chunk each time": drip(head(CHUNKED, JSON), chunk(b" ")),
    "a trailer each time": drip(head(CHUNKED, JSON) + chunk(b"{}") + b"0\r\n", b"A: b\r\n"),
    "nothing": lambda _, __: time.sleep(600),
    "a body of gzip that gives nothing": drip(
        head(CHUNKED, JSON, "Content-Encoding: gzip") + chunk(gzip.compress(b"")[:10]),
        chunk(bytes([0, 0, 0, 255, 255])), 0.06,
    ),
}  # fmt: skip
ASTRAY: dict[str, Send] = {
    "in a circle": lead_in_a_circle,
    "to a file": redirect("file:///etc/passwd"),
    "to ftp": redirect("ftp://127.0.0.1/x"),
    "to another host": redirect("http://localhost:1/x"),
    "to another port": redirect("http://127.0.0.1:1/x"),
    "to no address": redirect("http://[::1"),
    "to nothing": redirect(""),
    "to a gopher": redirect("gopher://127.0.0.1:1/_x"),
}
LARGE: dict[str, Send] = {
    "endless JSON": flood(head(JSON), b'{"a": 1}, ' * 10_000),
    "endless chunks": flood(head(CHUNKED, JSON), chunk(b" " * 100_000)),
    "a bomb": answer(bomb(200), JSON, "Content-Encoding: gzip"),
    "a bomb in a bomb": answer(gzip.compress(bomb(200)), JSON, "Content-Encoding: gzip, gzip"),
    "another encoding": answer(b"x", JSON, "Content-Encoding: zstd"),
    "many values": answer(b"[" + b"[]," * 2_000_000 + b"1]", JSON, CHUNKED[:0] or "X: y"),
    "endless headers": flood(b"HTTP/1.1 200 OK\r\n", b"A: b\r\n" * 1000),
    "an endless header": flood(b"HTTP/1.1 200 OK\r\nA: ", b"b" * 100_000),
}
ODD: dict[str, Send] = {
    "rows that are none": answer_json({"results": [1], "totalResults": 1}),
    "rows of lists": answer_json({"results": [["a"]], "totalResults": 1}),
    "no list": answer_json({"results": {"a": 1}, "totalResults": 1}),
    "a number": answer_json(5),
    "nothing": answer(b""),
    "10^18 rows": answer_json(rows("LONE01AAQ", total=10**18)),
    "a negative number of rows": answer_json(rows("LONE01AAQ", total=-1)),
    "a number of rows in words": answer_json(rows("LONE01AAQ", total="many")),
    "a number of rows with a fraction": answer_json(rows("LONE01AAQ", total=1.5)),
    "a number of rows that is true": answer_json(rows("LONE01AAQ", total=True)),
    "deep nesting": answer(b"[" * 100_000 + b"]" * 100_000),
    "deep objects": answer(b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
    "digits without end": answer(b"1" * 100_000),
    "no text": answer(bytes(range(256))),
    "half of it": answer(b'{"results"', "Content-Length: 1000", JSON),
    "a length that is none": answer(b'{"results"', "Content-Length: " + "9" * 5000, JSON),
    "a length below zero": answer(b'{"results"', "Content-Length: -5", JSON),
    "no HTTP": answer(b"", status="\x00\xff nonsense"),
    "a reset": reset,
    "a chunk that is none": answer(b"zz\r\n", CHUNKED, JSON),
    "damaged gzip": answer(b"\x1f\x8b no gzip", JSON, "Content-Encoding: gzip"),
    "the same page again": answer_json(rows("LONE01AAQ", "LONE02AAQ", total=1000)),
}

Ask = Callable[[MastArchive], object]
QUESTIONS: dict[str, Ask] = {
    "search": lambda archive: archive.find_datasets(Search("cos")),
    "list": lambda archive: archive.list_products(["lone01aaq"]),
    "proposal": lambda archive: archive.describe_proposals([12041]),
}


def require_one_sentence(url: str, ask: Ask, patience: Mapping[str, float] = PATIENT) -> str:
    with pytest.raises(ArchiveError) as caught:
        ask(open_archive(url, patience))
    said = str(caught.value)
    assert said.startswith(f"MAST ({url}) ")
    assert said.endswith(".")
    assert len(said) < 600
    assert "\n" not in said
    assert TOKEN not in said
    return said


@pytest.mark.timeout(300)
@pytest.mark.parametrize("send", SLOW.values(), ids=SLOW)
def test_a_slow_answer_has_one_deadline(send: Send) -> None:
    with open_hostile_server(send) as url:
        said = require_one_sentence(url, QUESTIONS["search"], HASTY)  # and not never
    assert "or took longer than 0.8 s for an answer" in said or "broke off" in said


@pytest.mark.timeout(300)
def test_nothing_is_asked_again_when_its_time_is_over() -> None:
    asked: list[str] = []
    patient = QueryPolicy(question_s=1.0, **(HASTY | {"attempts": 100}))  # type: ignore[arg-type]
    with open_hostile_server(SLOW["a byte of the body each time"], asked) as url:
        archive = replace(open_archive(url), queries=patient)
        with pytest.raises(ArchiveError, match=r"asked \d times"):
            archive.find_datasets(Search("cos"))
    assert len(asked) <= 3


@pytest.mark.timeout(300)
@pytest.mark.parametrize("ask", QUESTIONS.values(), ids=QUESTIONS)
@pytest.mark.parametrize("send", ASTRAY.values(), ids=ASTRAY)
def test_a_question_is_not_led_astray(send: Send, ask: Ask) -> None:
    asked: list[str] = []
    with open_hostile_server(send, asked) as url:
        require_one_sentence(url, ask)
    assert len(asked) <= 16
    assert not any(TOKEN in one for one in asked)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("send", LARGE.values(), ids=LARGE)
def test_an_answer_has_a_ceiling(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_questions, "MOST_BYTES", 20 * MB)
    with open_hostile_server(send) as url:
        require_one_sentence(url, QUESTIONS["search"])


@pytest.mark.timeout(300)
@pytest.mark.parametrize("ask", QUESTIONS.values(), ids=QUESTIONS)
@pytest.mark.parametrize("send", ODD.values(), ids=ODD)
def test_nonsense_is_one_sentence(send: Send, ask: Ask) -> None:
    with open_hostile_server(send) as url:
        require_one_sentence(url, ask)


def test_what_a_catalogue_says_of_a_fault_is_cut() -> None:
    send = answer_json({"status": "ERROR" * 10_000, "msg": "a\nb" * 10_000})
    with open_hostile_server(send) as url:
        require_one_sentence(url, QUESTIONS["proposal"])


@pytest.mark.timeout(300)
def test_no_more_pages_are_asked_for_than_the_first_promises() -> None:
    asked: list[str] = []
    names = [f"LONE{number:02d}AAQ" for number in range(100)]

    def send(connection: socket.socket, path: str) -> None:
        number = len(asked) + 3  # the first page has five rows, each further one a new one
        is_first = len(asked) == 1 or len(asked) > 16
        page = names[:5] if is_first else names[number - 1 : number + 1]
        answer_json(rows(*page, total=60))(connection, path)

    with open_hostile_server(send, asked) as url:
        require_one_sentence(url, QUESTIONS["search"])
    assert len(asked) == 1 + 60 // 4 + 2  # and the first two of another reading


def test_a_search_has_a_ceiling_of_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "MOST_PAGES", 5)
    asked: list[str] = []
    with open_hostile_server(answer_json(rows("A", "A", total=100)), asked) as url:
        require_one_sentence(url, QUESTIONS["search"])
    assert len(asked) == 2 * (1 + 5)


def test_lists_that_are_too_large_at_once_are_asked_for_in_halves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(http_questions, "MOST_BYTES", 1000)
    names = [f"lone{number:02d}aaq" for number in range(8)]
    datasets = [LoopDataset(name, files={f"{name}_x1d.fits": b"x"}) for name in names]
    with LoopbackMast(datasets) as mast:
        listed = open_mast(mast).list_products(names)
        assert len(mast.questions("/search/hst/api/v0.1/post_list_products")) > 1
    assert {name: len(products) for name, products in listed.items()} == dict.fromkeys(names, 1)
    assert listing.DATASETS_PER_QUESTION * 2 < MOST_ROWS


def fetch(
    url: str,
    folder: Path,
    product: Product = PRODUCT,
    patience: Mapping[str, float] = PATIENT,
) -> str:
    (fetched,) = open_archive(url, patience).fetch_many([product], folder)
    assert list(folder.iterdir()) == []
    assert fetched.fault is not None
    assert fetched.fault.startswith(f"{product.filename} ")
    assert TOKEN not in fetched.fault
    return fetched.fault


@pytest.mark.timeout(300)
@pytest.mark.parametrize("send", SLOW.values(), ids=SLOW)
def test_a_slow_file_has_one_deadline(send: Send, tmp_path: Path) -> None:
    with open_hostile_server(send) as url:
        fetch(url, tmp_path, patience=HASTY)  # and not never


@pytest.mark.timeout(300)
@pytest.mark.parametrize("send", ASTRAY.values(), ids=ASTRAY)
def test_a_file_is_not_led_astray(send: Send, tmp_path: Path) -> None:
    with open_hostile_server(send) as url:
        fetch(url, tmp_path)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("send", [*LARGE.values(), *ODD.values()], ids=[*LARGE, *ODD])
def test_a_file_that_is_none_is_refused_by_its_start(send: Send, tmp_path: Path) -> None:
    with open_hostile_server(send) as url:
        fetch(url, tmp_path)


FITS = b"SIMPLE  =                    T".ljust(80)
SWOLLEN: dict[str, tuple[Send, str]] = {
    "without a size": (flood(head(), FITS * 1000), "it has more than 2,000,000 bytes"),
    "in chunks": (flood(head(CHUNKED), chunk(FITS * 1000)), "it has more than 2,000,000 bytes"),
    "with a size beyond the limit": (
        flood(head("Content-Length: 5000000"), FITS * 1000),
        "it has 5,000,000 bytes, more than HSTQL_MAX_FILE_MB lets it",
    ),
    "packed": (
        answer(bomb(300, FITS), "Content-Encoding: gzip"),
        "it has more than 2,000,000 bytes",
    ),
}


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("send", "fault"), SWOLLEN.values(), ids=SWOLLEN)
def test_a_file_has_a_ceiling(send: Send, fault: str, tmp_path: Path) -> None:
    with open_hostile_server(send) as url:
        assert fault in fetch(url, tmp_path)
        reference = open_archive(url)
        with pytest.raises(ArchiveError, match="The reference file"):
            reference.fetch_reference("x_lamp.fits", tmp_path)


def test_a_file_that_is_listed_beyond_the_limit_is_not_asked_for(tmp_path: Path) -> None:
    asked: list[str] = []
    with open_hostile_server(answer(b""), asked) as url:
        fault = fetch(url, tmp_path, replace(PRODUCT, size_bytes=10**15))
    assert "more than HSTQL_MAX_FILE_MB lets it" in fault
    assert asked == []


@pytest.mark.timeout(300)
def test_the_first_bytes_are_looked_at_before_the_rest_comes(tmp_path: Path) -> None:
    """A page, a text or a gzip under the name of a file costs one piece of it."""
    for start in (b"<html>", b"{}", b"\x1f\x8b", zlib.compress(b"x"), b"SIMPLE no"):
        sent: list[int] = []

        def send(
            connection: socket.socket, _: str, start: bytes = start, sent: list[int] = sent
        ) -> None:
            connection.sendall(head("Content-Length: 3000000") + start.ljust(100))
            for _ in range(5):
                connection.sendall(bytes(100_000))
                sent.append(100_000)
            select.select([connection], [], [], 300)  # until the client hangs up
            for _ in range(25):
                connection.sendall(bytes(100_000))
                sent.append(100_000)

        with open_hostile_server(send) as url:
            fault = fetch(url, tmp_path)
        assert "is not FITS" in fault or "is a web page" in fault
        assert sum(sent) < 2 * MB


def test_json_that_is_large_and_good_is_read() -> None:
    names = [f"L{number:07d}Q" for number in range(4000)]
    with open_hostile_server(answer(json.dumps(rows(*names)).encode())) as url:
        assert len(open_archive(url).find_datasets(Search("cos"))) == 4000
