"""`hstql check`: what differs is listed, healed if asked for, and nothing is left."""

from collections.abc import Iterator

import pytest

from builders.station import Station, open_station


@pytest.fixture
def small_station() -> Iterator[Station]:
    """A home on which nothing was run; to come are two exposures of COS."""
    yield from open_station(HSTQL_SIMULATED_OBSERVATIONS="2", HSTQL_WORKERS="2")


@pytest.mark.full
def test_a_home_is_checked_healed_and_clean_again(small_station: Station) -> None:
    hstql = small_station.hstql
    assert hstql("discover", "--instrument", "cos").returncode == 0
    early = hstql("check", "--instrument", "cos")
    assert early.returncode == 1
    assert "never retrieved: 2" in early.stdout
    made = hstql("materialize", "cos/lightcurves")
    assert made.returncode == 0, made.stderr
    clean = hstql("check", "--instrument", "cos", "--checksums")
    assert clean.returncode == 0, clean.stdout + clean.stderr
    assert "checksums compared" in clean.stdout

    lost, changed = sorted((small_station.home / "files").rglob("*_x1d.fits"))
    lost.unlink()
    content = bytearray(changed.read_bytes())
    content[-1] ^= 1
    changed.write_bytes(content)
    stray = lost.with_name(lost.name.replace("x1d", "flt"))
    stray.write_bytes(b"x")
    found = hstql("check", "--checksums")
    assert found.returncode == 1
    for line in ("file missing: ", "wrong checksum: ", "file without a row: "):
        assert line in found.stdout
    assert str(lost) in found.stdout

    refused = hstql("check", "--heal", "--checksums")
    assert refused.returncode != 0
    question = "Make 2 keys of cos/calibrated_files again, remove 1 file without a row?"
    assert question in refused.stdout
    assert stray.exists()
    healed = hstql("check", "--heal", "--checksums", "--yes")
    assert healed.returncode == 0, healed.stdout + healed.stderr
    assert f"Removed {stray}" in healed.stdout
    assert lost.exists()
    assert not stray.exists()
    again = hstql("check", "--heal", "--yes")
    assert again.returncode == 0
    assert "There is nothing to heal." in again.stdout
    assert hstql("check", "--yes").returncode == 2
