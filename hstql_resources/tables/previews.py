"""Declare the table of the pictures of images, spectra and event lists."""

from sqlalchemy import CheckConstraint, false
from sqlalchemy.orm import Mapped

from hstql_resources.tables.base import Base, IngestDate, column, key, place


class Preview(Base):
    """A picture of a file of an observation."""

    __tablename__ = "previews"
    __table_args__ = (
        CheckConstraint("kind IN ('image', 'spectrum', 'events')", name="kind"),
        {"comment": "One row per picture of a FITS file; a file can have several"},
    )

    filename: Mapped[str] = key("FITS file without folder and without .gz")
    number: Mapped[int] = key("Of the picture of this file, from 1")
    rootname: Mapped[str] = column("Exposure or association", index=True)
    filetype: Mapped[str] = column("What follows the rootname, such as flt")
    kind: Mapped[str] = column("image, spectrum or events")
    extver: Mapped[int] = column(
        "EXTVER of the extension shown; of chips that are shown together the first"
    )
    path: Mapped[str] = place("Path of the picture, JPEG at full resolution")
    thumbnail_path: Mapped[str] = place("Path of the thumbnail, JPEG of 128 pixels at most")
    width: Mapped[int] = column("Columns of the picture, pixels")
    height: Mapped[int] = column("Rows of the picture, pixels")
    low_value: Mapped[float | None] = column(
        "1st percentile of the good pixels, which is black, or lower end of the flux axis"
    )
    high_value: Mapped[float | None] = column(
        "99th percentile of the good pixels, or upper end of the flux axis"
    )
    unit: Mapped[str | None] = column("Unit of these values, as in the file")
    place: Mapped[str | None] = column(
        "Part of the detector that was read; NULL if all of it or not known"
    )
    note: Mapped[str | None] = column(
        "Why there is nothing to be seen, one sentence; NULL if there is"
    )
    is_preferred: Mapped[bool] = column(
        "Whether it stands for its observation; one row does", server_default=false()
    )
    ingest_date: Mapped[IngestDate]
