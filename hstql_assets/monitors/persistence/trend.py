"""Report what is left in exposures over time, and rank who leaves it: exposures and proposals.

The institute ranks a programme by the mean share of pixels above saturation; so does this.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hstql_assets.monitors.framework.monitor import TrendContext
from hstql_assets.monitors.framework.report import Limit, Section, TrendReport, Verdict
from hstql_assets.monitors.framework.unused import Unused
from hstql_assets.monitors.persistence.settings import StimulusSettings, load_settings
from hstql_assets.pages.charts import Axis, Chart, Points

MOST_LISTED = 25
MOST_POINTS = 3000  # of a layer
RECENT_DAYS = 30.0  # ours: before the newest exposure
LITTLE = Limit(
    "little_from_other_visits",
    "No exposure of the last 30 days has more persistence from other visits than stimuli.toml "
    "allows: 1 % of its pixels above 0.03 electron/s.",
)
LIMITS = (LITTLE,)
_HEAD = ("% above 0.5", "1", "2", "5", "10 x 70,000 e-")


@dataclass(frozen=True)
class PersistenceHistory:
    """All that was measured.

    Attributes
    ----------
    exposures : sequence of rows
        Of `persistence` with proposal_id, target_name and filter, in the order of time.
    harm : mapping of str to tuple
        By exposure: in how many later ones it leaves more than 0.01 electron/s somewhere, and the
        largest share of pixels.
    unused : sequence of tuple
        Reason, number of pairs, and of exposures that suffer.
    failed : Unused
        Why exposures were not measured.
    """

    exposures: Sequence[Any]
    harm: Mapping[str, tuple[int, float]]
    unused: Sequence[tuple[str, int, int]]
    failed: Unused = Unused()  # noqa: RUF009 - it is frozen


def summarize_persistence(history: PersistenceHistory, _: TrendContext) -> TrendReport:
    """Return the report about all exposures."""
    rows = history.exposures
    failed = history.failed.list("Exposures that could not be used themselves", "exposures")
    if not rows:
        return TrendReport("There is no exposure of WFC3/IR yet.", 0, sections=(failed,))
    settings = load_settings()
    newest = rows[-1].exp_start_mjd
    touched = sum((row.above_001 or 0.0) > 0.0 for row in rows)
    incomplete = sum(row.unusable > 0 for row in rows)
    verdicts = _judge(rows, newest, settings)
    beyond = sum(one.state == "warning" for one in verdicts)
    return TrendReport(
        f"{touched} of {len(rows)} exposures have pixels with more than 0.01 electron/s from "
        f"earlier ones; {beyond} of the last 30 days have too much from other visits. Of "
        f"{incomplete} not all that were before could be used.",
        len(rows),
        newest,
        sections=(
            _show_suffered(rows, settings),
            _show_left(rows),
            _rank_exposures(history),
            _rank_proposals(history),
            _list_unused(history.unused),
            failed,
        ),
        verdicts=verdicts,
    )


def _judge(rows: Sequence[Any], newest: float, settings: StimulusSettings) -> tuple[Verdict, ...]:
    """Judge the exposures of the last days: each that has too much, or all together."""
    recent = [row for row in rows if row.exp_start_mjd >= newest - RECENT_DAYS]
    known = [row for row in recent if row.external_above_003 is not None]
    beyond = [row for row in known if row.external_above_003 > settings.most_external]
    beyond.sort(key=lambda row: -row.external_above_003)
    if not beyond:
        what = f"{len(known)} of {len(recent)} exposures are known, none has too much."
        return (Verdict(LITTLE.name, "WFC3/IR", "ok" if known else None, what),)
    return tuple(
        Verdict(
            LITTLE.name,
            f"proposal {row.proposal_id}, {row.target_name}",
            "warning",
            f"{row.rootname}: {row.external_above_003:.2%} of its pixels have more than 0.03 "
            f"electron/s from other visits; {settings.most_external:.0%} may",
        )
        for row in beyond
    )


def _show_suffered(rows: Sequence[Any], settings: StimulusSettings) -> Section:
    worst = [row for row in rows if row.external_above_001]
    worst.sort(key=lambda row: (-row.external_above_001, row.rootname))
    chart = Chart(
        "suffered",
        "Pixels with more than 0.01 electron/s of persistence",
        Axis("start of the exposure, MJD (UTC)", "mjd"),
        Axis("share of the pixels (%)", "log"),
        (
            _draw(rows, lambda row: row.above_001, "from all exposures before"),
            _draw(rows, lambda row: row.external_above_001, "from other visits"),
        ),
        note="Exposures without any such pixel are not drawn.",
    )
    model = "the Fermi model" if settings.model == "fermi" else settings.table
    return Section(
        "What is left in exposures",
        (chart,),
        f"By {model}, from the exposures of {settings.hours:g} hours before. No limit of it is "
        "published; the one above is ours: 0.03 e-/s is about half of the dark current, and worth "
        "a mask. Those with most from other visits:",
        ("exposure", "proposal", "target", "filter", "% above 0.01 e-/s, other visits", "0.03",
         "0.1", "% above 0.01 e-/s, all", "used", "not usable", "% not known"),
        tuple(
            (*_name(row), *_percents(row.external_above_001, row.external_above_003,
                                     row.external_above_01, row.above_001),
             str(row.used), str(row.unusable), *_percents(row.unknown))
            for row in worst[:MOST_LISTED]
        ),
    )  # fmt: skip


def _show_left(rows: Sequence[Any]) -> Section:
    chart = Chart(
        "left",
        "Pixels that are brought above 70,000 electrons",
        Axis("start of the exposure, MJD (UTC)", "mjd"),
        Axis("share of the pixels (%)", "log"),
        (
            _draw(rows, lambda row: row.leaves_1, "above 70,000 electrons"),
            _draw(rows, lambda row: row.leaves_2, "above 140,000 electrons"),
        ),
        note="Exposures without any such pixel are not drawn.",
    )
    return Section("What exposures leave", (chart,))


def _rank_exposures(history: PersistenceHistory) -> Section:
    ranked = sorted(
        (row for row in history.exposures if row.leaves_half > 0.0),
        key=lambda row: (-row.leaves_1, -row.leaves_half, row.rootname),
    )
    listed = []
    for row in ranked[:MOST_LISTED]:
        harmed, worst = history.harm.get(row.rootname, (0, 0.0))
        listed.append((*_name(row), *_percents(*_left(row)), str(harmed), *_percents(worst)))
    return Section(
        "Bad actors: exposures",
        note=f"{len(ranked)} exposures bring pixels above half of 70,000 electrons; by the share "
        "above 70,000. The last two columns are what came of it: in how many later exposures it "
        "left more than 0.01 e-/s somewhere, and the largest share of the pixels of one.",
        columns=("exposure", "proposal", "target", "filter", *_HEAD, "later exposures",
                 "% of the worst"),
        rows=tuple(listed),
    )  # fmt: skip


def _rank_proposals(history: PersistenceHistory) -> Section:
    groups: dict[int | None, list[Any]] = defaultdict(list)
    for row in history.exposures:
        groups[row.proposal_id].append(row)
    ranked = sorted(groups.items(), key=lambda pair: (*_rank(pair[1]), str(pair[0])))
    guilty = [(number, own) for number, own in ranked if max(row.leaves_half for row in own) > 0.0]
    listed = []
    for number, own in guilty[:MOST_LISTED]:
        worst = max(own, key=lambda row: (row.leaves_1, row.leaves_half))
        means = np.mean([_left(row) for row in own], axis=0)
        harmed = sum(history.harm.get(row.rootname, (0, 0.0))[0] for row in own)
        listed.append(
            (str(number), str(len(own)), *_percents(*means), worst.rootname,
             worst.target_name or "", *_percents(worst.leaves_half, worst.leaves_1, worst.leaves_2),
             str(harmed))
        )  # fmt: skip
    return Section(
        "Bad actors: proposals",
        note=f"{len(guilty)} of {len(groups)} proposals have such exposures; by the mean share of "
        "pixels above 70,000 electrons over all their exposures.",
        columns=("proposal", "exposures", f"mean {_HEAD[0]}", *_HEAD[1:], "worst exposure",
                 "target", "its % above 0.5", "1", "2 x 70,000 e-", "later exposures"),
        rows=tuple(listed),
    )  # fmt: skip


def _rank(rows: Sequence[Any]) -> tuple[float, float]:
    return tuple(-float(np.mean([getattr(row, name) for row in rows]))
                 for name in ("leaves_1", "leaves_half"))  # type: ignore[return-value]  # fmt: skip


def _list_unused(unused: Sequence[tuple[str, int, int]]) -> Section:
    return Section(
        "Exposures before that were not used",
        note="Each is named with its reason in the table persistence_stimuli. Unless it is too "
        "short, it may have left something: what is said of those after it is a lower limit.",
        columns=("reason", "pairs", "exposures after them"),
        rows=tuple((reason, str(pairs), str(number)) for reason, pairs, number in unused),
    )


def _draw(rows: Sequence[Any], value: Callable[[Any], float | None], label: str) -> Points:
    """Draw a share of each exposure in percent; of many, the largest of each stretch."""
    found = [(row.exp_start_mjd, share, row.rootname) for row in rows if (share := value(row))]
    length = -(-len(found) // MOST_POINTS) or 1
    kept = [max(found[first : first + length], key=lambda one: one[1])
            for first in range(0, len(found), length)]  # fmt: skip
    return Points(
        np.array([one[0] for one in kept], float),
        np.array([100.0 * one[1] for one in kept], float),
        label,
        rootnames=tuple(one[2] for one in kept),
    )


def _name(row: Any) -> tuple[str, str, str, str]:
    proposal = "" if row.proposal_id is None else str(row.proposal_id)
    return row.rootname, proposal, row.target_name or "", row.filter or ""


def _left(row: Any) -> tuple[float, ...]:
    return row.leaves_half, row.leaves_1, row.leaves_2, row.leaves_5, row.leaves_10


def _percents(*shares: float | None) -> tuple[str, ...]:
    return tuple("" if share is None else f"{100.0 * share:.3f}" for share in shares)
