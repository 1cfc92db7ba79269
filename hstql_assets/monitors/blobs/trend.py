"""Report the blobs that there are: how many, since when, where, how large and how deep."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hstql_assets.monitors.blobs.following import follow_blobs
from hstql_assets.monitors.blobs.product import read_product
from hstql_assets.monitors.blobs.selection import BlobSelection, load_selections
from hstql_assets.monitors.framework.monitor import TrendContext
from hstql_assets.monitors.framework.report import Limit, Section, State, TrendReport, Verdict
from hstql_assets.pages.charts import Axis, Chart, Colour, Image, Line, Mark, Points
from hstql_resources.times import mjd_to_datetime

NEW = Limit(
    "no_new_blob",
    "The newest window shows no blob that no window before it shows.",
)
SEEN = Limit(
    "known_blobs_seen",
    "The newest window shows nine tenths of the blobs that two windows before it, or more, show.",
)
SURE = Limit(
    "search_finds_blobs",
    "Of the made blobs that are put into the newest window 80 % are found, and the image turned "
    "over shows one at most.",
)
LIMITS = (NEW, SEEN, SURE)
LEAST_SEEN = 0.9
SURE_WINDOWS = 2
MOST_LISTED = 200
MOST_SHOWN = 256  # pixels of the image on the page, along an axis
_MJD = Axis("middle of the window, MJD (UTC)", "mjd")
_X, _Y = (Axis(f"{one} (detector pixels)", limits=(0.0, 1014.0)) for one in ("column", "row"))

Row = Mapping[str, Any]


@dataclass(frozen=True)
class BlobHistory:
    """All that was found.

    Attributes
    ----------
    windows : sequence of rows
        Of `blob_windows`, by time.
    blobs : sequence of rows
        Of `blobs`.
    listed : sequence of rows
        Of `blob_list`, as it is.
    unused : sequence of tuple of str and int
        Detector, reason, and number of exposures.
    """

    windows: Sequence[Any]
    blobs: Sequence[Any]
    listed: Sequence[Any]
    unused: Sequence[tuple[str, str, int]]


def summarize_blobs(history: BlobHistory, _: TrendContext) -> TrendReport:
    """Return the report about all windows, with the list of blobs."""
    left = sum(number for _, _, number in history.unused)
    windows = history.windows
    if not windows:
        return TrendReport(f"No window has enough exposures yet; {left} are not used.", 0)
    rows = follow_blobs(windows, history.blobs, history.listed)
    newest, selection = windows[-1], load_selections()[windows[-1].detector]
    verdicts = _judge(rows, newest, len(windows), selection)
    beyond = sum(one.state == "warning" for one in verdicts)
    return TrendReport(
        f"{len(rows)} blobs in {len(windows)} windows, {left} exposures not used; {beyond} of "
        f"{len(verdicts)} limits are not kept.",
        sum(one.frames for one in windows),
        newest.last_mjd,
        sections=(
            Section("Blobs over time", (_draw_number(rows, windows, selection),)),
            Section("Where they are", (_draw_places(rows), *_draw_image(newest)), _name(newest)),
            Section("Sizes and depths", (_draw_sizes(rows),)),
            Section("How many are found", (_draw_search(windows, selection),),
                    "Of made blobs, of 3 to 30 % and radii of 5 to 10 pixels, that are put into "
                    "each image; and false ones, in the image turned over."),
            _list_blobs(rows),
            _list_unused(history.unused),
        ),
        verdicts=tuple(sorted(verdicts, key=lambda one: one.state != "warning")),
        rows={"blob_list": rows},
    )  # fmt: skip


def _judge(
    rows: Sequence[Row], newest: Any, windows: int, selection: BlobSelection
) -> list[Verdict]:
    new = [row for row in rows if row["first_seen_mjd"] == newest.middle_mjd]
    known = [
        row
        for row in rows
        if row["first_seen_mjd"] < newest.middle_mjd
        and row["windows_seen"] - (row["last_seen_mjd"] == newest.middle_mjd) >= SURE_WINDOWS
    ]
    seen = sum(row["last_seen_mjd"] == newest.middle_mjd for row in known)
    share = seen / len(known) if known else float("nan")
    found = newest.recovered / newest.put_in if newest.put_in else float("nan")
    is_sure = found >= selection.least_found and newest.false_alarms <= selection.most_false
    names = ", ".join(str(row["number"]) for row in new) or "none"
    key = newest.set_key
    return [
        _verdict(NEW, None if windows < 2 else not new, f"{key}: new are {names}"),
        _verdict(SEEN, share >= LEAST_SEEN if known else None,
                 f"{key}: {seen} of {len(known)}, {LEAST_SEEN:.0%} are needed"),
        _verdict(SURE, is_sure if newest.put_in else None,
                 f"{key}: {newest.recovered} of {newest.put_in} made ones found, "
                 f"{newest.false_alarms} false"),
    ]  # fmt: skip


def _verdict(limit: Limit, is_kept: bool | None, sentence: str) -> Verdict:
    state: State | None = None if is_kept is None else "ok" if is_kept else "warning"
    return Verdict(limit.name, "newest window", state, sentence)


def _draw_number(rows: Sequence[Row], windows: Sequence[Any], selection: BlobSelection) -> Chart:
    mjd = np.array([one.middle_mjd for one in windows])
    first = np.array([row["first_seen_mjd"] for row in rows])
    listed = np.array([(first <= one).sum() for one in mjd], float)
    found = np.array([one.blobs for one in windows], float)
    known = np.array([(one.mjd, one.blobs) for one in selection.known], float).reshape(-1, 2)
    return Chart(
        "blobs_number", "Number of blobs", _MJD, Axis("blobs"),
        (Line(mjd, listed, "seen up to then"), Points(mjd, found, "in the window"),
         Points(known[:, 0], known[:, 1], "published", symbol="diamond", size=9.0)),
        note="A blob that was seen once counts from then on.",
    )  # fmt: skip


def _draw_places(rows: Sequence[Row]) -> Chart:
    values = np.array([(row["x"], row["y"], row["first_seen_mjd"]) for row in rows], float)
    x, y, mjd = values.reshape(-1, 3).T
    years = np.array([mjd_to_datetime(one).year + mjd_to_datetime(one).month / 12.0 for one in mjd])
    low, high = (float(years.min()), float(years.max())) if years.size else (0.0, 1.0)
    return Chart(
        "blobs_places", "Where blobs are", _X, _Y,
        (Points(x, y, values=years, size=9.0),),
        colour=Colour("first seen (year)", low, max(high, low + 1.0)), is_square=True,
    )  # fmt: skip


def _draw_image(newest: Any) -> tuple[Chart, ...]:
    """Show the image of the newest window, if it is there."""
    try:
        image = read_product(Path(newest.path)).astype(float)
    except OSError:
        return ()
    step = -(-max(image.shape) // MOST_SHOWN)
    shown = 100.0 * (image[::step, ::step] - 1.0)
    return (
        Chart(
            "blobs_newest", f"Light of {newest.set_key}", _X, _Y,
            (Image(shown, 0.0, 1014.0, 0.0, 1014.0),),
            colour=Colour("light over its surroundings, minus 1 (%)", -15.0, 5.0), is_square=True,
        ),
    )  # fmt: skip


def _name(newest: Any) -> str:
    return f"The image of the newest window is {Path(newest.path).name}."


def _draw_sizes(rows: Sequence[Row]) -> Chart:
    values = np.array([(row["radius"], 100.0 * row["depth"]) for row in rows], float).reshape(-1, 2)
    return Chart(
        "blobs_sizes", "Radius and depth of blobs",
        Axis("half width at half depth (detector pixels)"), Axis("depth (% of the light)"),
        (Points(values[:, 0], values[:, 1], "blobs"),),
    )  # fmt: skip


def _draw_search(windows: Sequence[Any], selection: BlobSelection) -> Chart:
    mjd = np.array([one.middle_mjd for one in windows])
    found = np.array([100.0 * one.recovered / one.put_in if one.put_in else np.nan
                      for one in windows])  # fmt: skip
    false = np.array([one.false_alarms for one in windows], float)
    return Chart(
        "blobs_search", "Made blobs that are found, and false ones", _MJD,
        Axis("found (%); false (number)"),
        (Points(mjd, found, "made ones found (%)"),
         Points(mjd, false, "false ones", symbol="triangle"),
         Mark(100.0 * selection.least_found, "least (ours)", is_limit=True)),
    )  # fmt: skip


def _list_blobs(rows: Sequence[Row]) -> Section:
    """List the newest blobs; all are in the table blob_list."""
    last = sorted(rows, key=lambda row: (-row["first_seen_mjd"], row["number"]))[:MOST_LISTED]
    return Section(
        "Blobs, the newest first",
        note=f"{len(last)} of {len(rows)}; all are in the table blob_list.",
        columns=("number", "column", "row", "radius (pixels)", "depth (%)", "first seen",
                 "not seen before", "windows that show it"),
        rows=tuple(
            (
                str(row["number"]), f"{row['x']:.1f}", f"{row['y']:.1f}", f"{row['radius']:.1f}",
                f"{100.0 * row['depth']:.1f}", _day(row["first_seen_mjd"]),
                _day(row["not_seen_mjd"]), f"{row['windows_seen']} of {row['windows_since']}",
            )
            for row in last
        ),
    )  # fmt: skip


def _day(mjd: float | None) -> str:
    return "" if mjd is None else f"{mjd_to_datetime(mjd):%Y-%m-%d}"


def _list_unused(unused: Sequence[tuple[str, str, int]]) -> Section:
    return Section(
        "Exposures that are not used",
        note="Each is named with its reason in the table exposure_set_members."
        if unused
        else "There are none.",
        columns=("reason", "exposures"),
        rows=tuple((reason, str(number)) for _, reason, number in unused),
    )
