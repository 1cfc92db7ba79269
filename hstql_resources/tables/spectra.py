"""Declare the tables of numbers about extracted spectra and pulse heights of events."""

from sqlalchemy import Column, Integer
from sqlalchemy.orm import Mapped

from hstql_resources.tables.base import Base, Filename, IngestDate, column

PULSE_HEIGHTS = 32  # of five bits


class SpectrumStatistics(Base):
    """The statistics of all spectra of one file."""

    __tablename__ = "spectrum_statistics"
    __table_args__ = (
        {"comment": "One row per file of extracted spectra (x1d, x1dsum, sx1) of COS and STIS"},
    )

    filename: Mapped[Filename]
    rootname: Mapped[str] = column("Exposure or association", index=True)
    filetype: Mapped[str] = column("x1d, x1dsum, x1dsum1 to x1dsum4 or sx1")
    spectra: Mapped[int] = column(
        "Number of spectra: segments, stripes or orders, of all extensions"
    )
    pixels: Mapped[int] = column("Number of pixels of all spectra")
    good_pixels: Mapped[int] = column(
        "Number of pixels with a flux and without a serious flag: DQ_WGT above 0 for COS, "
        "no DQ bit of SDQFLAGS but 2048 and 16384 for STIS"
    )
    wave_min: Mapped[float | None] = column("Shortest wavelength of all pixels, Angstrom")
    wave_max: Mapped[float | None] = column("Longest wavelength of all pixels, Angstrom")
    flux_mean: Mapped[float | None] = column(
        "Mean flux of the good pixels, erg/s/cm2/Angstrom; NULL if there are none"
    )
    flux_max: Mapped[float | None] = column("Largest flux of the good pixels, erg/s/cm2/Angstrom")
    flux_std: Mapped[float | None] = column(
        "Standard deviation of the flux over the good pixels, erg/s/cm2/Angstrom"
    )
    flux_mean_all: Mapped[float | None] = column(
        "Mean flux of all pixels, good or not, erg/s/cm2/Angstrom"
    )
    flux_max_all: Mapped[float | None] = column(
        "Largest flux of all pixels, good or not, erg/s/cm2/Angstrom"
    )
    flux_std_all: Mapped[float | None] = column(
        "Standard deviation of the flux over all pixels, good or not, erg/s/cm2/Angstrom"
    )
    net_count_per_s: Mapped[float | None] = column(
        "Sum of the net count rate over the good pixels, counts/s; mean of the exposures of a file"
    )
    flux_unit: Mapped[str | None] = column(
        "TUNIT of the column FLUX as in the header, erg/s/cm2/Angstrom in some spelling"
    )
    is_flux_calibrated: Mapped[bool | None] = column(
        "Whether FLUXCORR is COMPLETE; NULL if the header does not say"
    )
    ingest_date: Mapped[IngestDate]


def _pulse_height_column(number: int) -> Column[int]:
    comment = f"Number of events of pulse height {number}"
    return Column(f"pha_{number}", Integer, nullable=False, comment=comment)


class PulseHeights(Base):
    """How many events of a segment of COS/FUV have which pulse height."""

    __tablename__ = "pulse_heights"
    __table_args__ = (
        *(_pulse_height_column(number) for number in range(PULSE_HEIGHTS)),
        {"comment": "One row per corrtag file of a TIME-TAG exposure of COS/FUV"},
    )

    filename: Mapped[Filename]
    rootname: Mapped[str] = column("Exposure", index=True)
    segment: Mapped[str | None] = column("SEGMENT, FUVA or FUVB")
    events: Mapped[int] = column("Number of events, whatever their flags")
    modal_pulse_height: Mapped[int | None] = column(
        "Pulse height of most events, stim pulses too, the lower of two; NULL without any"
    )
    mean_pulse_height: Mapped[float | None] = column(
        "Mean pulse height of all events, 0 to 31; NULL without events"
    )
    ingest_date: Mapped[IngestDate]
