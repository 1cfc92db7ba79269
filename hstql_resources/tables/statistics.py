"""Declare the table of statistics; what they are is declared in `hstql_resources.statistics`."""

from typing import Any

from sqlalchemy import Boolean, CheckConstraint, Column, Double, Integer, Text, false
from sqlalchemy.orm import Mapped

from hstql_resources.statistics import STATISTICS, Statistic
from hstql_resources.tables.base import Base, IngestDate, column, key

_TYPES: dict[type, Any] = {float: Double, int: Integer, bool: Boolean, str: Text}


def _make_column(statistic: Statistic) -> Column[object]:
    return Column(
        statistic.name,
        _TYPES[statistic.kind],
        nullable=not statistic.is_required,
        server_default=false() if statistic.is_required else None,
        comment=statistic.comment,
    )


class Statistics(Base):
    """The statistics of the counts of one lightcurve or composite."""

    __tablename__ = "statistics"
    __table_args__ = (
        *(_make_column(statistic) for statistic in STATISTICS),
        CheckConstraint("kind IN ('individual', 'composite')", name="kind"),
        {"comment": "One row per lightcurve or composite, by its counts per bin"},
    )

    filename: Mapped[str] = key("Name of the lightcurve file")
    rootname: Mapped[str | None] = column("Exposure; NULL for a composite", index=True)
    target: Mapped[str | None] = column(
        "Target of a composite, its slug; NULL for an individual lightcurve", index=True
    )
    kind: Mapped[str] = column("individual or composite")
    ingest_date: Mapped[IngestDate]


class Flare(Base):
    """A stretch of an exposure that is brighter than its quiet level and its scatter."""

    __tablename__ = "flares"
    __table_args__ = {"comment": "One row per flare of a lightcurve"}  # noqa: RUF012

    rootname: Mapped[str] = key("Exposure")
    number: Mapped[int] = key("Of the flare in its exposure, from 1, in order of time")
    start_mjd: Mapped[float] = column("Start, MJD (UTC), d")
    end_mjd: Mapped[float] = column("End, MJD (UTC), d")
    peak_mjd: Mapped[float] = column("Centre of the brightest bin, MJD (UTC), d")
    significance: Mapped[float] = column("Of the most significant window in it, sigma")
    counts: Mapped[float] = column("Events above the quiet level, counts")
    equivalent_duration_s: Mapped[float | None] = column(
        "Time in which the quiet source sends as much, s; NULL if that is not seen"
    )
    equivalent_duration_error_s: Mapped[float | None] = column("Its 1-sigma error, s")
    fluence: Mapped[float | None] = column(
        "Energy above the quiet level over the band of the lightcurve, erg/cm2; NULL without a flux"
    )
    fluence_error: Mapped[float | None] = column("Its 1-sigma error, erg/cm2")
    ingest_date: Mapped[IngestDate]
