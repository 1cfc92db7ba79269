"""Declare the tables of lightcurves, of single exposures and composites."""

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, true
from sqlalchemy.orm import Mapped, mapped_column

from hstql_resources.tables.base import Base, IngestDate, Remarks


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
    remarks: Mapped[Remarks]


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
    remarks: Mapped[Remarks]


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
