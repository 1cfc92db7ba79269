"""Make HST files as an archive of its own: seeded exposures with known truth.

`observing_program` has what instruments share, their targets above all. Each room has a part:
`sky` the physics outside of the instruments and the bytes of FITS files, `cos` calibrated
exposures of COS, `cos_raw` raw ones and what CalCOS needs for them, `cos_monitoring` those that
COS looks at itself with, `stis` and `cameras` the other instruments. In a room `catalogue` says
which exposures exist, and `archive_contents` which files they have and what makes them; keywords of
headers stand in its folder `cards/`, which `cards` fills. `archive` is the door.
"""

from hstql_resources.archive.simulated.archive import SimulatedArchive

__all__ = ["SimulatedArchive"]
