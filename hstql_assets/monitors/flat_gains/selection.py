"""Read which exposures are flats for the gain, from the table flats.toml beside this."""

from collections.abc import Mapping
from functools import cache

from pydantic.dataclasses import dataclass

from hstql_assets.monitors.framework.selection import FORBID, ExposureSelection
from hstql_assets.monitors.framework.selection import load_selections as load_table

ASSET = "flat_gains"


@dataclass(frozen=True, config=FORBID, kw_only=True)
class FlatSelection(ExposureSelection):
    """Which exposures of a detector are flats, and what is made of them.

    Attributes
    ----------
    binnings : tuple of int
        BINAXIS1, equal to BINAXIS2.
    most_days_apart : float
        Of the two flats of a pair, d.
    gain_setting : float
        CCDGAIN that `expected_e` is of.
    highest_e : float
        Brightest mean in the fit, electrons.
    tolerance : float
        How far the latest gain may be from what is expected, as a fraction.
    expected_e : mapping of str to float
        Electrons per count by amplifier.
    """

    binnings: tuple[int, ...]
    most_days_apart: float
    gain_setting: float
    highest_e: float
    tolerance: float
    expected_e: Mapping[str, float]

    def expect(self, amplifier: str, gain_setting: float | None) -> float | None:
        """Return the gain of an amplifier that is in proportion to CCDGAIN, where it is known."""
        usual = self.expected_e.get(amplifier)
        return usual and usual * (gain_setting or self.gain_setting) / self.gain_setting


@cache
def load_selections() -> Mapping[str, FlatSelection]:
    """Return the selection of each detector by its name."""
    return load_table(FlatSelection, __package__, "flats.toml")
