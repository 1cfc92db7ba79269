"""Judge the shifts of the last 30 days of the data."""

from collections.abc import Sequence

import numpy as np

from hstql_assets.monitors.framework.report import Limit, State, Verdict
from hstql_assets.monitors.osm_shifts.differences import (
    FEWEST_EXPOSURES,
    FUV_LIMITS,
    NUV_SIGMAS,
    Differences,
)
from hstql_assets.monitors.osm_shifts.flash_table import FlashTable
from hstql_assets.monitors.osm_shifts.search_range import NEAR_SHARE, distance_share, find_search
from hstql_assets.monitors.osm_shifts.settings import list_gratings
from hstql_resources.times import NEWEST_DAYS, mark_newest

FUV_AGREE = {"disp": "fuv_segments_agree_along", "xdisp": "fuv_segments_agree_across"}
NUV_AGREE = "nuv_stripes_agree"
WITHIN_SEARCH = "shifts_within_search_range"
# Of a Gaussian, beyond 2 standard deviations.
EXPECTED_SHARE = 0.0455
NOTHING_NEW = f"There is no exposure of the last {NEWEST_DAYS:g} days of the data to judge."

LIMITS = (
    Limit(
        FUV_AGREE["disp"],
        "The shifts of FUVA and FUVB along the dispersion differ by at most "
        f"{FUV_LIMITS['disp']:g} pixels.",
    ),
    Limit(
        FUV_AGREE["xdisp"],
        "The shifts of FUVA and FUVB across the dispersion differ by at most "
        f"{FUV_LIMITS['xdisp']:g} pixels.",
    ),
    Limit(
        NUV_AGREE,
        f"No more stripes of NUV than by chance differ by {NUV_SIGMAS:g} standard deviations or "
        "more from what is usual for their setting.",
    ),
    Limit(
        WITHIN_SEARCH,
        f"Shifts use at most {NEAR_SHARE:.0%} of the range that CalCOS searches to either side.",
    ),
)


def judge_all(
    table: FlashTable, differences: Sequence[Differences], latest: float | None
) -> list[Verdict]:
    """Judge what is newest; what is beyond a limit comes first.

    Parameters
    ----------
    table : FlashTable
        All flashes.
    differences : sequence of Differences
        Of all pairs in both directions.
    latest : float or None
        MJD that the newest exposures are counted back from.
    """
    verdicts = [
        judge_fuv(one, latest) if one.first.startswith("FUV") else judge_nuv(one, latest)
        for one in differences
    ]
    for detector in ("FUV", "NUV"):
        lamp = table.of_lamp(detector)
        verdicts += [
            judge_search(lamp.where(lamp.is_value("opt_elem", grating)), grating, latest)
            for grating in list_gratings(lamp, detector)
        ]
    if all(one.limit != WITHIN_SEARCH for one in verdicts):
        sentence = f"CalCOS found no lamp in any exposure with a grating, of {table.exposures}."
        verdicts.append(Verdict(WITHIN_SEARCH, "all gratings", None, sentence))
    return sorted(verdicts, key=lambda one: one.state != "warning")


def judge_fuv(differences: Differences, latest: float | None) -> Verdict:
    """Say whether both FUV segments agree in all of the newest flashes.

    Parameters are those of `judge_all`, but for one pair of segments in one direction.
    """
    is_new = mark_newest(differences.flashes.start_mjd, latest=latest)
    exposures = differences.flashes.where(is_new).exposures
    if not exposures:
        why = _why_nothing(differences)
        return Verdict(FUV_AGREE[differences.direction], differences.label, None, why)
    odd = differences.flashes.where(is_new & differences.is_outlier).exposures
    before = differences.flashes.where(~is_new & differences.is_outlier).exposures
    distance = np.where(is_new, np.abs(differences.values), -np.inf)
    worst = int(distance.argmax())
    sentence = (
        f"{odd} of {exposures} exposures beyond {FUV_LIMITS[differences.direction]:g} px; the "
        f"largest is {differences.values[worst]:+.2f} px in "
        f"{differences.flashes.rootname[worst]}. Before there were {before}."
    )
    state: State = "warning" if odd else "ok"
    return Verdict(FUV_AGREE[differences.direction], differences.label, state, sentence)


def judge_nuv(differences: Differences, latest: float | None) -> Verdict:
    """Say whether more of the newest exposures than by chance have stripes that disagree.

    An exposure counts if more than half of its flashes do, for these are not independent. More than
    by chance is more than the expected number and three times its root. Parameters are those of
    `judge_fuv`.
    """
    is_new = mark_newest(differences.flashes.start_mjd, latest=latest)
    number = differences.flashes.where(is_new).exposures
    is_new &= differences.is_judged
    exposure = differences.flashes.exposure[is_new]
    flashes = np.bincount(exposure)
    exposures = np.count_nonzero(flashes)
    if not exposures:
        few = (
            f"There are fewer than {FEWEST_EXPOSURES} of the setting of each of {number} exposures."
        )
        why = few if number else _why_nothing(differences)
        return Verdict(NUV_AGREE, differences.label, None, why)
    odd = np.count_nonzero(2 * np.bincount(exposure, differences.is_outlier[is_new]) > flashes)
    expected = EXPECTED_SHARE * exposures
    is_many = odd > expected + 3.0 * expected**0.5
    sentence = (
        f"{odd} of {exposures} exposures at {NUV_SIGMAS:g} standard deviations or more, where "
        f"{expected:.1f} are expected by chance."
    )
    return Verdict(NUV_AGREE, differences.label, "warning" if is_many else "ok", sentence)


def judge_search(lamp: FlashTable, grating: str, latest: float | None) -> Verdict:
    """Say how near the newest shifts of a grating come to the ends of the range searched.

    The flashes are those of the grating, the newest counted back from `latest`, MJD.
    """
    newest = lamp.where(mark_newest(lamp.start_mjd, latest=latest))
    lamp = newest.where(np.isfinite(newest.without_fppos))
    if not len(lamp):
        without = (
            f"There is no LAMPTAB with the settings of the newest exposures of {grating} "
            f"({newest.exposures}): how much of their shifts is the FP-POS is not known."
        )
        return Verdict(WITHIN_SEARCH, grating, None, without if len(newest) else NOTHING_NEW)
    search = find_search(lamp)
    shares = distance_share(lamp, search)
    far = int(shares.argmax())
    sentence = (
        f"{lamp.rootname[far]}: {lamp.without_fppos[far]:.1f} px without FP-POS is "
        f"{shares[far]:.0%} of the way to an end of "
        f"{search.middle[far]:g} ± {search.half[far]:g} px."
    )
    state: State = "warning" if shares[far] > NEAR_SHARE else "ok"
    return Verdict(WITHIN_SEARCH, grating, state, sentence)


def _why_nothing(differences: Differences) -> str:
    if len(differences.values):
        return NOTHING_NEW
    return f"There is no flash in which both {differences.first} and {differences.second} are."
