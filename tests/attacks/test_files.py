"""Attack the reading of files: what is no file, what never ends, what is beyond all measure."""

import contextlib
import gzip
import os
import resource
import socket
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from hstql_assets.images.reading import read_images
from hstql_assets.lightcurves.intervals import intersect
from hstql_resources.archive.directory import DirectoryArchive
from hstql_resources.archive.folder_contents import NO_FILE
from hstql_resources.clients import open_workers
from hstql_resources.fits.byte_source import BLOCK
from hstql_resources.fits.data_files import open_data_file, read_text_file
from hstql_resources.fits.errors import FitsError, UnusableFileError
from hstql_resources.fits.file_headers import MOST_KINDS, read_headers
from hstql_resources.fits.limits import Limits, get_limits, set_limits
from hstql_resources.fits.stream import FitsStream, find_table
from hstql_resources.fits.structure import find_fits_fault
from hstql_resources.fits.whole_files import open_whole
from hstql_resources.settings import Settings

SMALL = Limits(file_mb=1, unpacked_mb=2, hdus=5, header_cards=100, table_rows=50, table_columns=3)
GIGABYTE = 1 << 30


@pytest.fixture
def limits() -> Iterator[None]:
    before = get_limits()
    set_limits(SMALL)
    yield
    set_limits(before)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "l_x1d.fits"


def card(keyword: str, value: object) -> str:
    return f"{keyword:<8}= {value:>20}".ljust(80)


def header(*cards: str) -> bytes:
    text = "".join(cards) + "END".ljust(80)
    return text.ljust(-(-len(text) // BLOCK) * BLOCK).encode()


def primary(*cards: str) -> bytes:
    return header(card("SIMPLE", "T"), card("BITPIX", 8), card("NAXIS", 0), *cards)


def extension(*cards: str, kind: str = "IMAGE   ", axes: tuple[int, ...] = ()) -> bytes:
    sizes = [card(f"NAXIS{number}", size) for number, size in enumerate(axes, 1)]
    return header(
        f"XTENSION= '{kind}'".ljust(80), card("BITPIX", 8), card("NAXIS", len(axes)), *sizes,
        *cards,
    )  # fmt: skip


def table(rows: int, row_bytes: int, *forms: str, name: str = "GTI", heap: int = 0) -> bytes:
    columns = [
        text
        for number, form in enumerate(forms, 1)
        for text in (card(f"TTYPE{number}", f"'C{number}'"), card(f"TFORM{number}", f"'{form}'"))
    ]
    fields, extra = card("TFIELDS", len(forms)), card("PCOUNT", heap)
    return extension(
        card("EXTNAME", f"'{name}'"), extra, fields, *columns, kind="BINTABLE",
        axes=(row_bytes, rows),
    )  # fmt: skip


def write_sparse(path: Path, start: bytes, size: int) -> None:
    with path.open("wb") as file:
        file.write(start)
        file.truncate(size)


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


def make_socket(path: Path) -> None:
    with contextlib.chdir(path.parent), socket.socket(socket.AF_UNIX) as one:
        one.bind(path.name)  # the whole path may be longer than a socket's can be


def link_to(target: str) -> Callable[[Path], None]:
    return lambda path: path.symlink_to(target)


def link_to_pipe(path: Path) -> None:
    os.mkfifo(path.parent / "pipe")
    path.symlink_to("pipe")


NO_FILES = {
    "pipe": make_pipe,
    "socket": make_socket,
    "folder": Path.mkdir,
    "device": link_to("/dev/zero"),
    "link to a pipe": link_to_pipe,
}
NOWHERE = {"broken link": link_to("gone"), "circle of links": link_to("l_x1d.fits")}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("make", NO_FILES.values(), ids=NO_FILES)
def test_what_is_no_file_is_named_and_not_opened(path: Path, make: Callable[[Path], None]) -> None:
    make(path)
    for read in (open_data_file, FitsStream, read_images, read_text_file):
        with pytest.raises(FitsError, match="is no file, and was not opened: it is a "):
            read(path)
    with pytest.raises(FitsError, match="is no file"), open_whole(path):
        pass
    assert "is no file, and was not opened" in str(read_headers(path, "x1d").fault)


@pytest.mark.timeout(300)
def test_a_file_that_becomes_a_pipe_between_two_looks_is_not_waited_for(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_pipe(path)
    (other := path.with_name("other")).write_bytes(b"")
    regular = other.stat()
    monkeypatch.setattr("hstql_resources.fits.data_files.os.stat", lambda _: regular)
    with pytest.raises(FitsError, match="it is a pipe"):
        open_data_file(path)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("make", [*NO_FILES.values(), *NOWHERE.values()],
                         ids=[*NO_FILES, *NOWHERE])  # fmt: skip
def test_discover_tells_what_is_no_file(tmp_path: Path, make: Callable[[Path], None]) -> None:
    (tmp_path / "lone01aaq_spt.fits").write_bytes(primary())
    make(tmp_path / "lone01aaq_x1d.fits")
    archive = DirectoryArchive(tmp_path)
    assert archive.find_rootnames("cos") == ["lone01aaq"]
    found = archive.summarize()
    assert found.files == 1
    assert found.left_aside[NO_FILE].number == 1
    assert found.left_aside[NO_FILE].example.endswith("lone01aaq_x1d.fits")


@pytest.mark.timeout(300)
def test_a_good_copy_goes_before_what_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "lone01aaq").mkdir()
    make_pipe(tmp_path / "lone01aaq" / "lone01aaq_x1d.fits")
    (tmp_path / "lone01aaq_x1d.fits").write_bytes(primary())
    (product,) = DirectoryArchive(tmp_path).list_products(["lone01aaq"])["lone01aaq"]
    assert (product.location, product.unfit) == (str(tmp_path / "lone01aaq_x1d.fits"), None)


BEYOND = {
    "HDUs": (primary() + extension() * 5, "more than 5 HDUs, the limit HSTQL_MAX_HDUS"),
    "cards of one header": (
        primary(*(card(f"K{number}", number) for number in range(100))),
        "more than 100 cards in its headers, the limit HSTQL_MAX_HEADER_CARDS",
    ),
    "cards of all headers": (
        primary(*(card(f"K{n}", n) for n in range(60)))
        + extension(*(card(f"K{n}", n) for n in range(60))),
        "more than 100 cards in its headers, the limit HSTQL_MAX_HEADER_CARDS",
    ),
    "rows": (
        primary() + table(51, 1, "B") + bytes(BLOCK),
        "more than 50 rows in a table, the limit HSTQL_MAX_TABLE_ROWS",
    ),
    "columns": (
        primary() + table(1, 4, "B", "B", "B", "B") + bytes(BLOCK),
        "more than 3 columns in a table, the limit HSTQL_MAX_TABLE_COLUMNS",
    ),
    "size": (primary() + bytes(1_000_000), "larger than 1 MB, the limit HSTQL_MAX_FILE_MB"),
}  # fmt: skip


@pytest.mark.usefixtures("limits")
@pytest.mark.parametrize(("content", "fault"), BEYOND.values(), ids=BEYOND)
def test_a_file_beyond_a_limit_is_bad_and_names_the_setting(
    path: Path, content: bytes, fault: str
) -> None:
    path.write_bytes(content)
    file = read_headers(path, "x1d")
    assert fault in str(file.fault)
    assert not file.is_kept
    with pytest.raises(FitsError, match=fault), open_whole(path):
        pass
    with pytest.raises(FitsError, match=fault), FitsStream(path) as stream:
        list(stream.extensions())


@pytest.mark.usefixtures("limits")
@pytest.mark.parametrize(
    "content",
    [
        primary() + extension(axes=(3_000_000,)) + bytes(3_000_000),
        primary() + bytes(3_000_000),
        primary() + extension(axes=(10**15,)),
    ],
    ids=["data", "padding", "promised data"],
)
def test_no_more_is_unpacked_than_the_limit(path: Path, content: bytes) -> None:
    path.write_bytes(gzip.compress(content))
    fault = "larger than 2 MB when it is unpacked, the limit HSTQL_MAX_UNPACKED_MB"
    assert fault in str(read_headers(path, "x1d").fault)
    with pytest.raises(FitsError, match=fault), open_whole(path):
        pass
    packed = path.rename(path.with_name("l_x1d.fits.gz"))
    assert find_fits_fault(packed, is_gzipped=True) is not None


def test_the_limits_are_those_of_the_settings_in_the_workers_too() -> None:
    values = {f"max_{name}": value for name, value in vars(SMALL).items()}
    settings = Settings(**values)  # type: ignore[arg-type]
    assert settings.limits == SMALL
    assert Settings().limits == Limits()
    with open_workers("1", partial(set_limits, SMALL)) as workers:
        assert workers.submit(get_limits).result() == SMALL


def test_one_file_never_makes_a_hundred_tables(path: Path) -> None:
    few, many = (
        primary() + b"".join(extension(card("EXTNAME", f"'E{n}'")) for n in range(count))
        for count in (MOST_KINDS - 1, MOST_KINDS)
    )
    path.write_bytes(few)
    assert read_headers(path, "x1d").fault is None
    for content in (many, primary() + extension() * MOST_KINDS):
        path.write_bytes(content)
        file = read_headers(path, "x1d")
        assert file.fault == f"{path.name} has more than {MOST_KINDS} kinds of extensions."
        assert not file.is_kept


ODD_TABLES = {
    "a table too large to be held": table(400_000_000, 16, "D", "D"),
    "a table beyond the end of a large file": table(490_000_000, 16, "D", "D"),
    "a row too long to be held": table(1, 80_000_000 * 4, "10000000D", "10000000D", "10000000D",
                                       "10000000D"),
    "rows without any byte": table(1000, 0, "0A"),
}  # fmt: skip


@pytest.fixture
def bounded_memory() -> Iterator[None]:
    """Let this process have a gigabyte more than it has."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    with Path("/proc/self/statm").open() as file:
        now = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + GIGABYTE, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


@pytest.mark.timeout(300)
@pytest.mark.usefixtures("bounded_memory")
@pytest.mark.parametrize("content", ODD_TABLES.values(), ids=ODD_TABLES)
def test_a_table_that_promises_too_much_costs_no_memory(path: Path, content: bytes) -> None:
    write_sparse(path, primary() + content, 7 * GIGABYTE)
    with pytest.raises(FitsError), FitsStream(path) as stream:
        stream.rows(find_table(stream.extensions(), "GTI"), "C1")
    with pytest.raises(UnusableFileError), open_whole(path) as hdus:
        assert hdus[1].data is None


@pytest.mark.timeout(300)
@pytest.mark.usefixtures("bounded_memory")
@pytest.mark.parametrize("axes", [(16384, 16384), (10**9, 10**9), (10**9,) * 6, (1 << 40, 1)])
def test_an_image_that_promises_too_much_costs_no_memory(path: Path, axes: tuple[int, ...]) -> None:
    image = extension(card("EXTNAME", "'SCI'"), axes=axes)
    write_sparse(path, primary() + image, 3 * GIGABYTE)
    with pytest.raises(FitsError):
        read_images(path)


def test_good_times_without_number_are_refused(path: Path) -> None:
    write_sparse(path, primary() + table(300_000, 16, "D", "D"), 10_000_000)
    with FitsStream(path) as stream:
        one = find_table(stream.extensions(), "GTI")
        with pytest.raises(FitsError, match="has 300,000 rows in GTI, more than 200,000"):
            stream.numbers(one, "C1", "C2")


@pytest.mark.timeout(300)
@pytest.mark.usefixtures("bounded_memory")
def test_many_good_times_are_cut_with_many() -> None:
    starts = np.arange(100_000.0)
    first, second = (np.column_stack([starts + begin, starts + begin + 0.5]) for begin in (0, 0.25))
    both = intersect(first, second)
    np.testing.assert_array_equal(both, np.column_stack([starts + 0.25, starts + 0.5]))


def test_a_heap_beyond_belief_is_not_there(path: Path) -> None:
    path.write_bytes(primary() + table(1, 8, "D", heap=10**15) + bytes(BLOCK))
    assert "ends after" in str(read_headers(path, "x1d").fault)
    with pytest.raises(FitsError, match="too large to be held"), open_whole(path):
        pass


def test_images_are_bounded_together(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hstql_assets.images.reading.MOST_HELD", 1000)
    image = extension(card("EXTNAME", "'SCI'"), axes=(20, 20)) + bytes(BLOCK)
    path.write_bytes(primary() + image * 3)
    with pytest.raises(FitsError, match="has images of 1,200 pixels in all"):
        read_images(path)


@pytest.mark.timeout(300)
def test_a_text_without_an_end_is_refused(path: Path) -> None:
    write_sparse(path, b"", GIGABYTE)
    with pytest.raises(FitsError, match="has more than 64 MB, too many for a text"):
        read_text_file(path)
