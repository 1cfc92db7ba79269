"""Headers that nobody would write beside good ones, through the step, the views and the checks."""

import random
import string
import warnings
from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from astropy.utils.exceptions import AstropyUserWarning
from sqlalchemy import text

from builders.astropy_reading import read_file
from builders.header_reading import compare, read_everything, read_stored
from builders.pipeline import Pipeline
from hstql_assets.headers.recording import settle_associations
from hstql_assets.orchestration.consistency.header_mismatch import find_header_mismatches
from hstql_assets.orchestration.consistency.header_mismatch_query import read_mismatched_headers
from hstql_resources.header_tables.column_layout import NO_ROOM
from hstql_resources.tables import BadData, Observation

ODD, GOOD = "jodd01aaq", "jgud01aaq"
LONG = "".join(random.Random(1).choices(string.ascii_letters, k=20_000))  # does not compress

Values = Mapping[str, object]


def put(
    folder: Path,
    rootname: str,
    headers: Sequence[Values | Sequence[str]] = ({},),
    filetype: str = "raw",
    detector: str | None = "WFC",
) -> Path:
    """Put a file into the archive; each header has values by keyword, or cards as they stand."""
    hdus = [fits.ImageHDU() if number else fits.PrimaryHDU() for number in range(len(headers))]
    if detector is not None:
        hdus[0].header["DETECTOR"] = detector
    for hdu, given in zip(hdus, headers, strict=True):
        if isinstance(given, Mapping):
            hdu.header.update(given)
        else:
            for card in given:
                hdu.header.append(fits.Card.fromstring(card.ljust(80)), end=True)
    return save(folder, rootname, fits.HDUList(hdus), filetype)


def save(folder: Path, rootname: str, hdus: fits.HDUList, filetype: str = "raw") -> Path:
    folder = folder / "archive" / rootname[:4] / rootname
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{rootname}_{filetype}.fits"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AstropyUserWarning)
        hdus.writeto(path, output_verify="ignore", overwrite=True)
    return path


def statuses(pipeline: Pipeline, *keys: str, instrument: str = "acs") -> dict[str, str]:
    """Take the header step as the asset does; return what became of each key."""
    decided = pipeline.ingest(instrument, keys).decisions["header_tables"]
    settle_associations(pipeline.clients.database, pipeline.clients.workers, instrument, keys)
    return {key: outcome.status for key, outcome in decided.items()}


def differences(pipeline: Pipeline, folder: Path) -> list[str]:
    """Hold every header of the archive's files against astropy."""
    stored = read_stored(pipeline.clients.database)
    return [
        f"{path.name} {number}: {difference}"
        for path in (folder / "archive").glob("*/*/*.fits")
        for number, cards in enumerate(read_file(path))
        for difference in compare(stored[path.name, number], cards)
    ]


def observation(pipeline: Pipeline, rootname: str) -> dict[str, object]:
    (row,) = (row for row in pipeline.rows(Observation) if row["rootname"] == rootname)
    return row


@pytest.mark.parametrize(
    ("keyword", "column"),
    [
        ("TARGNAME", "target_name"),
        ("DETECTOR", "detector"),
        ("APERTURE", "aperture"),
        ("FILTER1", "filter"),
        ("OPT_ELEM", "opt_elem"),
        ("ASN_ID", "association"),
        ("DATE-OBS", "date_obs"),
    ],
)
def test_a_text_that_no_index_takes_is_in_the_header_tables_only(
    pipeline: Pipeline, tmp_path: Path, keyword: str, column: str
) -> None:
    put(tmp_path, ODD, [{keyword: LONG}])
    put(tmp_path, GOOD, [{keyword: "WFC"}])
    assert statuses(pipeline, ODD, GOOD) == {ODD: "made", GOOD: "made"}
    assert differences(pipeline, tmp_path) == []
    assert observation(pipeline, ODD)[column] in (None, "unknown")
    assert str(observation(pipeline, GOOD)[column]).upper() == "WFC"


def test_two_long_texts_share_an_index(pipeline: Pipeline, tmp_path: Path) -> None:
    texts = {"DETECTOR": LONG[:1000], "OPT_ELEM": LONG[1000:2000], "FILTER1": LONG[:1000],
             "FILTER2": LONG[2000:3000], "TARGNAME": LONG[:1000]}  # fmt: skip
    put(tmp_path, ODD, [texts])
    assert statuses(pipeline, ODD) == {ODD: "made"}
    row = observation(pipeline, ODD)
    assert (row["detector"], row["target_name"]) == (texts["DETECTOR"], texts["TARGNAME"])
    assert row["filter"] == f"{texts['FILTER1']};{texts['FILTER2']}"


@pytest.mark.parametrize("extname", ["PRIMARY_ROOTNAME_IDX", "PRIMARY_PKEY", "SCI_PKEY1"])
def test_no_extension_takes_the_name_of_an_index(
    pipeline: Pipeline, tmp_path: Path, extname: str
) -> None:
    put(tmp_path, ODD, [{}, {"EXTNAME": extname}, {"EXTNAME": "SCI"}])
    put(tmp_path, GOOD)
    for _ in range(2):
        assert statuses(pipeline, ODD, GOOD) == {ODD: "made", GOOD: "made"}
        assert differences(pipeline, tmp_path) == []


@pytest.mark.parametrize("order", list(permutations(["A       =", "A       = 5 5", "A       = 3"])))
def test_of_a_repeated_keyword_each_card_keeps_its_place(
    pipeline: Pipeline, tmp_path: Path, order: Sequence[str]
) -> None:
    put(tmp_path, ODD, [order])
    assert statuses(pipeline, ODD) == {ODD: "made"}
    assert differences(pipeline, tmp_path) == []


def test_a_view_of_two_tables_shows_as_many_columns_as_there_can_be(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    for letter, rootname in (("X", ODD), ("Y", GOOD)):
        values = {f"{letter}{number}": True for number in range(1500)}
        extname = {"X": "JIF", "Y": "JIT"}[letter]
        put(tmp_path, rootname, [{}, {"EXTNAME": extname, **values}], "jif")
    assert statuses(pipeline, ODD, GOOD) == {ODD: "made", GOOD: "made"}
    assert differences(pipeline, tmp_path) == []
    query = text("SELECT * FROM acsql.wfc_jif_1")
    rows = [row._mapping for row in pipeline.clients.database.read(query)]
    assert {len(row) for row in rows} == {1600}
    assert sorted(row["filename"][:9] for row in rows) == [GOOD, ODD]


def test_what_is_no_whole_number_is_none(pipeline: Pipeline, tmp_path: Path) -> None:
    put(tmp_path, ODD, [{"PROPOSID": 12.5, "CENWAVE": 1291.7, "FPPOS": 3.0}])
    assert statuses(pipeline, ODD) == {ODD: "made"}
    row = observation(pipeline, ODD)
    assert (row["proposal_id"], row["cenwave"], row["fppos"]) == (None, None, 3)


def test_an_association_has_no_members_of_another_instrument(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    whole, member, stranger = "jasn01010", "jasn01abq", "lasn01aaq"
    for rootname, filetype, detector in (
        (whole, "asn", None),
        (stranger, "rawtag_a", "FUV"),
        (member, "raw", "SBC"),
    ):
        put(tmp_path, rootname, [{"ASN_ID": whole.upper()}], filetype, detector)
    statuses(pipeline, whole)
    statuses(pipeline, stranger, instrument="cos")
    assert observation(pipeline, whole)["detector"] == "unknown"
    statuses(pipeline, whole)
    assert observation(pipeline, whole)["detector"] == "unknown"
    statuses(pipeline, member)
    assert observation(pipeline, whole)["detector"] == "SBC"


def test_a_batch_of_bad_files_is_recorded_and_heals(pipeline: Pipeline, tmp_path: Path) -> None:
    keys = [f"jbad0{number}aaq" for number in range(5)]
    paths = [put(tmp_path, key, [{"TARGNAME": key}]) for key in keys]
    whole = [path.read_bytes() for path in paths]
    bad = [b"", b"no FITS", whole[2][:1000], b"\x1f\x8b\x08" + whole[3], whole[4][:2879]]
    for path, content in zip(paths, bad, strict=True):
        path.write_bytes(content)
    assert set(statuses(pipeline, *keys).values()) == {"bad"}
    assert {row["reason"] for row in pipeline.rows(BadData)} == {"Unreadable"}
    assert read_everything(pipeline.clients.database) == {}
    for path, content in zip(paths, whole, strict=True):
        path.write_bytes(content)
    assert set(statuses(pipeline, *keys).values()) == {"made"}
    assert pipeline.rows(BadData) == []
    assert differences(pipeline, tmp_path) == []


VALUES = {
    "logical": ["T", "F"],
    "integer": ["5", "-7", "0"],
    "wide integer": ["9007199254740993", "-9223372036854775808"],
    "long number": ["9" * 25, "1E400", "-1.5E-400"],
    "float": ["1.5", "-0.0", "1E15", "1E16", "1E22", "123456789012345.6", "5E-324", "1.0", "1E300"],
    "text": ["'x'", "'T'", "'1.0'", "''"],
    "undefined": [""],
}


def is_same(stored: object, token: str) -> bool:
    """Compare numbers as such: in a text their form depends on what the column was before."""
    if stored is None:
        return token == ""
    if token in ("T", "F"):
        return stored in (token, token == "T")
    if token.startswith("'") or not token:
        return stored == (token.strip("'") if token else None)
    return not isinstance(stored, bool) and Decimal(str(stored)) == Decimal(token)


def test_a_keyword_may_change_its_kind_with_every_batch(pipeline: Pipeline, tmp_path: Path) -> None:
    choice = random.Random(5)
    orders = choice.sample(list(permutations(VALUES, 4)), 250)
    indexed = ("1E9999", "1.5", "1E-9999", "'x'")
    truth: dict[tuple[str, str], str] = {}
    for batch in range(4):
        rootname = f"jflp0{batch}aaq"
        tokens = {f"K{n}": choice.choice(VALUES[order[batch]]) for n, order in enumerate(orders)}
        tokens["EXPSTART"] = indexed[batch]
        put(tmp_path, rootname, [[f"{key:<8}= {token}" for key, token in tokens.items()]])
        truth |= {(f"{rootname}_raw.fits", key): token for key, token in tokens.items()}
        assert statuses(pipeline, rootname) == {rootname: "made"}
        stored = read_stored(pipeline.clients.database)
        apart = {
            (filename, str(row["keyword"])): row["value"]
            for (filename, _), header in stored.items()
            for row in header.extras
        }
        assert not [
            (place, token)
            for place, token in truth.items()
            if not is_same(apart.get(place, stored[place[0], 0].row[place[1].lower()]), token)
        ]


def test_an_extension_called_primary_contradicts_nothing(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    other = {"ROOTNAME": "jzzz01aaq", "PROPOSID": 7}
    put(tmp_path, ODD, [{"ROOTNAME": ODD, "PROPOSID": 5}, {"EXTNAME": "PRIMARY", **other},
                        {"EXTNAME": "NO PRIMARY", **other}])  # fmt: skip
    assert statuses(pipeline, ODD) == {ODD: "made"}
    database = pipeline.clients.database
    assert find_header_mismatches(read_mismatched_headers(database, "acs")) == []
    put(tmp_path, ODD, [{**other}])
    assert statuses(pipeline, ODD) == {ODD: "made"}
    assert len(find_header_mismatches(read_mismatched_headers(database, "acs"))) == 1


def odd_primary() -> fits.PrimaryHDU:
    """A header of whatever cards astropy writes."""
    hdu = fits.PrimaryHDU()
    hdu.header.update(
        {"LONG": "it's 'quoted' & more " * 20, "AMP": "&", "BLANK_": "  ", "EMPTY": "",
         "UNDEF": None, "COMPL": 1.5 - 2e-10j, "BIG": 12345678901234567890, "TINY": 1.23e-300,
         "MINUS": -0.0, "QUOTES": "''''", "SLASH": "a / b", "NUMPY": np.float32(0.1),
         "Z67": "z" * 67, "Z68": "z" * 68, "Z69": "z" * 69, "Q68": "z" * 66 + "''",
         "HIERARCH ESO DET CHIP1 NAME": "CCD-44", "HIERARCH lower case": 1.5}
    )  # fmt: skip
    hdu.header["REMARK"] = ("v" * 40, "comment " * 4)
    for value in (1, "two", None):
        hdu.header.append(("DUP", value))
    hdu.header.add_comment("x" * 200)
    hdu.header.add_history("h " * 90)
    return hdu


def test_what_astropy_writes_is_stored_as_astropy_reads_it(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    ones = np.ones((5, 5))
    scaled = fits.ImageHDU(ones * 100, name="SCALED")
    scaled.scale("int16", bscale=0.01, bzero=100)
    columns = [
        fits.Column("a", "PE()", array=np.array([np.ones(3), np.ones(7)], dtype=object)),
        fits.Column("b", "L", array=[True, False]),
        fits.Column("c", "4X", array=np.ones((2, 4), bool)),
        fits.Column("d", "J", array=[1, 2], null=-1, unit="m", disp="I5"),
        fits.Column("u", "J", array=np.array([1, 2], "u4"), bzero=2**31),
    ]
    ascii_columns = [
        fits.Column("a", "A10", array=["x", "y"], ascii=True),
        fits.Column("b", "F10.4", array=[1.0, 2.0], ascii=True),
    ]
    unsigned = [fits.ImageHDU(ones.astype(kind), name=kind) for kind in ("u2", "u4", "u8", "i1")]
    groups = fits.GroupsHDU(
        fits.GroupData(
            np.ones((4, 1, 1, 3, 4), "f4"), bitpix=-32, parnames=["UU"], pardata=[np.arange(4.0)]
        )
    )
    files = [
        [odd_primary(), *unsigned, scaled],
        [fits.PrimaryHDU(), fits.BinTableHDU.from_columns(columns, name="BIN"),
         fits.TableHDU.from_columns(fits.ColDefs(ascii_columns), name="ASCII")],
        [groups],
        [fits.PrimaryHDU(np.zeros((2, 3, 4, 5), "f4")), fits.ImageHDU(ones, name="X" * 60)],
    ]  # fmt: skip
    keys = [f"jast0{number}aaq" for number in range(len(files))]
    for key, hdus in zip(keys, files, strict=True):
        hdus[0].header["DETECTOR"] = "WFC"
        save(tmp_path, key, fits.HDUList(hdus))
    assert set(statuses(pipeline, *keys).values()) == {"made"}
    assert differences(pipeline, tmp_path) == []


@pytest.mark.parametrize(
    "made_by_user",
    [
        "CREATE VIEW late AS SELECT avg(exptime) AS mean FROM acsql.wfc_raw_0",
        "CREATE INDEX lasting ON acs_wfc_raw_primary ((exptime * 2))",
        "ALTER TABLE acs_wfc_raw_primary ADD COLUMN hours double precision "
        "GENERATED ALWAYS AS (exptime / 3600) STORED",
    ],
)
def test_what_a_user_made_on_a_column_stops_no_batch_and_loses_no_value(
    pipeline: Pipeline, tmp_path: Path, made_by_user: str
) -> None:
    put(tmp_path, GOOD, [{"EXPTIME": 5.0, "NEWER": 1}])
    assert statuses(pipeline, GOOD) == {GOOD: "made"}
    with pipeline.clients.database.write() as writer:
        writer.execute(text(made_by_user))
    put(tmp_path, ODD, [{"EXPTIME": "unknown", "NEWEST": "x"}])
    assert statuses(pipeline, ODD, GOOD) == {ODD: "made", GOOD: "made"}
    query = text("SELECT filename, exptime, newest FROM acs_wfc_raw_primary ORDER BY filename")
    rows = [tuple(row) for row in pipeline.clients.database.read(query)]
    assert rows == [(f"{GOOD}_raw.fits", 5.0, None), (f"{ODD}_raw.fits", None, "x")]
    query = text("SELECT keyword, kind, value FROM header_extras")
    assert [tuple(row) for row in pipeline.clients.database.read(query)] == [
        ("EXPTIME", "text", "unknown")
    ]


def test_a_column_that_a_user_has_built_on_is_not_widened_and_what_it_lacks_is_kept(
    pipeline: Pipeline, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    put(tmp_path, GOOD, [{"NEWER": 1}])
    assert statuses(pipeline, GOOD) == {GOOD: "made"}
    with pipeline.clients.database.write() as writer:
        twice = "ADD COLUMN twice bigint GENERATED ALWAYS AS (newer * 2) STORED"
        writer.execute(text(f"ALTER TABLE acs_wfc_raw_primary {twice}"))
    put(tmp_path, ODD, [{"NEWER": 1.5, "NEWEST": "x"}])
    assert statuses(pipeline, ODD, GOOD) == {ODD: "made", GOOD: "made"}
    assert "acs_wfc_raw_primary was not widened" in caplog.text
    query = text("SELECT newer, newest FROM acs_wfc_raw_primary ORDER BY filename")
    rows = [tuple(row) for row in pipeline.clients.database.read(query)]
    assert rows == [(1, None), (None, "x")]
    query = text("SELECT keyword, kind, value, reason FROM header_extras")
    assert [tuple(row) for row in pipeline.clients.database.read(query)] == [
        ("NEWER", "double precision", "1.5", NO_ROOM)
    ]
