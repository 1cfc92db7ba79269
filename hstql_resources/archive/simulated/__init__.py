"""An archive that makes its own HST files: seeded COS TIME-TAG exposures with known truth.

`catalogue` says which exposures exist; `variability`, `spectrum`, `instrument` and `orbit`
hold the physics; `events` draws photons and `extraction` makes the spectrum that CalCOS
would; `headers`, `products` and `support` write it all as FITS. `archive` is the door.
"""

from hstql_resources.archive.simulated.archive import SimulatedArchive

__all__ = ["SimulatedArchive"]
