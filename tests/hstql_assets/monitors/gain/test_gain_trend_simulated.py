"""The maps that are made of simulated exposures, as the trends read them."""

import numpy as np
import pytest

from builders.gain_map_tasks import task_of, write_exposures
from hstql_assets.monitors.framework.monitor import TrendContext
from hstql_assets.monitors.gain.gain_images import read_superpixels
from hstql_assets.monitors.gain.measure import measure_image
from hstql_assets.monitors.gain.read import read_images
from hstql_assets.monitors.gain.trend import report_gain
from hstql_resources import tables
from hstql_resources.archive.directory import DirectoryArchive
from hstql_resources.archive.simulated.cos_monitoring.gain import (
    EVENTS_PER_SUPERPIXEL,
    GainPlace,
    list_patches,
    modal_gain,
)
from hstql_resources.filesystem import Filesystem
from hstql_resources.references import References
from hstql_resources.settings import Settings

# The first epoch and the last, in which three patches have lost their gain.
KEYS = ("fuva_163_2018-12-31", "fuva_163_2020-12-28")


@pytest.fixture
def measured(tmp_path, database) -> TrendContext:
    """Two images in the database, and where their maps are."""
    rows = []
    for epoch, key in enumerate(KEYS):
        folder = tmp_path / key
        folder.mkdir()
        path = write_exposures(folder, [epoch])[0]
        rows += measure_image(task_of(key, folder, path)).rows["cumulative_images"]
    with database.write() as writer:
        writer.upsert(tables.CumulativeImage, rows)
    settings = Settings(home=tmp_path / "home")
    files = Filesystem.from_settings(settings)
    archive = DirectoryArchive(tmp_path / KEYS[0] / "archive")
    return TrendContext(files, References(archive, files), settings)


def test_maps_are_read_and_flagged_as_the_law_says(measured, database):
    images = read_images(database)
    assert [image.name for image in images] == list(KEYS)
    for epoch, image in enumerate(images):
        pixels = read_superpixels(image.path)
        assert image.start_mjd == pytest.approx(GainPlace.locate(epoch).start_mjd, abs=1e-6)
        assert pixels.is_measured.sum() == sum(one.superpixels for one in list_patches("FUVA"))
        for patch in list_patches("FUVA"):
            place = (slice(patch.y, patch.y + patch.rows), slice(patch.x, patch.x + patch.columns))
            true = modal_gain(patch, image.start_mjd)
            pulls = (pixels.gain[place] - true) / pixels.error[place]
            # Where pulse height 2 cuts the peak, the errors are large and not Gaussian.
            assert abs(np.median(pulls)) < (1.2 if true > 4.0 else 2.5)
            assert np.median(pixels.error[place]) > 0.9 / np.sqrt(EVENTS_PER_SUPERPIXEL)
    report = report_gain(images, measured)
    # Below 3 by three errors in one image, or waiting for another one.
    (row,) = report.sections[0].rows
    by_name = dict(zip(report.sections[0].columns, row, strict=True))
    assert int(by_name["flagged"]) + int(by_name["waiting"]) >= 30
    below = [one for one in list_patches("FUVA") if modal_gain(one, images[1].start_mjd) < 3.0]
    assert len(below) == 3
    for flagged in report.rows["flagged_pixels"]:
        assert flagged["image"] == KEYS[1]
        assert any(
            one.x <= flagged["x"] < one.x + one.columns and one.y <= flagged["y"] < one.y + one.rows
            for one in below
        )
