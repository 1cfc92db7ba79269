"""State the geometry of the imaging detectors: facts, with their sources.

Sizes and overscan of ACS: ACS Instrument Handbook, chapters 4 and 7 ("each CCD chip is read out as
4144 x 2068, 24 columns of physical overscan on each side, 2048 rows followed by 20 rows of virtual
overscan"; HRC 1062 x 1044 with 19 + 19 columns and 20 rows; the gap is equivalent to 50 pixels).
WFC3: Data Handbook 2.2 (4096 x 2051 imaging pixels, 19 rows and 30 columns of virtual overscan at
the long and short inside edges of each quadrant, 25 columns of physical overscan on each side; IR
1024 x 1024 with 5 reference pixels around), Instrument Handbook 6.4.1 (gap of about 31 pixels).
STIS: Instrument Handbook 7 (1062 x 1044 as HRC).

Chip 1 is above chip 2, and stands second in the file (ACS Data Handbook 2.2, WFC3 Data Handbook
2.2). The amplifiers are at the outer corners, so the virtual rows are read last and lie at the
gap: on top of chip 2 and below chip 1, as LTV2 of UVIS raw files says (0 and 19).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Detector:
    """A detector, in unbinned pixels.

    Attributes
    ----------
    instrument, name : str
        Such as `acs` and `WFC`.
    columns, rows : int
        Pixels of one chip that see light.
    chips : tuple of int
        CCDCHIP from the bottom of the picture to its top.
    gap_rows : int
        Rows that would fit between two chips.
    physical_columns : int
        Overscan columns on each side of a raw image.
    middle_columns : int
        Virtual overscan columns between the halves of a raw image.
    virtual_rows : int
        Virtual overscan rows of a raw image, at the side away from the amplifiers.
    border : int
        Reference pixels all around.
    """

    instrument: str
    name: str
    columns: int
    rows: int
    chips: tuple[int, ...] = (1,)
    gap_rows: int = 0
    physical_columns: int = 0
    middle_columns: int = 0
    virtual_rows: int = 0
    border: int = 0

    def chip_of(self, chip: int | None, version: int) -> int:
        """Return the chip of an image from its CCDCHIP, or else from its EXTVER (`version`)."""
        if chip in self.chips:
            return chip
        return self.chips[min(max(version, 1), len(self.chips)) - 1]


DETECTORS = (
    Detector("acs", "WFC", 4096, 2048, (2, 1), 50, physical_columns=24, virtual_rows=20),
    Detector("acs", "HRC", 1024, 1024, physical_columns=19, virtual_rows=20),
    Detector("acs", "SBC", 1024, 1024),
    Detector("wfc3", "UVIS", 4096, 2051, (2, 1), 31,
             physical_columns=25, middle_columns=60, virtual_rows=19),
    Detector("wfc3", "IR", 1014, 1014, border=5),
    Detector("stis", "CCD", 1024, 1024, physical_columns=19, virtual_rows=20),
)  # fmt: skip

_BY_NAME = {(detector.instrument, detector.name): detector for detector in DETECTORS}


def find_detector(instrument: str, name: str) -> Detector | None:
    """Return a detector by instrument (lower case) and DETECTOR; None if its geometry is unknown.

    COS and the MAMAs of STIS have one area without overscan, which needs no description.
    """
    return _BY_NAME.get((instrument.lower(), name.upper()))
