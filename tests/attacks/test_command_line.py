"""Names in any case, selections, input and output of commands, as strangers try them."""

import csv
import io
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from builders.station import Station, open_station
from hstql_assets.commands import completion

MADE = ("ls000101q", "ls000201q")


@pytest.fixture(scope="module")
def made() -> Iterator[Station]:
    """A home with the lightcurves of two exposures of COS, of two targets."""
    for station in open_station(HSTQL_SIMULATED_OBSERVATIONS="2", HSTQL_WORKERS="1"):
        for words in ("discover --instrument COS", "materialize cos/lightcurves composites"):
            done = station.hstql(*words.split())
            assert done.returncode == 0, done.stderr
        yield station


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text), strict=True))


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        ("composites --target SIM-SINE", {"sim-sine"}),
        ("composites --target Sim-Sine --target sim-constant", {"sim-sine", "sim-constant"}),
        ("COS/LightCurves --rootname LS000101Q", {"ls000101q"}),
        ("LIGHTCURVES --target SIM-SINE --instrument COS", {"ls000201q"}),
        ("composites --rootname Ls000201q --proposal 90000", {"sim-sine"}),
        ("lightcurves --rootname ls000201q --since 2000-01-01", {"ls000201q"}),
    ],
)
def test_names_are_taken_in_any_case_and_conditions_together(
    made: Station, words: str, keys: set[str]
) -> None:
    done = made.hstql("materialize", *words.split(), "--format", "csv")
    assert done.returncode == 0, done.stderr
    assert {row["key"] for row in rows_of(done.stdout)} == keys


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        ("materialize composites --target sim-sin", 2, "Did you mean sim-sine?"),
        ("materialize composites --target nothing", 2, "'nothing' is no target"),
        ("materialize --rootname ls0zzzzzq", 2, "ls0zzzzzq is not registered"),
        ("materialize ligthcurves", 2, "no asset 'ligthcurves'. Did you mean lightcurves"),
        ("materialize cos/ligthcurves", 2, "Did you mean cos/lightcurves"),
        ("materialize --proposal 4711", 2, "no observation of proposal 4711 "),
        ("materialize --since 2999-01-01", 2, "no registered exposure is public since 2999"),
        ("materialize --instrument stis", 2, "no registered exposure is of stis."),
        ("materialize --target sim-sine --rootname ls000101q", 2, "Nothing is selected"),
        ("materialize stis/lightcurves --instrument cos", 1, "Nothing of it is among the keys"),
        ("status --cone 1 -90 0.1", 2, "is within 0.1 arcsec of RA 1 deg, Dec -90 deg."),
        ("materialize --cone 1 95 5", 2, "give right ascension (0 to 360 deg), declination"),
        ("materialize --cone nan 5 5", 2, "give right ascension (0 to 360 deg), declination"),
        ("reprocess --cone 1 5 0", 2, "and a radius (arcsec, above 0, 180 deg at most)"),
        ("status --proposal 4711", 2, "no observation of proposal 4711 "),
        ("explain nothing", 2, "'nothing' is no target"),
        ("explain LS0ZZZZZQ", 2, "ls0zzzzzq is not registered"),
        ("reprocess --target nothing", 2, "'nothing' is no target"),
        ("reprocess --instrument stis", 2, "Nothing is selected"),
        ("reprocess --where false", 2, "Nothing is selected"),
        ("discover --rootname LS0ZZZZZQ", 1, "The archive has no ls0zzzzzq."),
        ("discover --proposal 4711", 1, "The archive has nothing that is of proposal 4711."),
        ("discover --since 2999-01-01", 1, "nothing that is public since 2999-01-01"),
    ],
)
def test_what_selects_nothing_is_no_success(
    made: Station, words: str, status: int, sentence: str
) -> None:
    refused = made.hstql(*words.split())
    assert refused.returncode == status
    assert sentence in refused.stderr
    assert "up to date" not in refused.stdout
    assert "Traceback" not in refused.stderr


def test_a_condition_that_names_nothing_leaves_alone_what_is_made(made: Station) -> None:
    done = made.hstql("materialize", "cos/lightcurves", "--proposal", "90000")
    assert (done.returncode, done.stdout) == (0, "Everything is up to date.\n")


def test_a_proposal_is_known_before_headers_are_read(made: Station) -> None:
    """The archive tells which exposures are its own."""
    made.hstql("discover", "--instrument", "stis", HSTQL_SIMULATED_OBSERVATIONS="3")
    done = made.hstql(
        "materialize", "stis/raw_files", "--proposal", "90000", "--format", "csv",
        HSTQL_SIMULATED_OBSERVATIONS="3",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert [row["key"] for row in rows_of(done.stdout)] == ["os000101q"]


def test_status_and_explain_are_data_too(made: Station) -> None:
    counts = rows_of(made.hstql("status", "--format", "csv", "--rootname", MADE[0]).stdout)
    assert {
        "asset": "cos/lightcurves",
        "registered": "1",
        "made": "1",
        "none": "0",
    }.items() <= next(row for row in counts if row["asset"] == "cos/lightcurves").items()
    assert next(row for row in counts if row["asset"] == "composites")["registered"] == "1"
    answer = json.loads(made.hstql("status", "--format", "json").stdout)
    assert answer["runs"][1]["exit status"] == 0
    said = json.loads(made.hstql("explain", "SIM-SINE", *MADE, "--format", "json").stdout)
    assert {row["key"] for row in said} == {"SIM-SINE", *MADE}


def test_discover_is_data_too(made: Station) -> None:
    done = made.hstql("discover", "--instrument", "cos", "--format", "JSON")
    assert json.loads(done.stdout) == [{"instrument": "cos", "new": 0, "registered": 2}]


def test_keys_and_targets_are_completed(made: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", made.environment())
    assert completion.find_rootnames("LS0") == list(MADE)
    assert completion.find_targets("sim-") == ["sim-constant", "sim-sine"]
    assert completion.find_targets("SIM-S") == ["SIM-SINE"]
    assert {"ls000101q", "sim-sine"} <= set(completion.find_keys(""))
    for begun in ("%", "'", "ls0001\\", "x" * 5000):
        assert completion.find_keys(begun) == []


def test_where_there_is_no_database_nothing_is_completed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    for settings in ({"HSTQL_HOME": str(home)}, {"HSTQL_GROUP": "nobody knows"},
                     {"HSTQL_DATABASE_URL": "postgresql://u:p@127.0.0.1:9/x"}):  # fmt: skip
        monkeypatch.setattr(os, "environ", {"HSTQL_HOME": str(home), **settings})
        assert completion.find_keys("l") == []
    assert capfd.readouterr() == ("", "")
    assert not home.exists()


def test_one_check_is_made_by_its_name(made: Station) -> None:
    done = made.hstql("check", "FILES_are_there", "--instrument", "COS", "--instrument", "stis")
    assert done.returncode == 0, done.stderr
    words = done.stdout.split()
    assert (words.count("files_are_there"), words.count("no_stray_files")) == (2, 0)


EVERY_KIND = """
SELECT 1 AS a, 2 AS a, 'nan'::float8, '-infinity'::float4, 12.50::numeric, 'NaN'::numeric,
       now(), current_date, interval '1 day', NULL, '', '\\x00ff'::bytea, ARRAY[1, NULL],
       '{"x": [1.5]}'::jsonb, '[1,2)'::int4range, E'a"b,\\n'
"""


def refuse(name: str) -> None:
    raise AssertionError(f"{name} is no JSON")


def test_the_answer_to_a_query_is_json(made: Station) -> None:
    done = made.hstql("query", EVERY_KIND, "--format", "json")
    (row,) = json.loads(done.stdout, parse_constant=refuse)
    assert len(row) == 16
    assert (row["a"], row["a_2"], row["float8"], row["float4"]) == (1, 2, None, None)
    assert (row["numeric"], row["numeric_2"], row["bytea"]) == (12.5, None, "\\x00ff")


def test_a_statement_comes_from_a_file_or_standard_input(made: Station, tmp_path: Path) -> None:
    path = tmp_path / "a b.sql"
    path.write_bytes("\ufeff-- Über allem\nSELECT 7 AS n;\n".encode())
    for words in (("--file", str(path)), (path.read_text("utf-8-sig"),)):
        done = made.hstql("query", *words, "--format", "csv")
        assert done.stdout == "n\n7\n", done.stderr


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"SELECT 1\0", "a NUL in it"),
        (b"SELECT '\xff'", "cannot be read"),
        (b"-" * 1_000_001, "more than a megabyte"),
        (b"", "refused the query"),
    ],
)
def test_what_is_no_statement_is_refused(
    made: Station, tmp_path: Path, content: bytes, sentence: str
) -> None:
    path = tmp_path / "statement.sql"
    path.write_bytes(content)
    refused = made.hstql("query", "--file", str(path))
    assert refused.returncode in (1, 2)
    assert sentence in refused.stderr
    assert refused.stderr.count("\n") == 1


@pytest.mark.parametrize("words", [(), ("SELECT 1", "--file", __file__), ("--file", "/no/such")])
def test_a_query_needs_one_statement(made: Station, words: tuple[str, ...]) -> None:
    refused = made.hstql("query", *words)
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1


def test_rows_are_readable_on_a_narrow_terminal(made: Station) -> None:
    done = made.hstql("query", "SELECT * FROM observations ORDER BY 1 LIMIT 2", COLUMNS="80")
    assert max(map(len, done.stdout.splitlines())) <= 80
    for name in MADE:
        assert name in done.stdout
