"""`hstql demo`, and what one can ask and do on what it made."""

import csv
import io
import json
import re
import stat
import warnings
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pandas as pd
import pytest
from astropy import units as u
from astropy.io import fits
from astropy.table import Table

import hstql
from builders.home_states import read_listing
from builders.lightcurve_reading import read_lightcurve
from builders.page_reading import Page
from builders.station import Station
from hstql_resources.postgres.read_only_query import QueryError
from hstql_resources.settings import SettingsError
from hstql_resources.tables import Observation

KEY = "ls000101q"
OBSERVATIONS = len(Observation.__table__.columns)


@pytest.fixture(scope="module")
def again(demo_station: Station):
    return demo_station.hstql("demo")


def test_the_demo_recovers_every_period_within_three_errors(again) -> None:
    rows = re.findall(r"sim-(?:raw-)?sine +([\d.]+) +([\d.]+) +([\d.]+)", again.stdout)
    assert len(rows) == 4  # two of COS, one that CalCOS calibrated, one of STIS
    for injected, recovered, error in rows:
        assert 0 < float(error) < 1
        assert abs(float(injected) - float(recovered)) < 3 * float(error)


def test_a_second_demo_says_that_all_is_up_to_date_and_changes_nothing(
    again, demo_station: Station
) -> None:
    assert again.returncode == 0
    assert "Everything is up to date." in again.stdout
    assert demo_station.count("SELECT count(*) FROM lightcurves") == 9


def test_the_demo_lists_its_composites_and_names_their_page(again, demo_station: Station) -> None:
    (plots,) = re.findall(r"^Plots: (.+)$", again.stdout, re.M)
    page = (demo_station.home / plots).read_text()
    rows = re.findall(
        r"^ +(sim-[\w-]+) +((?:cos|stis)/.+?) +(\d+) +(?:[\d.]+ +)?no *$", again.stdout, re.M
    )
    assert len(rows) == demo_station.count("SELECT count(*) FROM composites") == 9
    assert all(target in page for target, _, _ in rows)


def test_every_link_of_every_page_on_disk_leads_somewhere(demo_station: Station) -> None:
    pages = [Page(path) for path in (demo_station.home / "plots").rglob("*.html")]
    assert len(pages) > 20
    for page in pages:
        in_data = {
            page.path.parent / unquote(address)
            for script in page.scripts.values()
            for address in re.findall(r'"(\.{1,2}/[^"#?]*)[^"]*"', script)
        }
        for path in {*page.linked_files, *in_data}:
            assert path.exists(), (page.path, path)  # of some exposures, the folder of their files


def test_status_counts_the_keys_of_every_asset(demo_station: Station) -> None:
    output = demo_station.hstql("status").stdout
    for asset in ("raw_files", "calibrated_files", "header_tables", "lightcurves",
                  "lightcurve_statistics", "lightcurve_plots",
                  "time_resolved_spectra"):  # fmt: skip
        assert re.search(rf"cos/{asset} +7 +7 +0 +0 +0 +0", output), asset
        assert re.search(rf"stis/{asset} +2 +2 +0 +0 +0 +0", output), asset
    for asset in ("composites", "composite_statistics", "composite_plots"):
        assert re.search(rf"^ +{asset} +4 +4 +0 +0 +0 +0", output, re.M), asset
    for asset in ("exploratory_tables", "summary_plots"):
        assert re.search(rf"{asset} +1 +1 +0 +0 +0 +0", output), asset
    assert "demo_" in output


def test_a_query_answers_as_table_csv_and_json(demo_station: Station) -> None:
    sql = "SELECT rootname, gross_counts FROM lightcurves ORDER BY rootname"
    table = demo_station.hstql("query", sql).stdout
    rows = list(csv.reader(io.StringIO(demo_station.hstql("query", sql, "--format", "csv").stdout)))
    objects = json.loads(demo_station.hstql("query", sql, "--format", "json").stdout)
    assert rows[0] == ["rootname", "gross_counts"]
    assert [row[0] for row in rows[1:]] == [item["rootname"] for item in objects]
    assert all(row[1] in table for row in rows[1:])


@pytest.fixture
def home(demo_station: Station, monkeypatch: pytest.MonkeyPatch):
    for name, value in demo_station.environment().items():
        monkeypatch.setenv(name, value)
    with hstql.connect(demo_station.home) as opened:
        yield opened


def test_python_has_what_the_home_has(home: hstql.Home, demo_station: Station) -> None:
    found = home.query("SELECT rootname, exp_time_s, count(*) OVER () FROM observations LIMIT 3")
    assert found["exp_time_s"].unit == "s"
    assert (len(found), len(found.to_pandas())) == (3, 3)
    exposure = home.exposure(KEY.upper())
    assert (exposure.values["rootname"], exposure.values["instrument"]) == (KEY, "cos")
    assert {f"{KEY}_x1d.fits"} < set(exposure.files["filename"])
    assert exposure.measured["lightcurves"]["exposure_s"].unit == "s"
    assert home.preview(KEY).size > (100, 100)
    outcomes = home.outcome(KEY)
    assert set(outcomes["status"][outcomes["asset"] == "cos/lightcurves"]) == {"made"}
    by_slug, by_name = home.target("sim-constant"), home.target("SIM-CONSTANT")
    assert set(by_slug.exposures["rootname"]) == set(by_name.exposures["rootname"])
    composite = home.lightcurve(by_slug.composites["filename"][0])
    members = (home.lightcurve(one) for one in by_slug.exposures["rootname"])
    assert len(composite.table) <= sum(len(one.table) for one in members)
    assert composite.header["HLSPID"] == "HSTLC"
    assert len(home.target("sim-constant").statistics) == len(by_slug.composites)


def test_python_makes_of_files_what_the_asset_made(home: hstql.Home) -> None:
    stored = home.lightcurve(KEY)
    x1d, spt = (home.files(KEY, one)[0] for one in ("x1d", "spt"))
    anew = hstql.lightcurve(home.files(KEY, "corrtag"), x1d, spt)
    assert set(stored.table.colnames) < set(anew.table.colnames)
    old, new = (fits.getdata(one._path, "LIGHTCURVE") for one in (stored, anew))
    for name in old.names:
        # The band flux beside it is another order of additions.
        np.testing.assert_allclose(old[name], new[name], rtol=1e-14, atol=0)
    assert anew.header["MEANFLUX"] == stored.header["MEANFLUX"]
    band = home.lightcurve(KEY, bin=50 * u.s, wave=(1250, 1300) * u.AA)
    assert len(band.table) < len(stored.table) / 20


def test_python_is_told_what_a_home_lacks(home: hstql.Home, tmp_path: Path) -> None:
    for ask, kind, said in (
        (lambda: home.exposure("lzzz00zzq"), LookupError, "There is no exposure lzzz00zzq in"),
        (lambda: home.exposure("x"), ValueError, "'x' is no rootname"),
        (lambda: home.exposure(5), TypeError, "rootname is 5: give it as a text"),
        (lambda: home.target("GJ-436"), LookupError, "There is no target GJ-436"),
        (lambda: home.target(5), TypeError, "name is 5"),
        (lambda: home.preview("lzzz00zzq"), LookupError, "'hstql explain lzzz00zzq' says why"),
        (lambda: home.lightcurve("lzzz00zzq"), hstql.NothingToExtract, "'hstql materialize lig"),
        (lambda: home.lightcurve("lzzz00zzq", bin=5 * u.s), hstql.NothingToExtract, "no corrtag"),
        (lambda: home.query("DELETE FROM lightcurves"), QueryError, "read-only"),
        (lambda: home.query(5), TypeError, "sql is 5: give one statement as a text."),
        (lambda: hstql.connect(5), TypeError, "home is 5: give the path of a folder"),
        (lambda: hstql.connect(tmp_path / "no"), SettingsError, "There is no home at"),
    ):
        with pytest.raises(kind) as refusal:
            ask()
        assert said in str(refusal.value)
    assert not (tmp_path / "no").exists()
    assert home.files("lzzz00zzq") == []
    assert len(home.outcome("lzzz00zzq")) == 0


@pytest.mark.parametrize("form", ["parquet", "vot", "fits", "csv"])
def test_an_export_holds_what_the_table_holds(demo_station: Station, form: str) -> None:
    path = demo_station.home.parent / f"a.{form}"
    words = ("export", "observations", "-o", str(path))
    done = demo_station.hstql(*words)
    number = demo_station.count("SELECT count(*) FROM observations")
    assert done.stdout == f"{path}: {number} rows, {OBSERVATIONS} columns.\n", done.stderr
    readers = {"vot": "votable", "csv": "ascii.csv", "fits": "fits"}

    def read() -> Table:
        if form == "parquet":
            return pd.read_parquet(path)
        with warnings.catch_warnings(action="ignore"):  # VO has deprecated Angstrom
            return Table.read(path, format=readers[form])

    table = read()
    assert (len(table), len(table.columns)) == (number, OBSERVATIONS)
    assert KEY in list(table["rootname"])
    refused = demo_station.hstql(*words)
    assert (refused.returncode, "--force writes over it" in refused.stderr) == (2, True)
    sql = "SELECT rootname, exp_time_s FROM observations ORDER BY 1 LIMIT 2"
    assert demo_station.hstql("export", "--query", sql, "-o", str(path), "--force").returncode == 0
    assert len(read()) == 2


def test_all_lightcurves_are_exported_as_one_dataset(demo_station: Station) -> None:
    folder = demo_station.home.parent / "curves"
    done = demo_station.hstql("export", "--lightcurves", "-o", str(folder))
    bins = demo_station.count("SELECT sum(bins) FROM lightcurves")
    assert done.stdout.startswith(f"{folder}: {bins:,} bins of 9 lightcurves, "), done.stderr
    frame = pd.read_parquet(folder / "dataset")
    assert len(frame) == bins
    assert frame["rootname"].nunique() == 9


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("observations", "-o", "a.txt"), "a.txt does not tell the format: end it in .parquet"),
        (("observations", "--lightcurves", "-o", "b.csv"), "Give one of them: a TABLE, --query"),
        (("-o", "b.csv"), "Give one of them: a TABLE"),
        (("no_table", "-o", "b.csv"), 'relation "no_table" does not exist'),
        (('x"; DROP TABLE files; --', "-o", "b.csv"), "does not exist"),
        (("--query", "DELETE FROM files", "-o", "b.csv"), "it is read-only"),
        (("observations", "-o", "no/a.csv"), "There is no folder no."),
    ],
)
def test_what_cannot_be_exported_leaves_no_file(
    demo_station: Station, words: tuple[str, ...], said: str
) -> None:
    done = demo_station.hstql("export", *words)
    assert done.returncode in (1, 2)
    assert said in done.stderr
    assert not list(demo_station.home.parent.glob("b.csv"))


def test_a_query_cannot_change_anything(demo_station: Station) -> None:
    answer = demo_station.hstql("query", "DELETE FROM lightcurves")
    assert answer.returncode == 1
    assert "begin it with SELECT" in answer.stderr
    assert demo_station.count("SELECT count(*) FROM lightcurves") == 9


def test_everything_written_has_the_mode_of_the_settings(demo_station: Station) -> None:
    for path in demo_station.home.rglob("*"):
        top = path.relative_to(demo_station.home).parts[0]
        if top.startswith("postgres") or path.name == "postgres.log":
            continue  # the server's own
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o770 if path.is_dir() else 0o660), path


def test_each_command_leaves_a_log_with_versions_and_settings(demo_station: Station) -> None:
    (log,) = sorted((demo_station.home / "logs").glob("demo_*.log"))[:1]
    text = log.read_text()
    for word in ("Versions: hstql", "astropy", "Setting archive: simulated", "exit status 0"):
        assert word in text


def test_dagsters_own_command_makes_one_key_again(demo_station: Station) -> None:
    done = demo_station.run(
        "dagster", "asset", "materialize", "-m", "hstql_assets.definitions",
        "--select", "cos/lightcurves", "--partition", KEY,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "RUN_SUCCESS" in done.stderr
    assert list((demo_station.home / "logs").glob("cos_lightcurves_*.log"))


def test_dagster_config_changes_the_bin_width(demo_station: Station) -> None:
    config = demo_station.home.parent / "config.yaml"
    config.write_text("lightcurves: {bin_s: 5.0}\n")
    words = ("materialize", "lightcurves", "--rootname", KEY, "--all")
    path = demo_station.home / "products" / "lightcurves" / "sim-constant" / f"{KEY}_curve.fits"
    gross = read_lightcurve(path).totals.gross
    assert demo_station.hstql(*words, "--config", str(config)).returncode == 0
    assert read_lightcurve(path).settings.bin_s == 5.0
    assert read_lightcurve(path).totals.gross == gross
    stale = demo_station.hstql("materialize", "lightcurve_plots", "lightcurve_statistics")
    assert stale.stdout == "2 made\n", "what follows is made again, and only for this key"
    assert demo_station.hstql(*words).returncode == 0
    assert read_lightcurve(path).settings.bin_s == 2.0


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("lightcurves: {bin_s: -1}", "bin_s is -1.0: give a width of more than 0 seconds."),
        (
            "lightcurves: {bin_width: 1}",
            "cos/lightcurves has no bin_width; there are wave_min, wave_max, sun_altitude_max_deg",
        ),
        ("lightcurves: {bin_s: wide}", "bin_s: Input should be a valid number"),
        ("raw_files: {bin_s: 1}", "cos/raw_files has no bin_s; there are fetch"),
        ("previews: {bin_s: 1}", "cos/previews has nothing to configure"),
        ("nothing: {bin_s: 1}", "There is no asset 'nothing'"),
        ("lightcurves: [", "cannot be read"),
        ("lightcurves", "has to map assets to values"),
    ],
)
def test_a_wrong_configuration_is_refused_before_anything_runs(
    demo_station: Station, content: str, sentence: str
) -> None:
    config = demo_station.home.parent / "wrong.yaml"
    config.write_text(content)
    refused = demo_station.hstql("materialize", "lightcurves", "--all", "--config", str(config))
    assert refused.returncode == 2
    assert sentence in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_target_is_composed_by_name_and_an_unknown_one_refused(demo_station: Station) -> None:
    words = ("materialize", "composites", "--only", "--target")
    assert demo_station.hstql(*words, "sim-sine").stdout == "1 made\n"
    refused = demo_station.hstql(*words, "sim-sinus")
    assert refused.returncode == 2
    assert "Error: 'sim-sinus' is no target: 'hstql targets' lists them." in refused.stderr
    names = {path.name for path in (demo_station.home / "products" / "composites").iterdir()}
    assert "hlsp_hstlc_hst_stis-fuv-mama_sim-sine_e140m_1425_0.2x0.2_v1_sci.fits" in names
    assert len(names) == demo_station.count("SELECT count(*) FROM composites") == 9


def test_without_a_yes_a_reset_shows_its_question_and_nothing_goes(demo_station: Station) -> None:
    before = read_listing(demo_station)
    asked = demo_station.hstql("reset", "files", "--products")
    assert asked.returncode != 0
    assert f"remove the folders products and plots under {demo_station.home}" in asked.stdout
    refused = demo_station.hstql("reset", "database", "hstlc.stats", "--yes")
    assert refused.returncode == 2
    assert "hstlc.stats is a view" in refused.stderr
    assert read_listing(demo_station) == before


@pytest.mark.full
def test_two_at_the_same_time_end_well(demo_station: Station) -> None:
    both = [demo_station.start("hstql", "materialize", "lightcurves", "--all") for _ in range(2)]
    for process in both:
        output, errors = process.communicate(timeout=1500)
        assert process.returncode == 0, errors
        assert "9 made" in output
    assert demo_station.count("SELECT count(*) FROM lightcurves") == 9
    assert not [path for path in (demo_station.home / "scratch").rglob("*") if path.is_file()]
