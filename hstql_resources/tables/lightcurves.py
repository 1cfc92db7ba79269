"""The lightcurves of single exposures, and the statistics of these and of composites."""

from sqlalchemy import BigInteger, CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hstql_resources.tables.base import Base, IngestDate


class Lightcurve(Base):
    """The lightcurve of one exposure."""

    __tablename__ = "lightcurves"
    __table_args__ = ({"comment": "One row per exposure with a lightcurve file"},)

    rootname: Mapped[str] = mapped_column(primary_key=True, comment="Exposure")
    target: Mapped[str] = mapped_column(index=True, comment="Slug of the resolved target name")
    path: Mapped[str] = mapped_column(comment="Path of the lightcurve file")
    segments: Mapped[str | None] = mapped_column(
        comment="Detector segments or stripes in it, comma-separated, such as FUVA,FUVB"
    )
    bin_s: Mapped[float] = mapped_column(comment="Width of a bin, s")
    bins: Mapped[int] = mapped_column(comment="Number of bins")
    gross_counts: Mapped[int] = mapped_column(
        BigInteger, comment="Events in the extraction region, counts"
    )
    background_counts: Mapped[float | None] = mapped_column(
        comment="Background expected in the extraction region, counts"
    )
    net_counts_per_s: Mapped[float | None] = mapped_column(
        comment="Mean rate without background, counts/s"
    )
    mean_flux: Mapped[float | None] = mapped_column(comment="Mean flux, erg/s/cm2/Angstrom")
    mean_flux_error: Mapped[float | None] = mapped_column(
        comment="1-sigma error of the mean flux, erg/s/cm2/Angstrom"
    )
    is_flux_calibrated: Mapped[bool] = mapped_column(
        comment="False where there was no response to turn counts into flux"
    )
    exposure_s: Mapped[float] = mapped_column(comment="Live time of all bins, s")
    wave_min: Mapped[float | None] = mapped_column(
        comment="Shortest wavelength extracted, Angstrom"
    )
    wave_max: Mapped[float | None] = mapped_column(comment="Longest wavelength extracted, Angstrom")
    settings: Mapped[str | None] = mapped_column(comment="Settings of the extraction, JSON")
    ingest_date: Mapped[IngestDate]


class Statistics(Base):
    """The statistics of the counts of one lightcurve or composite."""

    __tablename__ = "statistics"
    __table_args__ = (
        CheckConstraint("kind IN ('individual', 'composite')", name="kind"),
        {"comment": "One row per lightcurve or composite, by its counts per bin"},
    )

    filename: Mapped[str] = mapped_column(primary_key=True, comment="Name of the lightcurve file")
    rootname: Mapped[str | None] = mapped_column(
        index=True, comment="Exposure; NULL for a composite"
    )
    kind: Mapped[str] = mapped_column(comment="individual or composite")
    total: Mapped[float | None] = mapped_column(comment="Sum over all bins, counts")
    mean: Mapped[float | None] = mapped_column(comment="Mean per fully live bin, counts")
    mu: Mapped[float | None] = mapped_column(
        comment="Square root of the mean, the deviation of Poisson noise, counts"
    )
    stdev: Mapped[float | None] = mapped_column(
        comment="Standard deviation of the fully live bins, counts"
    )
    poisson_factor: Mapped[float | None] = mapped_column(
        comment="stdev / mu, dimensionless; 1 for a constant source"
    )
    pearson_r: Mapped[float | None] = mapped_column(
        comment="Correlation of counts with time, dimensionless, -1 to 1"
    )
    pearson_p: Mapped[float | None] = mapped_column(
        comment="Probability of such a correlation by chance, dimensionless, 0 to 1"
    )
    periodogram: Mapped[bool | None] = mapped_column(
        comment="True if the periodogram has a significant peak; NULL if none was made"
    )
    best_period_s: Mapped[float | None] = mapped_column(comment="Period of the highest peak, s")
    false_alarm_probability: Mapped[float | None] = mapped_column(
        comment="Of the highest peak, dimensionless, 0 to 1"
    )
    ingest_date: Mapped[IngestDate]
