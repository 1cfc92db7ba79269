"""The lightcurves of single exposures and composites, and the statistics of both."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, DateTime, false, true
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
    is_background_subtracted: Mapped[bool] = mapped_column(
        server_default=true(), comment="False where no background region is known"
    )
    missing_references: Mapped[str | None] = mapped_column(
        comment="Reference files that were not at hand, KEYWORD=name, comma-separated; NULL if none"
    )
    exposure_s: Mapped[float] = mapped_column(comment="Live time of all bins, s")
    wave_min: Mapped[float | None] = mapped_column(
        comment="Shortest wavelength extracted, Angstrom"
    )
    wave_max: Mapped[float | None] = mapped_column(comment="Longest wavelength extracted, Angstrom")
    settings: Mapped[str | None] = mapped_column(comment="Settings of the extraction, JSON")
    ingest_date: Mapped[IngestDate]


class Composite(Base):
    """The composite lightcurve of one configuration of a target."""

    __tablename__ = "composites"
    __table_args__ = ({"comment": "One row per target and configuration with a composite file"},)

    target: Mapped[str] = mapped_column(
        primary_key=True, comment="Slug of the resolved target name"
    )
    instrument: Mapped[str] = mapped_column(primary_key=True, comment="Instrument, such as cos")
    detector: Mapped[str] = mapped_column(primary_key=True, comment="DETECTOR, such as FUV")
    opt_elem: Mapped[str] = mapped_column(primary_key=True, comment="OPT_ELEM, such as G130M")
    cenwave: Mapped[int] = mapped_column(
        primary_key=True,
        autoincrement=False,
        comment="CENWAVE, central wavelength, Angstrom; 0 for imaging",
    )
    aperture: Mapped[str] = mapped_column(primary_key=True, comment="APERTURE, such as PSA")
    path: Mapped[str] = mapped_column(comment="Path of the composite file")
    filename: Mapped[str] = mapped_column(unique=True, comment="Its name, as delivered")
    exposures: Mapped[int] = mapped_column(comment="Number of exposures in it")
    bin_s: Mapped[float] = mapped_column(comment="Width of a bin, s")
    bins: Mapped[int] = mapped_column(comment="Number of bins")
    gross_counts: Mapped[int] = mapped_column(
        BigInteger, comment="Events in the extraction region, counts"
    )
    background_counts: Mapped[float | None] = mapped_column(
        comment="Background expected in the extraction region, counts"
    )
    is_flux_calibrated: Mapped[bool] = mapped_column(
        comment="False where an exposure in it has no flux"
    )
    is_background_subtracted: Mapped[bool] = mapped_column(
        comment="False where an exposure in it has no background region"
    )
    exposure_s: Mapped[float] = mapped_column(comment="Live time of all bins, s")
    exp_start_mjd: Mapped[float] = mapped_column(comment="Start of the first exposure, MJD UTC, d")
    exp_end_mjd: Mapped[float] = mapped_column(comment="End of the last exposure, MJD UTC, d")
    wave_min: Mapped[float | None] = mapped_column(
        comment="Shortest wavelength that all exposures have, Angstrom"
    )
    wave_max: Mapped[float | None] = mapped_column(
        comment="Longest wavelength that all exposures have, Angstrom"
    )
    ingest_date: Mapped[IngestDate]


class CompositeMember(Base):
    """A lightcurve that the composites of a target were last made with."""

    __tablename__ = "composite_members"
    __table_args__ = (
        {"comment": "One row per lightcurve that was there when its target was last composed"},
    )

    target: Mapped[str] = mapped_column(
        primary_key=True, comment="Slug of the resolved target name"
    )
    rootname: Mapped[str] = mapped_column(primary_key=True, comment="Exposure")
    made_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), comment="When its lightcurve had been made, UTC"
    )
    filename: Mapped[str | None] = mapped_column(
        comment="Composite that it is part of; NULL if of none"
    )
    dataset: Mapped[int | None] = mapped_column(comment="Its number there, from 1")
    note: Mapped[str | None] = mapped_column(comment="Why it is part of none, one sentence")


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
    target: Mapped[str | None] = mapped_column(
        index=True, comment="Target of a composite, its slug; NULL for an individual lightcurve"
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
    bins: Mapped[int | None] = mapped_column(comment="Number of fully live bins")
    gaps: Mapped[int | None] = mapped_column(
        comment="Interruptions of the live time, between exposures and within them"
    )
    excess_variance: Mapped[float | None] = mapped_column(
        comment="Variance beyond that of the errors over the mean squared, dimensionless"
    )
    excess_variance_error: Mapped[float | None] = mapped_column(
        comment="1-sigma error of the excess variance, dimensionless"
    )
    interesting: Mapped[bool | None] = mapped_column(
        comment="Whether the Poisson factor is 1.2 or more; NULL if there is none"
    )
    shortest_period_s: Mapped[float | None] = mapped_column(
        comment="Shortest period of the search, s"
    )
    longest_period_s: Mapped[float | None] = mapped_column(
        comment="Longest period of the search, s"
    )
    best_period_error_s: Mapped[float | None] = mapped_column(
        comment="1-sigma error of the best period, s"
    )
    best_period_power: Mapped[float | None] = mapped_column(
        comment="Height of the highest peak, dimensionless, 0 to 1"
    )
    period_note: Mapped[str | None] = mapped_column(
        comment="What else makes it: orbit, window, trend or event; NULL if nothing known does"
    )
    is_periodic: Mapped[bool | None] = mapped_column(
        comment="Whether the best period is unlikely by chance and nothing else explains it"
    )
    deliver: Mapped[bool] = mapped_column(
        server_default=false(), comment="Whether the file is fit to be handed on"
    )
    deliver_reason: Mapped[str | None] = mapped_column(
        comment="Why it is not delivered, one sentence; NULL if it is"
    )
    ingest_date: Mapped[IngestDate]
