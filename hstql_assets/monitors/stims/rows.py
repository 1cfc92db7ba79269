"""Make the rows of `stim_pulses` of a file, one for each stretch of time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np

from hstql_assets.batching.input_files import InputFile
from hstql_assets.batching.pictures import Picture, draw_steps
from hstql_assets.monitors.stims.boxes import (
    FEWEST_DUE,
    Box,
    StimBoxes,
    boxes_of_constants,
    boxes_of_header,
    boxes_of_reference,
)
from hstql_assets.monitors.stims.displaced import (
    CUT,
    DISPLACED,
    Places,
    find_places,
    flag_place,
    is_in,
    is_lost,
    search_around,
)
from hstql_assets.monitors.stims.event_file import StimSample, read_stims
from hstql_assets.monitors.stims.positions import Place
from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.header import Header
from hstql_resources.fits.keywords import text
from hstql_resources.references import References
from hstql_resources.times import SECONDS_PER_DAY


@dataclass(frozen=True)
class FileStims:
    """A file, what it holds, and where its stims are.

    Attributes
    ----------
    file : InputFile
    sample : StimSample
    places : tuple
        Of stim 1 and of stim 2, one for each stretch of time; None where it is missing.
    beside : tuple of int
        Events around the box of each; 0 where nobody had to look.
    """

    file: InputFile
    sample: StimSample
    places: tuple[Places, Places]
    beside: tuple[int, int] = (0, 0)

    @property
    def boxes(self) -> tuple[Box, Box]:
        """Where the stims should be."""
        return self.sample.boxes.first, self.sample.boxes.second

    @property
    def flags(self) -> tuple[tuple[str | None, ...], ...]:
        """What is odd about the places of both stims, one for each stretch of time."""
        return tuple(
            tuple(flag_place(place, box) for place in places)
            for places, box in zip(self.places, self.boxes, strict=True)
        )

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is to be said of stims that are not in their places."""
        return tuple(self._tell())

    def _tell(self) -> Iterator[str]:
        sample, windows = self.sample, len(self.sample.counts)
        due = float(sample.live_s.sum()) * sample.stim_rate_hz / 2.0
        for stim, places, flags, box, beside in zip(
            (1, 2), self.places, self.flags, self.boxes, self.beside, strict=True
        ):
            name = f"{self.file.filename}: stim {stim} of {sample.segment}"
            found = [place for place in places if place is not None]
            odd = [flag for flag in flags if flag]
            if odd:
                x, y = (float(np.mean([getattr(one, axis) for one in found])) for axis in "xy")
                what = "displaced" if DISPLACED in odd else "at an edge of the detector"
                what = what if {DISPLACED, CUT} & set(odd) else "at the edge of its box"
                yield (
                    f"{name} is {what} in {len(odd)} of {windows} stretches of time: at column "
                    f"{x:.1f}, row {y:.1f}, and should be at column {box.x:g}, row {box.y:g}."
                )
            elif not found and due >= FEWEST_DUE and beside:
                yield (
                    f"{name} is missing or displaced: it is not in its box, and {beside:,} events "
                    "are around it."
                )

    @property
    def missing(self) -> int:
        """In how many stretches of time one or both of the stims are missing."""
        return sum(
            first is None or second is None for first, second in zip(*self.places, strict=True)
        )


def measure_file(file: InputFile, references: References) -> FileStims:
    """Measure the stims of a file.

    Raises
    ------
    NothingToMeasureError
        If it has no stims to be measured.
    FitsError, OSError
        If it cannot be read.
    ArchiveError
        If the archive does not answer.
    """

    def find_boxes(primary: Header, header: Header, segment: str) -> StimBoxes:
        path = references.find(text(primary, "BRFTAB", ""))
        try:
            if path is not None:
                return boxes_of_reference(path, segment)
        except (FitsError, OSError):
            pass  # the row says that the boxes are not from the reference file
        return boxes_of_header(header.values, segment) or boxes_of_constants(segment)

    sample = read_stims(file.path, find_boxes)
    boxes = sample.boxes.first, sample.boxes.second
    first, second = (
        find_places(near, box, len(sample.counts))
        for near, box in zip(sample.events, boxes, strict=True)
    )
    if sample.stim_rate_hz <= 0.0 or not (is_lost(first, boxes[0]) or is_lost(second, boxes[1])):
        return FileStims(file, sample, (first, second))
    return _look_around(FileStims(file, sample, (first, second)))


def _look_around(stims: FileStims) -> FileStims:
    """Read the file again, and look for the stims in all that is around their boxes."""
    sample = stims.sample
    around = sample.boxes.surroundings()
    events = read_stims(stims.file.path, lambda *_: around).events
    first, second = (
        search_around(sample, near, wide, box, own)
        for near, wide, box, own in zip(
            events, (around.first, around.second), stims.boxes, stims.places, strict=True
        )
    )
    beside = [int((~is_in(one, box)).sum()) for one, box in zip(events, stims.boxes, strict=True)]
    return replace(stims, places=(first, second), beside=(beside[0], beside[1]))


def rows_of(key: str, stims: FileStims) -> list[dict[str, object]]:
    """Return the rows of a file, one for each stretch of time."""
    sample, now = stims.sample, datetime.now(UTC)
    rows: list[dict[str, object]] = []
    found = zip(*stims.places, *stims.flags, strict=True)
    for window, (first, second, first_flag, second_flag) in enumerate(found):
        start, stop = (float(edge) for edge in sample.edges[window : window + 2])
        mid_mjd = None
        if sample.exp_start_mjd is not None:
            mid_mjd = sample.exp_start_mjd + (start + stop) / 2.0 / SECONDS_PER_DAY
        rows.append(
            {
                "filename": stims.file.filename,
                "bin": window,
                "rootname": key,
                "segment": sample.segment,
                "exp_start_mjd": sample.exp_start_mjd,
                "start_s": start,
                "duration_s": stop - start,
                "live_s": float(sample.live_s[window]),
                "mid_mjd": mid_mjd,
                "counts": int(sample.counts[window]),
                "stim_rate_hz": sample.stim_rate_hz,
                "boxes": sample.boxes.source,
                **_columns(1, first, first_flag),
                **_columns(2, second, second_flag),
                "ingest_date": now,
            }
        )
    return rows


def _columns(stim: int, place: Place | None, flag: str | None) -> dict[str, object]:
    names = ("x", "x_error", "y", "y_error")
    return {
        f"stim{stim}_counts": 0 if place is None else place.counts,
        f"stim{stim}_flag": flag,
        **{f"stim{stim}_{name}": place and getattr(place, name) for name in names},
    }


def report_metadata(found: Sequence[FileStims]) -> dict[str, object]:
    """Return what the user interface shows of the files of an exposure."""
    metadata: dict[str, object] = {"path": found[0].file.path.parent}
    for stims in found:
        windows = len(stims.sample.counts)
        metadata[stims.file.filename] = (
            f"{windows} stretches of {stims.sample.edges[1]:.2f} s, "
            f"a stim is missing in {stims.missing} of them; boxes from {stims.sample.boxes.source}"
        )
        picture = _draw(stims)
        if picture is not None:
            metadata[f"picture_{stims.sample.segment}"] = picture
    return metadata


def _draw(stims: FileStims) -> Picture | None:
    """Draw how stim 2 moves along the dispersion; None if it is nowhere."""
    places = [np.nan if place is None else place.x for place in stims.places[1]]
    if np.isnan(places).all():
        return None
    moved = np.array(places) - np.nanmean(places)
    largest = np.nanmax(np.abs(moved))
    return draw_steps(
        moved,
        f"column of stim 2 of {stims.sample.segment} during the exposure against its mean "
        f"{np.nanmean(places):.2f}; the largest distance is {largest:.2f} pixel",
    )
