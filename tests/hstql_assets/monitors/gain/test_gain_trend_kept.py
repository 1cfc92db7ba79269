"""What is kept of gain maps: a map is unpacked once, and what is kept never says anything else."""

import shutil
from dataclasses import fields, is_dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from builders.gain_trend_maps import FIRST_MJD, make_patch, write_map, write_series
from hstql_assets.monitors.gain import kept_gains, kept_series
from hstql_assets.monitors.gain.gain_images import GainImage, group_images
from hstql_assets.monitors.gain.kept_gains import keep_gains
from hstql_assets.monitors.gain.kept_series import follow_series
from hstql_assets.monitors.gain.line_maps import find_line_map
from hstql_resources.filesystem import Filesystem
from hstql_resources.settings import Settings
from hstql_resources.workers import NO_WORKERS

MJDS = FIRST_MJD + 28.0 * np.arange(9)


def draw_gains(mjd: float) -> np.ndarray:
    """Return a patch that falls, with another random part of it measured each time."""
    rng = np.random.default_rng(int(mjd))
    gains = 6.0 - 0.015 * (mjd - FIRST_MJD) + rng.normal(scale=0.2, size=(6, 40))
    return make_patch(np.where(rng.random(gains.shape) < 0.8, gains, np.nan))


def follow(images: list[GainImage], home: Path) -> list[object]:
    """Return all that is said of images, files by their bytes."""
    files = Filesystem.from_settings(Settings(home=home))
    kept, faults = keep_gains(list(group_images(images).values()), files, NO_WORKERS)
    said: list[object] = list(faults)
    for series in follow_series(kept, files, NO_WORKERS):
        said += [flatten(series), find_line_map(files, series.images[0]).read_bytes()]
    return said


def flatten(value: object) -> object:
    """Return nested dataclasses and arrays as what can be compared."""
    if isinstance(value, np.ndarray):
        return str(value.dtype), value.shape, value.tobytes()
    if isinstance(value, list | tuple):
        return [flatten(one) for one in value]
    if is_dataclass(value):
        return {one.name: flatten(getattr(value, one.name)) for one in fields(value)}
    return value


@pytest.fixture(scope="module")
def drawn(tmp_path_factory) -> list[GainImage]:
    folder = tmp_path_factory.mktemp("drawn")
    return [
        *write_series(folder, draw_gains, MJDS, "FUVA", 163),
        *write_series(folder, lambda mjd: draw_gains(mjd + 1.0), MJDS[:4], "FUVB", 167),
    ]


@pytest.fixture
def images(tmp_path, drawn) -> list[GainImage]:
    return [replace(one, path=Path(shutil.copy2(one.path, tmp_path))) for one in drawn]


@pytest.fixture(autouse=True)
def _quick_maps(monkeypatch) -> None:
    """Write a line in place of the maps of lines, whose compression takes most of the time."""
    monkeypatch.setattr(
        kept_series,
        "write_line_maps",
        lambda series, path: path.write_text(repr([one.name for one in series.images])),
    )


@pytest.fixture
def unpacked(monkeypatch) -> list[str]:
    """The maps that are unpacked, by their names."""
    names: list[str] = []
    read = kept_gains.read_superpixels
    monkeypatch.setattr(
        kept_gains, "read_superpixels", lambda path: (names.append(path.name), read(path))[1]
    )
    return names


def count_series(monkeypatch) -> list[str]:
    """Return a list that grows by the segment whose images are gone through."""
    segments: list[str] = []
    make = kept_series.make_series
    monkeypatch.setattr(
        kept_series,
        "make_series",
        lambda kept: (segments.append(kept[0].image.segment), make(kept))[1],
    )
    return segments


def test_only_what_has_a_new_map_is_gone_through_again(images, tmp_path, unpacked, monkeypatch):
    made = count_series(monkeypatch)
    follow([one for one in images if one is not images[8]], tmp_path / "home")
    assert (len(unpacked), made) == (12, ["FUVA", "FUVB"])
    unpacked.clear(), made.clear()
    grown = follow(images, tmp_path / "home")
    assert (unpacked, made) == ([images[8].path.name], ["FUVA"])
    unpacked.clear(), made.clear()
    again = follow(images, tmp_path / "home")
    assert (unpacked, made) == ([], [])
    assert grown == again == follow(images, tmp_path / "other")


@pytest.mark.parametrize("change", ["remade", "retired", "other time", "unreadable"])
def test_what_is_kept_follows_the_maps(images, tmp_path, change):
    follow(images, tmp_path / "home")
    if change == "remade":
        images[3].path.unlink()
        write_map(images[3].path, draw_gains(99.0))
    elif change == "retired":
        del images[3]
    elif change == "other time":
        images[3] = replace(images[3], start_mjd=images[3].start_mjd + 1.0)
    else:
        images[3].path.write_bytes(b"no FITS file")
    made = follow(images, tmp_path / "home")
    assert made == follow(images, tmp_path / "other")
    kept = {path.name for path in (tmp_path / "home" / kept_gains.FOLDER).iterdir()}
    assert kept == {path.name for path in (tmp_path / "other" / kept_gains.FOLDER).iterdir()}


@pytest.mark.parametrize("lost", ["*.gains", "*.npz", "*"])
def test_what_is_kept_can_be_removed_or_cut(images, tmp_path, lost):
    home = tmp_path / "home"
    before = follow(images, home)
    for number, path in enumerate(sorted((home / kept_gains.FOLDER).glob(lost))):
        if path.suffix == ".npz" and not number % 2:
            path.write_bytes(path.read_bytes()[:1000])
        else:
            path.unlink()
    (home / "products/gain/trends/proj_bad_FUVA_163.fits").unlink()
    assert follow(images, home) == before


@pytest.mark.parametrize("changed", [kept_gains, kept_series])
def test_all_is_made_anew_when_the_code_changed(images, tmp_path, unpacked, monkeypatch, changed):
    made = count_series(monkeypatch)
    before = follow(images, tmp_path / "home")
    unpacked.clear(), made.clear()
    monkeypatch.setattr(changed, "_find_method", lambda: "other")
    assert follow(images, tmp_path / "home") == before
    assert (len(unpacked), made) == (13 if changed is kept_gains else 0, ["FUVA", "FUVB"])
