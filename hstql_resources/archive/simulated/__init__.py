"""An archive that makes its own HST files: seeded exposures with known truth.

`programme` has what instruments share, their targets above all; `variability`, `spectrum` and
`orbit` hold the physics outside of the telescope; `fitsfile` writes.

The COS part: `catalogue` says which exposures exist; `instrument` is the detector; `events`
draws photons and `extraction` makes the spectrum that CalCOS would; `headers`, `products` and
`support` write it all as FITS. The STIS part is the package `stis`, that of ACS and WFC3 the
package `cameras`; `jitter` is what COS and the cameras share. `archive` is the door.
"""

from hstql_resources.archive.simulated.archive import SimulatedArchive

__all__ = ["SimulatedArchive"]
