"""Decide which lightcurves are fit to be handed on.

The one rule: measured, not simulated; fluxes calibrated with every reference file at hand and the
background taken off; at least ten fully live bins; and light of the source at five sigma over the
whole lightcurve. hstlc had the column and never set it.
"""

from collections.abc import Sequence

FEWEST_BINS = 10
LEAST_SIGMA = 5.0


def find_obstacle(
    *,
    is_simulated: bool,
    is_flux_calibrated: bool,
    is_background_subtracted: bool,
    missing_references: Sequence[str],
    bins: int,
    counts: float,
    counts_error: float,
) -> str | None:
    """Return why a lightcurve is not delivered, one sentence; None if it is.

    Parameters
    ----------
    is_simulated, is_flux_calibrated, is_background_subtracted : bool
        Of all exposures in it.
    missing_references : sequence of str
        Reference files that were not at hand.
    bins : int
        Fully live bins.
    counts, counts_error : float
        Net counts of all live bins and their error.
    """
    if is_simulated:
        return "A simulation made it."
    if not is_flux_calibrated:
        return "It has no flux."
    if missing_references:
        return f"Reference files were missing: {', '.join(missing_references)}."
    if not is_background_subtracted:
        return "The background is not subtracted."
    if bins < FEWEST_BINS:
        return f"It has {bins} fully live bins, fewer than {FEWEST_BINS}."
    if not counts > 0:
        return "Nothing is left of it above the background."
    if not counts >= LEAST_SIGMA * counts_error:
        return (
            f"Its {counts:.4g} net counts are "
            f"{counts / counts_error:.1f} sigma, less than {LEAST_SIGMA:g}."
        )
    return None
