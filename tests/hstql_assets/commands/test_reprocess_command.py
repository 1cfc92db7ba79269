"""`hstql reprocess`: a dry run, the real one, the question, and what is refused."""

from collections.abc import Iterator

import pytest

from builders.station import Station, open_station


@pytest.fixture
def small_station() -> Iterator[Station]:
    """A home on which nothing was run; to come are a few exposures of COS."""
    yield from open_station(HSTQL_SIMULATED_OBSERVATIONS="2", HSTQL_WORKERS="2")


@pytest.mark.full
def test_a_home_is_reprocessed_as_it_is_asked_for(small_station: Station) -> None:
    hstql = small_station.hstql
    assert hstql("discover", "--instrument", "cos").returncode == 0
    nothing = hstql("reprocess", "--all", "--yes")
    assert nothing.returncode == 0, nothing.stderr
    assert "of what was chosen nothing was ever made" in nothing.stdout
    assert hstql("materialize", "cos/lightcurves", "composites").returncode == 0

    times = "SELECT count(*) FROM outcomes WHERE decided_at > (SELECT max(started_at) FROM runs)"
    dry = hstql("reprocess", "--where", "exp_start_mjd > 58000", "--dry-run")
    assert dry.returncode == 0, dry.stderr
    for word in ("cos/raw_files", "cos/lightcurves", "composites", "ls000101q", "ls000201q"):
        assert word in dry.stdout
    assert "files of unknown size." in dry.stdout
    assert small_station.count(times) == 0

    x1d = next((small_station.home / "files").rglob("ls000101q_x1d.fits"))
    original = x1d.read_bytes()
    x1d.write_bytes(original[:-1] + b"!")
    asked = hstql("reprocess", "--all")
    assert asked.returncode != 0
    number = small_station.count("SELECT count(*) FROM outcomes WHERE asset = 'cos/raw_files'")
    assert f"Reprocess {number} keys?" in asked.stdout
    assert x1d.read_bytes() != original
    done = hstql("reprocess", "--rootname", "ls000101q")
    assert done.returncode == 0, done.stderr
    assert "made" in done.stdout
    assert x1d.read_bytes() == original

    for words, reason in (
        (("--where", "detektor = 'FUV'"), 'column "detektor" does not exist'),
        (("--rootname", "lzzz01aaq"), "lzzz01aaq is not registered"),
        (("--proposal", "4711"), "no observation of proposal 4711 "),
    ):
        refused = hstql("reprocess", *words)
        assert refused.returncode == 2
        assert reason in refused.stderr
        assert len(refused.stderr.splitlines()) == 1
