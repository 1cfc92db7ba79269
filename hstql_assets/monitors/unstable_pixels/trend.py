"""Report the unstable pixels of the infrared detector over time, and where the newest are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hstql_assets.images.detectors import find_detector
from hstql_assets.images.ramps import INFRARED
from hstql_assets.monitors.framework.monitor import TrendContext
from hstql_assets.monitors.framework.report import Limit, Section, State, TrendReport, Verdict
from hstql_assets.pages.charts import Axis, Chart, Colour, Image, Points, Steps
from hstql_resources.columns import Columns

# Ours: the share rose from 1.0 % in 2012 to 1.5 % in 2017 (arXiv 1808.02033), by a tenth in a year.
MOST_RISE = 1.5
SIGMAS = 5.0
AMPLIFIERS = "abcd"
CELLS = 26  # of the map, along each axis

AS_BEFORE = Limit(
    "unstable_pixels_as_before",
    "The share of unstable pixels of each amplifier in the newest map is at most 1.5 times the "
    "median of the maps before.",
)
AS_GOOD = Limit(
    "map_as_good",
    "No map is worse than the one of the same window before: as many darks, and no more pixels "
    "that are not judged.",
)
LIMITS = (AS_BEFORE, AS_GOOD)


@dataclass(frozen=True, eq=False)
class UnstableHistory:
    """All maps by time; pixels of the newest; darks that are in them; others by reason."""

    maps: Sequence[Any]
    pixels: Columns
    used: int
    unused: Sequence[tuple[str, str, int]]


def summarize_unstable(history: UnstableHistory, _: TrendContext) -> TrendReport:
    """Return the report about all maps."""
    left = sum(number for _, _, number in history.unused)
    if not history.maps:
        return TrendReport(
            f"There is no map of unstable pixels yet; {left} darks are in none.",
            0,
            sections=(_list_unused(history.unused),),
        )
    maps, last = history.maps, history.maps[-1]
    verdicts = [*_judge_shares(maps), _judge_versions(maps)]
    beyond = sum(verdict.state == "warning" for verdict in verdicts)
    return TrendReport(
        f"{len(maps)} maps of {history.used} darks; {last.unstable} unstable pixels in the newest, "
        f"{_share(last.unstable, last.judged):.2%}; {beyond} of {len(verdicts)} limits are not "
        "kept.",
        history.used,
        max(row.last_mjd for row in maps),
        sections=(
            _draw_shares(maps),
            _draw_newest(last, history.pixels),
            _list_maps(maps),
            _list_unused(history.unused),
        ),
        verdicts=tuple(sorted(verdicts, key=lambda one: one.state != "warning")),
    )


def _share(unstable: int | None, judged: int | None) -> float:
    return (unstable or 0) / judged if judged else float("nan")


def _shares_of(rows: Sequence[Any], amplifier: str) -> NDArray[np.float64]:
    found = [
        _share(getattr(row, f"unstable_{amplifier}"), getattr(row, f"judged_{amplifier}"))
        for row in rows
    ]
    return np.array(found)


def _judge_shares(maps: Sequence[Any]) -> list[Verdict]:
    last, found = maps[-1], []
    before = [row for row in maps[:-1] if row.binning == last.binning]
    for name in AMPLIFIERS:
        label = f"{last.detector}, amplifier {name.upper()}"
        judged = getattr(last, f"judged_{name}")
        earlier = _shares_of(before, name)
        earlier = earlier[np.isfinite(earlier)]
        if not judged or not earlier.size:
            why = "there is no map before it" if judged else "no pixel of it was judged"
            found.append(Verdict(AS_BEFORE.name, label, None, f"{last.set_key}: {why}."))
            continue
        now = _share(getattr(last, f"unstable_{name}"), judged)
        usual = float(np.median(earlier))
        most = max(MOST_RISE * usual, usual + SIGMAS * (max(usual, 1.0 / judged) / judged) ** 0.5)
        state: State = "ok" if now <= most else "warning"
        sentence = f"{last.set_key}: {now:.2%} against {usual:.2%} before, {most:.2%} allowed"
        found.append(Verdict(AS_BEFORE.name, label, state, sentence))
    return found


def _judge_versions(maps: Sequence[Any]) -> Verdict:
    worse = [f"{row.set_key}: {row.remark}" for row in maps if row.remark]
    state: State = "warning" if worse else "ok"
    return Verdict(AS_GOOD.name, "all maps", state, " ".join(worse) or "None is worse.")


def _draw_shares(maps: Sequence[Any]) -> Section:
    mjd = np.array([(row.first_mjd + row.last_mjd) / 2.0 for row in maps], float)
    layers = []
    for name in AMPLIFIERS:
        shares = _shares_of(maps, name)
        judged = np.array([getattr(row, f"judged_{name}") or np.nan for row in maps], float)
        layers.append(
            Points(mjd, 100.0 * shares, f"amplifier {name.upper()}",
                   100.0 * np.sqrt(shares / judged))
        )  # fmt: skip
    chart = Chart(
        "unstable_share",
        "Unstable pixels of IR",
        Axis("middle of the darks, MJD (UTC)", "mjd"),
        Axis("unstable pixels (% of those judged)"),
        tuple(layers),
        note="Errors are those of the counts.",
    )
    return Section("Over time", (chart,), "A point for each map and amplifier.")


def _draw_newest(last: Any, pixels: Columns) -> Section:
    detector = find_detector("wfc3", INFRARED)
    size = detector.columns // last.binning if detector else int(max(pixels["pix1"], default=1))
    edges = np.linspace(0.5, size + 0.5, CELLS + 1)
    counts, _, _ = np.histogram2d(pixels["pix2"], pixels["pix1"], (edges, edges))
    width = float(np.diff(edges)[0])
    density = 100.0 * counts / width**2
    high = max(float(np.percentile(density, 98.0)), 1.0)
    where = Chart(
        "unstable_map",
        f"Where they are in {last.set_key}",
        Axis("column, PIX1 (pixel)", limits=(0.5, size + 0.5)),
        Axis("row, PIX2 (pixel)", limits=(0.5, size + 0.5)),
        (Image(density, 0.5, size + 0.5, 0.5, size + 0.5),),
        colour=Colour("unstable pixels (% of a cell)", 0.0, high),
        height=520,
        is_square=True,
    )
    bins = np.linspace(0.0, 1.0, 21)
    shares, _ = np.histogram(pixels["share"], bins)
    how = Chart(
        "unstable_time",
        f"How often they are off in {last.set_key}",
        Axis("share of the darks in which a pixel is off", limits=(0.0, 1.0)),
        Axis("pixels"),
        (Steps(bins, shares.astype(float)),),
    )
    steps = np.abs(pixels["off_rate"] - pixels["rate"])
    known = steps[steps > 0.0]
    sizes = np.geomspace(0.01, max(float(known.max(initial=1.0)), 1.0), 25)
    number, _ = np.histogram(known, sizes)
    far = Chart(
        "unstable_step",
        f"How far they are off in {last.set_key}",
        Axis("difference of the two means (electrons/s)", "log"),
        Axis("pixels"),
        (Steps(sizes, number.astype(float)),),
    )
    return Section("The newest map", (where, how, far))


def _list_maps(maps: Sequence[Any]) -> Section:
    return Section(
        "Maps",
        note="The pixels of each are in the table unstable_pixels.",
        columns=("map", "darks", "sample sequence", "files", "unstable", "share", "not judged",
                 "remark"),
        rows=tuple(
            (row.set_key, str(row.frames), f"{row.sample_sequence}, {row.reads} reads", row.source,
             str(row.unstable), f"{_share(row.unstable, row.judged):.2%}", str(row.not_judged),
             row.remark or "")
            for row in reversed(maps)
        ),
    )  # fmt: skip


def _list_unused(unused: Sequence[tuple[str, str, int]]) -> Section:
    return Section(
        "Darks in no map",
        note="Each is named with its reason in the table exposure_set_members.",
        columns=("detector", "reason", "darks"),
        rows=tuple((detector, reason, str(number)) for detector, reason, number in unused),
    )
