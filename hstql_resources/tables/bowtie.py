"""Declare the table of the bowtie: flats of UVIS before and after a saturated one."""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from hstql_resources.tables.base import Base, IngestDate, column, key, place


class BowtieRatio(Base):
    """What the flats around a saturated one say of one chip."""

    __tablename__ = "bowtie"
    __table_args__ = (
        Index(None, "before_mjd", "rootname"),
        {"comment": "One row per visit, saturated flat of UVIS, and chip"},
    )

    set_key: Mapped[str] = key("Set, as in exposure_sets: a visit")
    rootname: Mapped[str] = key("Saturated flat")
    chip: Mapped[int] = key("CCDCHIP")
    before_rootname: Mapped[str] = column("Flat before it", index=True)
    after_rootname: Mapped[str] = column("Flat after it", index=True)
    detector: Mapped[str] = column("DETECTOR, UVIS")
    lamp: Mapped[str] = column("SCLAMP of the two flats")
    filter_name: Mapped[str] = column("FILTER of the two flats")
    exposure_s: Mapped[float] = column("EXPTIME of each of the two flats, s")
    saturated_exposure_s: Mapped[float] = column("EXPTIME of the saturated flat, s")
    binning: Mapped[int] = column("BINAXIS1, detector columns in one of the image")
    source: Mapped[str] = column("File type of the two flats: flt or raw")
    before_mjd: Mapped[float] = column("EXPSTART of the flat before, MJD UTC, d")
    after_mjd: Mapped[float] = column("EXPSTART of the flat after, MJD UTC, d")
    days: Mapped[float] = column("before_mjd less 54993.0, which is 11 June 2009, d")
    level: Mapped[float] = column("Median of the flat after, counts without bias")
    saturated_share: Mapped[float] = column("Share of the saturated flat that is saturated")
    ratio: Mapped[float] = column("Median of flat before over flat after, the drift of the lamp in")
    ratio_error: Mapped[float] = column("Its 1-sigma error")
    normalised: Mapped[float] = column("ratio over lamp_ratio")
    lamp_ratio: Mapped[float] = column("The same median over both chips, taken as the lamp")
    pattern: Mapped[float] = column(
        "Standard deviation of the ratio over 8 x 16 blocks of the chip, its noise taken off, as a "
        "fraction of lamp_ratio"
    )
    pattern_error: Mapped[float] = column("Its 1-sigma error; NaN where there is one block")
    pattern_range: Mapped[float] = column(
        "From the 5th to the 95th percentile of the blocks, noise included, as a fraction"
    )
    blocks: Mapped[int] = column("Number of blocks used, 128 at most")
    pixels: Mapped[int] = column("Number of pixels used")
    path: Mapped[str] = place("Where the map of the ratio is, a FITS file")
    ingest_date: Mapped[IngestDate]
