"""Hold the rates of one spectrum of an x1d, column by column."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class ColumnRates:
    """What the x1d has of a segment, stripe or order; arrays have the shape (columns,).

    Parameters
    ----------
    net, flux, gross : numpy.ndarray
        NET and GROSS, count/s, and FLUX, erg/s/cm2/Angstrom.
    background : numpy.ndarray
        Background in the source region, count/s.
    background_net : numpy.ndarray
        What was subtracted for it in NET, count/s.
    """

    net: np.ndarray
    flux: np.ndarray
    gross: np.ndarray
    background: np.ndarray
    background_net: np.ndarray
