"""Declare the tables of what exposures of the infrared detector leave in later ones."""

from sqlalchemy.orm import Mapped

from hstql_resources.tables.base import Base, IngestDate, column, key, place

_LEFT = "Share of its pixels with more than {} x 70,000 electrons at its end, 0 to 1"
_ABOVE = (
    "Share of its pixels with more than {} electron/s of persistence{}, 0 to 1; NULL if unknown"
)
_OTHERS = " from other visits"


class Persistence(Base):
    """What is left in an exposure by those before it, and what it leaves itself."""

    __tablename__ = "persistence"
    __table_args__ = ({"comment": "One row per exposure of the infrared detector of WFC3"},)

    rootname: Mapped[str] = key("Exposure")
    exp_start_mjd: Mapped[float] = column("EXPSTART, MJD UTC, d", index=True)
    source: Mapped[str] = column("File type that was read: flt or ima")
    model: Mapped[str] = column("Model of persistence: fermi or table")
    predecessors: Mapped[int] = column("Number of exposures in the hours before it")
    used: Mapped[int] = column("Number of those that were used")
    unusable: Mapped[int] = column(
        "Number of those that may leave something and could not be used; above 0 the shares are "
        "lower limits"
    )
    above_001: Mapped[float | None] = column(_ABOVE.format("0.01", ""))
    above_003: Mapped[float | None] = column(_ABOVE.format("0.03", ""))
    above_01: Mapped[float | None] = column(_ABOVE.format("0.1", ""))
    external_above_001: Mapped[float | None] = column(_ABOVE.format("0.01", _OTHERS))
    external_above_003: Mapped[float | None] = column(_ABOVE.format("0.03", _OTHERS))
    external_above_01: Mapped[float | None] = column(_ABOVE.format("0.1", _OTHERS))
    highest_e_per_s: Mapped[float | None] = column(
        "Largest persistence of a pixel, electron/s; NULL if unknown"
    )
    unknown: Mapped[float] = column(
        "Share of its pixels of which an exposure that was used says nothing, 0 to 1"
    )
    leaves_half: Mapped[float] = column(_LEFT.format("0.5"))
    leaves_1: Mapped[float] = column(_LEFT.format("1"))
    leaves_2: Mapped[float] = column(_LEFT.format("2"))
    leaves_5: Mapped[float] = column(_LEFT.format("5"))
    leaves_10: Mapped[float] = column(_LEFT.format("10"))
    path: Mapped[str | None] = place(
        "File with map, corrected image and mask; NULL if nothing before it was used"
    )
    members: Mapped[str] = column(
        "Digest of the files of all exposures before it and of its own, to tell when they change"
    )
    ingest_date: Mapped[IngestDate]


class PersistenceStimulus(Base):
    """An exposure before another one, and what it leaves in that; or why it was not used."""

    __tablename__ = "persistence_stimuli"
    __table_args__ = ({"comment": "One row per exposure and exposure in the hours before it"},)

    rootname: Mapped[str] = key("Exposure that suffers")
    stimulus: Mapped[str] = column("Exposure before it", primary_key=True, index=True)
    delay_s: Mapped[float | None] = column(
        "From the end of the one before to the middle of the other, s; NULL if unknown"
    )
    exposure_s: Mapped[float | None] = column("Exposure time of the one before, s")
    is_external: Mapped[bool] = column("Whether it is of another visit")
    above_001: Mapped[float | None] = column(
        "Share of pixels with more than 0.01 electron/s from it alone, 0 to 1; NULL if not used"
    )
    leads: Mapped[float | None] = column(
        "Share of pixels in which it leaves more than the others, 0 to 1; NULL if not used"
    )
    reason: Mapped[str | None] = column(
        "Why it was not used, in a word or two, such as not retrieved; NULL if it was"
    )
    detail: Mapped[str | None] = column("The same in a sentence")
