"""Declare the table of the stim pulses of the COS/FUV detector."""

from sqlalchemy.orm import Mapped

from hstql_resources.tables.base import Base, Filename, IngestDate, column, key


class StimPulse(Base):
    """Where the two stim pulses of a segment are in one stretch of an exposure."""

    __tablename__ = "stim_pulses"
    __table_args__ = ({"comment": "One row per COS/FUV event file and stretch of time"},)

    filename: Mapped[Filename]
    bin: Mapped[int] = key("Number of the stretch, from 0")
    rootname: Mapped[str] = column("Exposure", index=True)
    segment: Mapped[str] = column("FUVA or FUVB")
    exp_start_mjd: Mapped[float | None] = column("EXPSTART, MJD UTC, d")
    start_s: Mapped[float] = column("Start of the stretch since EXPSTART, s")
    duration_s: Mapped[float] = column("Length of the stretch, s")
    live_s: Mapped[float] = column("Of it within good time intervals, s")
    mid_mjd: Mapped[float | None] = column("Middle of the stretch, MJD UTC, d")
    counts: Mapped[int] = column("Events of the segment in the stretch")
    stim_rate_hz: Mapped[float] = column(
        "STIMRATE, pulses of both stims together; the usual one where the header has none, "
        "0 if they were off, Hz"
    )
    boxes: Mapped[str] = column(
        "Where the stims were looked for: BRFTAB, or header or constants without one"
    )
    stim1_counts: Mapped[int] = column("Events at stim 1, the left one; 0 if missing")
    stim1_x: Mapped[float | None] = column("Its place, RAWX, pixel; NULL if missing")
    stim1_x_error: Mapped[float | None] = column("1-sigma error of it, pixel")
    stim1_y: Mapped[float | None] = column("Its place, RAWY, pixel")
    stim1_y_error: Mapped[float | None] = column("1-sigma error of it, pixel")
    stim1_flag: Mapped[str | None] = column(
        "displaced (out of its box), edge (near an edge of it), cut (at an edge of the detector), "
        "or NULL"
    )
    stim2_counts: Mapped[int] = column("Events at stim 2, the right one; 0 if missing")
    stim2_x: Mapped[float | None] = column("Its place, RAWX, pixel; NULL if missing")
    stim2_x_error: Mapped[float | None] = column("1-sigma error of it, pixel")
    stim2_y: Mapped[float | None] = column("Its place, RAWY, pixel")
    stim2_y_error: Mapped[float | None] = column("1-sigma error of it, pixel")
    stim2_flag: Mapped[str | None] = column("As that of stim 1")
    ingest_date: Mapped[IngestDate]
