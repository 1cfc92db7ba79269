"""Make the rows of a set of flats: a point of the curve for each pair, a gain for each epoch."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hstql_assets.monitors.flat_gains.fitting import GainFit, fit_gain
from hstql_assets.monitors.flat_gains.pairs import Flat
from hstql_assets.monitors.flat_gains.photon_transfer import Level
from hstql_assets.monitors.flat_gains.selection import FlatSelection

Row = dict[str, object]


@dataclass(frozen=True)
class MeasuredPair:
    """A pair of flats, and what it says of each amplifier.

    Attributes
    ----------
    epoch : int
        From 1.
    first, second : Flat
    source : str
        File type of both: flt or raw.
    levels : mapping of str to Level
        By amplifier.
    left_out : tuple of tuple of str
        Reason and sentence for each amplifier that it says nothing of.
    """

    epoch: int
    first: Flat
    second: Flat
    source: str
    levels: Mapping[str, Level]
    left_out: tuple[tuple[str, str], ...] = ()


def is_in_fit(pair: MeasuredPair, amplifier: str, selection: FlatSelection) -> bool:
    """Tell whether a level is dark enough: near the full well the variance falls behind."""
    gain = selection.expect(amplifier, pair.first.setup.gain_setting) or 1.0
    return pair.levels[amplifier].mean * gain <= selection.highest_e


def make_level_rows(
    pairs: Sequence[MeasuredPair], selection: FlatSelection, common: Row
) -> list[Row]:
    """Return the rows of `flat_levels`; `common` is what all rows of the set have."""
    return [
        {
            **common,
            "rootname": pair.first.rootname,
            "second_rootname": pair.second.rootname,
            "amplifier": amplifier,
            "epoch": pair.epoch,
            "lamp": pair.first.setup.lamp,
            "filter_name": pair.first.setup.filter_name,
            "exposure_s": pair.first.setup.exposure_s,
            "binning": pair.first.setup.binning[0],
            "gain_setting": pair.first.setup.gain_setting or 0.0,
            "source": pair.source,
            "mean": level.mean,
            "variance": level.variance,
            "variance_error": level.variance_error,
            "neighbour_share": level.neighbour_share,
            "neighbour_share_error": level.neighbour_share_error,
            "lamp_ratio": level.ratio,
            "boxes": level.boxes,
            "pixels": level.pixels,
            "clipped": level.clipped,
            "is_in_fit": is_in_fit(pair, amplifier, selection),
        }
        for pair in pairs
        for amplifier, level in pair.levels.items()
    ]


def make_gain_rows(
    pairs: Sequence[MeasuredPair], selection: FlatSelection, detector: str, common: Row
) -> list[Row]:
    """Return the rows of `flat_gains`, one for each epoch, binning, gain setting and amplifier."""
    groups: dict[tuple[int, int, float, str], list[MeasuredPair]] = defaultdict(list)
    for pair in pairs:
        setup = pair.first.setup
        for amplifier in pair.levels:
            of = pair.epoch, setup.binning[0], setup.gain_setting or 0.0, amplifier
            groups[of].append(pair)
    return [
        {
            **common,
            "epoch": epoch,
            "amplifier": amplifier,
            "binning": binning,
            "gain_setting": gain_setting,
            "instrument": selection.instrument,
            "detector": detector,
            "mjd": _mean_start(own),
            "source": " ".join(sorted({pair.source for pair in own})),
            **_fit_columns(
                [pair.levels[amplifier] for pair in own if is_in_fit(pair, amplifier, selection)]
            ),
        }
        for (epoch, binning, gain_setting, amplifier), own in sorted(groups.items())
    ]


def _mean_start(pairs: Sequence[MeasuredPair]) -> float:
    starts = [flat.start_mjd or 0.0 for pair in pairs for flat in (pair.first, pair.second)]
    return sum(starts) / len(starts)


def _fit_columns(used: Sequence[Level]) -> Row:
    """Return what the line through levels says, with and without what neighbours share."""
    means = [level.mean for level in used]
    plain = fit_gain(means, [one.variance for one in used], [one.variance_error for one in used])
    whole = fit_gain(
        means, [one.whole_variance for one in used], [one.whole_variance_error for one in used]
    )
    found = plain if isinstance(plain, GainFit) else None
    uncoupled = whole if isinstance(whole, GainFit) else None
    return {
        "levels": len(used),
        "gain": found and found.gain,
        "gain_error": found and found.gain_error,
        "uncoupled_gain": uncoupled and uncoupled.gain,
        "uncoupled_gain_error": uncoupled and uncoupled.gain_error,
        "read_noise": found and _find_read_noise(found),
        "chi_square": found and found.chi_square,
        "lowest_mean": found and found.lowest,
        "highest_mean": found and found.highest,
        "reason": plain if isinstance(plain, str) else None,
    }


def _find_read_noise(fit: GainFit) -> float | None:
    return float(fit.intercept**0.5 * fit.gain) if fit.intercept > 0.0 else None
