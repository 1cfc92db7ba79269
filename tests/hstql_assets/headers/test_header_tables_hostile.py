"""What nobody would write into a header, through the step into the database and back."""

import gzip
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import text

from builders.astropy_reading import REFUSED, read_text
from builders.header_reading import compare, read_everything, read_stored, write
from builders.pipeline import Pipeline
from hstql_resources.tables import BadData, Observation

ROOTNAME = "jhost01aq"
FIRST = ["SIMPLE  =                    T", "BITPIX  =                    8",
         "NAXIS   =                    0", "DETECTOR= 'WFC'"]  # fmt: skip
NEXT = ["XTENSION= 'IMAGE   '", "BITPIX  =                    8",
        "NAXIS   =                    0", "PCOUNT  =                    0",
        "GCOUNT  =                    1"]  # fmt: skip


def join(cards: Sequence[str]) -> str:
    return "".join(card[:80].ljust(80) for card in cards)


def continued(keyword: str, value: str) -> list[str]:
    """Cards of a text of any length."""
    parts = [value[start : start + 60] for start in range(0, len(value), 60)]
    starts = [f"{keyword:<8}= ", *["CONTINUE  "] * (len(parts) - 1)]
    ends = ["&'"] * (len(parts) - 1) + ["'"]
    return [f"{s}'{p}{e}" for s, p, e in zip(starts, parts, ends, strict=True)]


def write_file(folder: Path, *headers: Sequence[str], rootname: str = ROOTNAME) -> Path:
    """Write a file with these cards after those that every header needs."""
    folder = folder / "archive" / rootname[:4] / rootname
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{rootname}_raw.fits"
    content = b""
    for number, cards in enumerate(headers):
        header = join([*(NEXT if number else FIRST), *cards, "END"]).encode("latin-1")
        content += header.ljust(-(-len(header) // 2880) * 2880)
    path.write_bytes(content)
    return path


def check(pipeline: Pipeline, folder: Path, *headers: Sequence[str]) -> list[str]:
    """Record headers, hold them against astropy, and return the tables that they are in."""
    write_file(folder, *headers)
    (outcome,) = pipeline.ingest("acs", [ROOTNAME]).decisions["header_tables"].values()
    assert outcome.status == "made", outcome.reason
    stored = read_stored(pipeline.clients.database)
    assert len(stored) == len(headers)
    for number, cards in enumerate(headers):
        truth = read_text(join([*(NEXT if number else FIRST), *cards]))
        assert truth is not None
        header = stored[f"{ROOTNAME}_raw.fits", number]
        assert compare(header, truth) == []
    return [header.table.name for header in stored.values()]


HOSTILE = {
    "words of SQL": ["SELECT  = 1", "TABLE   = 'x'", "ORDER   = T", "USER    = 'y'"],
    "columns of Postgres": ["XMIN    = 1", "CTID    = 'x'", "TABLEOID= 2", "OID     = 3"],
    "columns of ours": ["ROOTNAME= 'x'", "FILENAME= 'y'", "EXT     = 7", "EXTVER  = 'z'"],
    "no keywords": ['a"b     = 5', "a'b     = 'x'", "(A)     = 1", "A;B     = 2", "%s      = 3"],
    "quotes": ["A       = 'it''s; DROP TABLE observations; --'", """B       = 'say "x"'"""],
    "signs of COPY": ["A       = '\\N'", "B       = '\\.'", "C       = '\\t\\\\'", "D = '%s :x'"],
    "garbage": ["\x00\x01\xfe\xff" * 20, "?" * 80, "=" * 80, "'" * 80, "\t" * 80, "\\" * 80],
    "control characters": ["TARGNAME= 'HD\x00 1'", "A       = 'a\tb\rc\nd'", "B\x07      = 5"],
    "not ASCII": ["TARGNAME= 'H\xd8T'", "\xc9TOILE  = 'x'", "A       = 'x' / \xe9"],
    "differing": ["A       = 1", "A       = 'two'", "A       = 3.5", "TARGNAME= 'x'", "TARGNAME="],
    "dates": ["DATE-OBS= '0000-00-00'", "TIME-OBS= '25:61:61'", "DATE    = '2015-02-30'"],
    "numbers": ["A       = 1E400", "B       = -1D400", "C       = 1E-400", "D = 1E99999",
                f"E       = {'9' * 60}", "F       = 0x10", "G       = NaN", "H       = 1_000"],
    "record-valued": ["DP1     = 'AXIS.1: 1'", "DP1     = 'AXIS.1: 2'", "DP1     = 'A.x: 1E400'"],
    "complex": ["A       = (1, 2)", "B       = (1E400, 2)", "C       = (,)"],
    "long names": [f"HIERARCH {'A' * 70}= 5", f"HIERARCH {'B ' * 20}= 'x'", "HIERARCH a\"b = 1"],
    "long text": continued("A", "abcdefghij" * 10_000),
    "long text with an index": continued("TARGNAME", "NGC \\ " * 2_000),
    "words": ["HISTORY \\N", "HISTORY \x00", "COMMENT \ta", "COMMENT= 5", "HISTORY", "        x"],
    "ends": ["END     x", "END     = 5", "CONTINUE  'x'", "HIERARCH", "HIERARCH COMMENT = 5"],
}  # fmt: skip


@pytest.mark.parametrize("cards", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_header_is_stored_as_astropy_reads_it(
    pipeline: Pipeline, tmp_path: Path, cards: list[str]
) -> None:
    check(pipeline, tmp_path, cards, ["EXTNAME = 'SCI'", *cards])
    assert pipeline.rows(BadData) == []
    assert len(pipeline.rows(Observation)) == 1
    before = read_everything(pipeline.clients.database)
    pipeline.ingest("acs", [ROOTNAME])
    assert read_everything(pipeline.clients.database) == before


def test_all_hostile_headers_go_into_one_file(pipeline: Pipeline, tmp_path: Path) -> None:
    headers = [[f"EXTNAME = 'X{i}'", *cards] for i, cards in enumerate(HOSTILE.values())]
    check(pipeline, tmp_path, [], *headers)


@pytest.mark.parametrize(
    ("extname", "table"),
    [
        ('x"; DROP TABLE observations; --', "acs_wfc_raw_x_drop_table_observations"),
        ("observations", "acs_wfc_raw_observations"),
        ("PRIMARY", "acs_wfc_raw_primary"),
        ("%s", "acs_wfc_raw_s"),
        ("", "acs_wfc_raw_ext1"),
        ("---", "acs_wfc_raw_ext1"),
    ],
)
def test_an_extension_name_is_only_ever_a_name(
    pipeline: Pipeline, tmp_path: Path, extname: str, table: str
) -> None:
    tables = check(pipeline, tmp_path, [], [f"EXTNAME = '{extname}'"])
    assert tables == ["acs_wfc_raw_primary", table] or set(tables) == {"acs_wfc_raw_primary"}
    assert table in tables


def test_two_thousand_keywords_are_all_kept(pipeline: Pipeline, tmp_path: Path) -> None:
    cards = [f"K{i:<7}= 'text number {i:<12}'" for i in range(2000)]
    check(pipeline, tmp_path, cards, ["EXTNAME = 'SCI'", *cards])
    check(pipeline, tmp_path, [*reversed(cards), "NEW     = 5"], ["EXTNAME = 'SCI'", *cards[500:]])


def test_a_reader_of_text_sees_what_the_card_says(pipeline: Pipeline, tmp_path: Path) -> None:
    check(pipeline, tmp_path, ["A       = 1E400", "B       = 1E-400", 'a"b     = 5'])
    rows = pipeline.clients.database.read(
        text(
            "SELECT a = '1E400'::numeric AS a, b = '1E-400'::numeric AS b FROM acs_wfc_raw_primary"
        )
    )
    assert [(row.a, row.b) for row in rows] == [(True, True)]
    rows = pipeline.clients.database.read(text("SELECT keyword, value, kind FROM header_extras"))
    assert [tuple(row) for row in rows] == [('A"B', "5", "bigint")]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"END".ljust(80), b"".ljust(80)),
        (b"NAXIS   =                    0", b"NAXIS   =                    1"),
        (b"NAXIS   =                    0", b"NAXIS   =                 many"),
    ],
    ids=["without END", "contradicting its size", "unreadable axes"],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_a_file_that_cannot_be_read_is_bad_and_the_others_of_the_batch_are_not(
    pipeline: Pipeline, tmp_path: Path, old: bytes, new: bytes, pack
) -> None:
    path = write_file(tmp_path, ["A       = 1"])
    path.write_bytes(pack(path.read_bytes().replace(old, new)))
    write_file(tmp_path, ["A       = 2"], rootname="jhost02aq")
    decided = pipeline.ingest("acs", [ROOTNAME, "jhost02aq"]).decisions["header_tables"]
    assert [outcome.status for outcome in decided.values()] == ["bad", "made"]
    assert [row["filename"] for row in pipeline.rows(BadData)] == [path.name]
    assert list(read_stored(pipeline.clients.database)) == [("jhost02aq_raw.fits", 0)]


@pytest.mark.parametrize(
    ("odd", "detail"),
    [
        (lambda content: content[:5760], "has 1 of the 2 extensions that NEXTEND promises"),
        (lambda content: content + b"<html>", "has bytes after its HDU 2 that are no HDU"),
    ],
    ids=["cut between HDUs", "with strange bytes at its end"],
)
def test_what_was_read_of_a_file_that_lost_hdus_is_kept_and_the_file_is_named(
    pipeline: Pipeline, tmp_path: Path, odd, detail: str
) -> None:
    path = write_file(tmp_path, ["NEXTEND = 2"], ["EXTNAME = 'SCI'"], ["EXTNAME = 'DQ'"])
    path.write_bytes(odd(path.read_bytes()))
    (outcome,) = pipeline.ingest("acs", [ROOTNAME]).decisions["header_tables"].values()
    assert outcome.status == "made"
    (row,) = pipeline.rows(BadData)
    assert (row["filename"], row["detail"]) == (path.name, f"{path.name} {detail}.")
    stored = read_stored(pipeline.clients.database)
    assert sorted(stored) == [(path.name, number) for number in range(len(stored))]
    assert len(stored) == path.stat().st_size // 2880
    assert [row["rootname"] for row in pipeline.rows(Observation)] == [ROOTNAME]


def test_the_value_of_a_refused_card_is_its_card(pipeline: Pipeline, tmp_path: Path) -> None:
    """So that the comparison itself is held to something."""
    check(pipeline, tmp_path, ["A       = 5 5"])
    (row,) = read_everything(pipeline.clients.database)["header_extras"]
    assert (row["keyword"], row["kind"], row["value"]) == ("A", "card", "A       = 5 5".ljust(80))
    assert write(None) is None
    assert read_text("A       = 5 5".ljust(80)) == [("A", REFUSED)]
