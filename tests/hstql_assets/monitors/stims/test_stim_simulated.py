"""Stims in the darks and gain exposures of the simulated archive: where the law has them."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from builders.stim_files import mean_of, measure, references_of, rows_of
from hstql_resources.archive.simulated import SimulatedArchive
from hstql_resources.archive.simulated.cos_monitoring.stims import stim_position
from hstql_resources.filesystem import Filesystem
from hstql_resources.references import References

EPOCHS = 8
ARCHIVE = SimulatedArchive(0, epochs=EPOCHS)


def fetch(folder: Path, letters: str) -> Iterator[list[Path]]:
    """Fetch the event files of the FUV exposures whose names begin so."""
    rootnames = [name for name in ARCHIVE.find_rootnames("cos") if name.startswith(letters)]
    assert len(rootnames) == EPOCHS
    for products in ARCHIVE.list_products(rootnames).values():
        events = [one for one in products if "_corrtag_" in one.filename]
        ARCHIVE.fetch(events, folder)
        yield [folder / one.filename for one in events]


@pytest.mark.parametrize("letters", ["ld", "lg"])
@pytest.mark.parametrize("is_at_hand", [True, False])
def test_the_stims_of_simulated_exposures_are_where_the_law_has_them(
    tmp_path: Path, letters: str, is_at_hand: bool
) -> None:
    references = references_of(tmp_path, with_frame=False)
    if is_at_hand:
        references = References(ARCHIVE, Filesystem(tmp_path / "home"))
    offsets: list[float] = []
    for paths in fetch(tmp_path, letters):
        outcome = rows_of(measure(references, *paths))
        for segment in ("FUVA", "FUVB"):
            rows = [row for row in outcome if row["segment"] == segment]
            assert {row["boxes"] for row in rows} == {
                "sim_cos_fuv_brf.fits" if is_at_hand else "header"
            }
            mjd = np.array([row["mid_mjd"] for row in rows], dtype=float)
            for stim in (1, 2):
                for axis, law in zip("xy", stim_position(segment, stim, mjd), strict=True):
                    pulses = np.array([row[f"stim{stim}_counts"] for row in rows], dtype=float)
                    expected = law @ pulses / pulses.sum()
                    offset = mean_of(rows, f"stim{stim}_{axis}") - expected
                    # A mean of n pulses is no better than their spread of 1.5 pixel allows.
                    assert abs(offset) < max(0.1, 4.0 * 1.5 / np.sqrt(pulses.sum()))
                    offsets.append(offset)
    assert len(offsets) == EPOCHS * 8
    assert np.sqrt(np.mean(np.square(offsets))) < 0.1
    assert abs(np.mean(offsets)) < 0.02
