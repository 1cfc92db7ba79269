"""Declare the tables of lightcurves, of single exposures and composites."""

from datetime import datetime
from typing import Annotated

from sqlalchemy import BigInteger, DateTime, true
from sqlalchemy.orm import Mapped

from hstql_resources.tables.base import Base, IngestDate, Remarks, column, key, place

# What tables of lightcurves and spectra have alike.
Segments = Annotated[
    str | None, column("Detector segments or stripes in it, comma-separated, such as FUVA,FUVB")
]
BackgroundCounts = Annotated[
    float | None, column("Background expected in the extraction region, counts")
]
NetRate = Annotated[float | None, column("Mean net rate, weighted as NET of the x1d, counts/s")]
MeanFlux = Annotated[float | None, column("Mean flux, erg/s/cm2/Angstrom")]
MeanFluxError = Annotated[
    float | None, column("1-sigma error of the mean flux, erg/s/cm2/Angstrom")
]
WaveMin = Annotated[float | None, column("Shortest wavelength extracted, Angstrom")]
WaveMax = Annotated[float | None, column("Longest wavelength extracted, Angstrom")]
X1dRatio = Annotated[
    float | None,
    column("Mean flux, or net if that is not calibrated, over that of the x1d in the same columns"),
]
X1dNote = Annotated[str | None, column("Why x1d_ratio differs from 1 by more than 1e-4")]


class Lightcurve(Base):
    """The lightcurve of one exposure."""

    __tablename__ = "lightcurves"
    __table_args__ = ({"comment": "One row per exposure with a lightcurve file"},)

    rootname: Mapped[str] = key("Exposure")
    target: Mapped[str] = column("Slug of the resolved target name", index=True)
    path: Mapped[str] = place("Path of the lightcurve file")
    segments: Mapped[Segments]
    bin_s: Mapped[float] = column("Width of a bin, s")
    bins: Mapped[int] = column("Number of bins")
    gross_counts: Mapped[int] = column("Events in the extraction region, counts", BigInteger)
    background_counts: Mapped[BackgroundCounts]
    net_counts_per_s: Mapped[NetRate]
    mean_flux: Mapped[MeanFlux]
    mean_flux_error: Mapped[MeanFluxError]
    is_flux_calibrated: Mapped[bool] = column(
        "False where there was no response to turn counts into flux"
    )
    is_background_subtracted: Mapped[bool] = column(
        "False where no background region is known", server_default=true()
    )
    missing_references: Mapped[str | None] = column(
        "Reference files that were not at hand, KEYWORD=name, comma-separated; NULL if none"
    )
    exposure_s: Mapped[float] = column("Live time of all bins, s")
    wave_min: Mapped[WaveMin]
    wave_max: Mapped[WaveMax]
    settings: Mapped[str | None] = column("Settings of the extraction, JSON")
    x1d_ratio: Mapped[X1dRatio]
    x1d_note: Mapped[X1dNote]
    ingest_date: Mapped[IngestDate]
    remarks: Mapped[Remarks]


class Extraction(Base):
    """A lightcurve with a name, beside the default one of its exposure."""

    __tablename__ = "extractions"
    __table_args__ = (
        {"comment": "One row per exposure and named extraction, made or with the reason why not"},
    )

    rootname: Mapped[str] = key("Exposure")
    name: Mapped[str] = key("Name of the extraction, in extractions.toml")
    target: Mapped[str] = column("Slug of the resolved target name", index=True)
    path: Mapped[str | None] = place("Path of its lightcurve file; NULL if there is none")
    reason: Mapped[str | None] = column("Why there is none, one sentence; NULL if it was made")
    about: Mapped[str] = column("What it is, as extractions.toml has it")
    segments: Mapped[Segments]
    bin_s: Mapped[float | None] = column("Width of a bin, s; NULL where they differ")
    bins: Mapped[int | None] = column("Number of bins")
    gross_counts: Mapped[int | None] = column("Events in the extraction region, counts", BigInteger)
    background_counts: Mapped[BackgroundCounts]
    net_counts_per_s: Mapped[NetRate]
    mean_flux: Mapped[MeanFlux]
    mean_flux_error: Mapped[MeanFluxError]
    weighted_flux: Mapped[float | None] = column(
        "Mean flux weighted by sensitivity, erg/s/cm2/Angstrom"
    )
    weighted_flux_error: Mapped[float | None] = column("Its 1-sigma error, erg/s/cm2/Angstrom")
    band_flux: Mapped[float | None] = column("Flux summed over the wavelengths used, erg/s/cm2")
    band_flux_error: Mapped[float | None] = column("Its 1-sigma error, erg/s/cm2")
    band_angstrom: Mapped[float | None] = column("Wavelengths used, each for itself, Angstrom")
    is_flux_calibrated: Mapped[bool | None] = column(
        "False where there was no response to turn counts into flux"
    )
    is_background_subtracted: Mapped[bool | None] = column(
        "False where no background region is known"
    )
    exposure_s: Mapped[float | None] = column("Live time of all bins, s")
    wave_min: Mapped[WaveMin]
    wave_max: Mapped[WaveMax]
    settings: Mapped[str] = column("Settings that are not those of lightcurves, JSON")
    x1d_ratio: Mapped[X1dRatio]
    x1d_note: Mapped[X1dNote]
    ingest_date: Mapped[IngestDate]
    remarks: Mapped[Remarks]


class TimeResolvedSpectra(Base):
    """The time-resolved spectra of one exposure."""

    __tablename__ = "time_resolved_spectra"
    __table_args__ = ({"comment": "One row per exposure with a file of spectra in time"},)

    rootname: Mapped[str] = key("Exposure")
    path: Mapped[str] = place("Path of the file")
    segments: Mapped[str] = column("Segments, stripes or orders in it, comma-separated")
    intervals: Mapped[int] = column("Number of intervals of time")
    interval_s: Mapped[float] = column("Length of an interval, s")
    wavelength_bins: Mapped[int] = column("Number of wavelength bins of a segment or order")
    bin_columns: Mapped[int] = column("Columns of the x1d in a wavelength bin")
    gross_counts: Mapped[int] = column("Events in the extraction region, counts", BigInteger)
    exposure_s: Mapped[float] = column("Live time of the segment with the most, s")
    wave_min: Mapped[WaveMin]
    wave_max: Mapped[WaveMax]
    is_flux_calibrated: Mapped[bool] = column(
        "False where there was no response to turn counts into flux"
    )
    x1d_ratio: Mapped[float | None] = column(
        "Mean flux over that of the x1d, of the segment that differs most"
    )
    settings: Mapped[str | None] = column("Settings of the extraction, JSON")
    ingest_date: Mapped[IngestDate]
    remarks: Mapped[Remarks]


class Composite(Base):
    """The composite lightcurve of one configuration of a target."""

    __tablename__ = "composites"
    __table_args__ = ({"comment": "One row per target and configuration with a composite file"},)

    target: Mapped[str] = key("Slug of the resolved target name")
    instrument: Mapped[str] = key("Instrument, such as cos")
    detector: Mapped[str] = key("DETECTOR, such as FUV")
    opt_elem: Mapped[str] = key("OPT_ELEM, such as G130M")
    cenwave: Mapped[int] = key("CENWAVE, central wavelength, Angstrom; 0 for imaging")
    aperture: Mapped[str] = key("APERTURE, such as PSA")
    path: Mapped[str] = place("Path of the composite file")
    filename: Mapped[str] = column("Its name, as delivered", unique=True)
    exposures: Mapped[int] = column("Number of exposures in it")
    bin_s: Mapped[float] = column("Width of a bin, s")
    bins: Mapped[int] = column("Number of bins")
    gross_counts: Mapped[int] = column("Events in the extraction region, counts", BigInteger)
    background_counts: Mapped[BackgroundCounts]
    is_flux_calibrated: Mapped[bool] = column("False where an exposure in it has no flux")
    is_background_subtracted: Mapped[bool] = column(
        "False where an exposure in it has no background region"
    )
    exposure_s: Mapped[float] = column("Live time of all bins, s")
    exp_start_mjd: Mapped[float] = column("Start of the first exposure, MJD UTC, d")
    exp_end_mjd: Mapped[float] = column("End of the last exposure, MJD UTC, d")
    wave_min: Mapped[float | None] = column("Shortest wavelength that all exposures have, Angstrom")
    wave_max: Mapped[float | None] = column("Longest wavelength that all exposures have, Angstrom")
    ingest_date: Mapped[IngestDate]
    remarks: Mapped[Remarks]


class CompositeMember(Base):
    """A lightcurve that the composites of a target were last made with."""

    __tablename__ = "composite_members"
    __table_args__ = (
        {"comment": "One row per lightcurve that was there when its target was last composed"},
    )

    target: Mapped[str] = key("Slug of the resolved target name")
    rootname: Mapped[str] = key("Exposure")
    made_at: Mapped[datetime] = column(
        "When its lightcurve had been made, UTC", DateTime(timezone=True)
    )
    filename: Mapped[str | None] = column("Composite that it is part of; NULL if of none")
    dataset: Mapped[int | None] = column("Its number there, from 1")
    note: Mapped[str | None] = column("Why it is part of none, one sentence")
