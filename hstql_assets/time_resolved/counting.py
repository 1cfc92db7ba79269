"""Add up events in cells of time and wavelength."""

import numpy as np

from hstql_assets.lightcurves.event_weights import EventWeights, Places, Weights
from hstql_assets.lightcurves.events import EventFile
from hstql_assets.lightcurves.extraction import EventSums
from hstql_assets.lightcurves.time_bins import Runs, TimeBins
from hstql_assets.time_resolved.cells import Cells


class CellSums(EventSums):
    """Adds up the events of a file as a lightcurve does, and beside it in cells.

    Parameters
    ----------
    events, worth, bins
        As `EventSums` takes them.
    cells : Cells
        The wavelength bins.
    """

    def __init__(
        self, events: EventFile, worth: EventWeights, bins: TimeBins, cells: Cells
    ) -> None:
        super().__init__(events, worth, bins)
        self._cells = cells
        self.gross, self.flux = np.zeros((2, bins.count, cells.count))

    def _show_kind(self, places: Places, weights: Weights, runs: Runs, epsilon: np.ndarray) -> None:
        region, column = self.worth.find_regions(places, weights.chosen)
        inside = np.flatnonzero(region >= 0)
        cell = self._cells.locate(region[inside], column[inside])
        cell += runs.expand(runs.bins * self._cells.count)[inside]
        self._add(self.gross, cell, np.broadcast_to(weights.gross, len(region))[inside])
        for flux in weights.fluxes[:1]:
            self._add(self.flux, cell, (flux * epsilon)[inside])

    def _add(self, total: np.ndarray, cell: np.ndarray, values: np.ndarray) -> None:
        """Add to a total, shape (bins, cells), the values at flat places, both of shape (m,)."""
        total += np.bincount(cell, values, total.size).reshape(total.shape)
