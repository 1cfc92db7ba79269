"""`hstql demo`, and what one can ask and do on what it made."""

import csv
import io
import json
import re
import stat

import pytest

from builders.home_states import read_listing
from builders.lightcurve_reading import read_lightcurve
from builders.station import Station

KEY = "ls000101q"


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
