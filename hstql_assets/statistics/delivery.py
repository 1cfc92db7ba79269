"""Decide which lightcurves are fit to be handed on.

The one rule: measured, not simulated; fluxes calibrated with every reference file at hand and the
background taken off; at least ten fully live bins; and light of the source at five sigma over the
whole lightcurve. hstlc had the column and never set it.
"""

from dataclasses import dataclass

FEWEST_BINS = 10
LEAST_SIGMA = 5.0


@dataclass(frozen=True)
class Fitness:
    """What the rule asks.

    Parameters
    ----------
    is_simulated, is_flux_calibrated, is_background_subtracted : bool
        Of all exposures in it.
    missing_references : tuple of str
        Reference files that were not at hand.
    bins : int
        Fully live bins.
    counts, counts_error : float
        Net counts of all live bins and their error.
    """

    is_simulated: bool
    is_flux_calibrated: bool
    is_background_subtracted: bool
    missing_references: tuple[str, ...]
    bins: int
    counts: float
    counts_error: float


def find_obstacle(fitness: Fitness) -> str | None:
    """Return why a lightcurve is not delivered, one sentence; None if it is."""
    if fitness.is_simulated:
        return "A simulation made it."
    if not fitness.is_flux_calibrated:
        return "It has no flux."
    if fitness.missing_references:
        return f"Reference files were missing: {', '.join(fitness.missing_references)}."
    if not fitness.is_background_subtracted:
        return "The background is not subtracted."
    if fitness.bins < FEWEST_BINS:
        return f"It has {fitness.bins} fully live bins, fewer than {FEWEST_BINS}."
    if not fitness.counts > 0:
        return "Nothing is left of it above the background."
    if not fitness.counts >= LEAST_SIGMA * fitness.counts_error:
        return (
            f"Its {fitness.counts:.4g} net counts are "
            f"{fitness.counts / fitness.counts_error:.1f} sigma, less than {LEAST_SIGMA:g}."
        )
    return None
