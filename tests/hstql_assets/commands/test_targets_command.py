"""The command `hstql targets`: what was decided, and deciding it now."""

import csv
import json

import pytest

from builders.station import Station


@pytest.mark.full
def test_targets_are_shown_and_renamed(station: Station) -> None:
    nothing = station.hstql("targets")
    assert nothing.returncode == 0, nothing.stderr
    assert "No decisions yet" in nothing.stdout
    station.hstql("discover", "--instrument", "cos")
    made = station.hstql("materialize", "cos/lightcurves", "cos/lightcurve_plots")
    assert made.returncode == 0, made.stderr
    shown = station.hstql("targets", "sim-*", "--format", "csv")
    grouped = {row["target"]: row for row in csv.DictReader(shown.stdout.splitlines())}
    first = sorted(grouped)[0]
    name = grouped[first]["header name"]
    folder = station.home / "products" / "lightcurves"
    count = int(grouped[first]["exposures"])
    assert len(list((folder / first).iterdir())) == count
    plots = len(list((station.home / "plots/lightcurves" / first).iterdir()))

    told = station.hstql("explain", "ls000101q")
    assert told.returncode == 0, told.stderr
    assert "ls000101q: cos FUV G130M 1291 PSA TIME-TAG of SIM-" in told.stdout
    assert f"Files in {station.home}/files/ls00/ls000101q: ls000101q_corrtag_a.fits" in told.stdout
    assert "cos/lightcurves: made on 20" in told.stdout
    assert "cos/previews: not made yet." in told.stdout
    assert "Its target is sim-" in told.stdout
    assert f"lightcurves: {folder}/sim-" in told.stdout
    of_target = station.hstql("explain", name)
    assert of_target.stdout.startswith(f"{first}: {count} TIME-TAG exposures: l")
    assert "composites: not made yet." in of_target.stdout
    unknown = station.hstql("explain", "ls99zzzzq")
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert "not registered" in unknown.stderr

    (station.home / "targets.toml").write_text(f'[names]\n"{name}" = "An Other Name"\n')
    settled = station.hstql("targets", "an-other*", "--settle", "--each", "--format", "json")
    assert settled.returncode == 0, settled.stderr
    assert f"{count} lightcurves belong to another target now" in settled.stderr
    rows = json.loads(settled.stdout)
    assert [row["target"] for row in rows] == ["an-other-name"] * count
    assert rows[0]["reason"] == f"{name}: An Other Name by the override file."
    assert not (folder / first).exists()
    assert len(list((folder / "an-other-name").iterdir())) == count
    assert len(list((station.home / "plots/lightcurves/an-other-name").iterdir())) == plots
    one = station.hstql("targets", rows[0]["rootname"])
    assert "an-other-name" in one.stdout
    nobody = station.hstql("targets", "no_such%name")
    assert nobody.returncode == 2
    assert "There is no such target." in nobody.stderr

    (station.home / "targets.toml").write_text("names = 3\n")
    refused = station.hstql("targets", "--settle")
    assert refused.returncode == 2
    assert "targets.toml" in refused.stderr
    assert "Traceback" not in refused.stderr
    last = "SELECT exit_status FROM runs WHERE id LIKE 'targets%' ORDER BY started_at DESC LIMIT 1"
    assert station.hstql("query", last, "--format", "csv").stdout.split() == ["exit_status", "2"]
    batch = station.hstql("materialize", "cos/lightcurves", "--all")
    assert batch.returncode == 1
    assert "targets.toml" in batch.stderr
    assert station.hstql("targets", "--again").returncode == 2
