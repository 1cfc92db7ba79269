"""Clock charge through traps, packet by packet: what trails behind the light of a flat.

A pixel has traps of several kinds. A packet fills those that its charge reaches, at once: their
number goes with a power of the charge, as the volume that a packet takes (Massey et al. 2014,
MNRAS 439, 887). A filled trap lets go with a time of its own, counted in transfers. No formula of
the loss is in it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Traps:
    """The traps of a pixel.

    Attributes
    ----------
    density : float
        Traps that a packet of one electron reaches, of all kinds.
    power : float
        Of the charge, that their number goes with.
    shares, times : tuple of float
        Of each kind: its share of the traps, and its release time [transfers].
    """

    density: float
    power: float
    shares: tuple[float, ...]
    times: tuple[float, ...]

    def reached(self, charge: Floats) -> Floats:
        """Return how many traps packets of charge [electron] reach, of all kinds."""
        return np.asarray(self.density * np.maximum(charge, 0.0) ** self.power)


def clock(charge: Floats, traps: Traps, more: int) -> Floats:
    """Return what arrives at the amplifier [electron], shape (rows + more,).

    Parameters
    ----------
    charge : ndarray, shape (rows,)
        What each pixel has after the exposure [electron], that next to the amplifier first. Its
        traps are full: the exposure has filled them.
    traps : Traps
    more : int
        Transfers after the last row, of the overscan.
    """
    packets = charge.astype(np.float64)
    filled = np.array([share * traps.reached(packets) for share in traps.shares])
    release = 1.0 - np.exp(-1.0 / np.array(traps.times))[:, np.newaxis]
    shares = np.array(traps.shares)[:, np.newaxis]
    arrived = np.zeros(len(charge) + more)
    for transfer in range(len(arrived)):
        arrived[transfer] = packets[0]
        packets = np.append(packets[1:], 0.0)
        freed = filled * release
        filled -= freed
        packets += freed.sum(axis=0)
        wanted = np.maximum(shares * traps.reached(packets) - filled, 0.0)
        total = wanted.sum(axis=0)
        caught = wanted * np.minimum(1.0, packets / np.maximum(total, 1e-300))
        filled += caught
        packets -= caught.sum(axis=0)
    return arrived
