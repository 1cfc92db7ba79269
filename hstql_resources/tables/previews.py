"""Declare the table of the pictures of images, spectra and event lists."""

from sqlalchemy import CheckConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from hstql_resources.tables.base import Base, IngestDate


class Preview(Base):
    """A picture of a file of an observation."""

    __tablename__ = "previews"
    __table_args__ = (
        CheckConstraint("kind IN ('image', 'spectrum', 'events')", name="kind"),
        {"comment": "One row per picture of a FITS file; a file can have several"},
    )

    filename: Mapped[str] = mapped_column(
        primary_key=True, comment="FITS file without folder and without .gz"
    )
    number: Mapped[int] = mapped_column(
        primary_key=True, autoincrement=False, comment="Of the picture of this file, from 1"
    )
    rootname: Mapped[str] = mapped_column(index=True, comment="Exposure or association")
    filetype: Mapped[str] = mapped_column(comment="What follows the rootname, such as flt")
    kind: Mapped[str] = mapped_column(comment="image, spectrum or events")
    extver: Mapped[int] = mapped_column(
        comment="EXTVER of the extension shown; of chips that are shown together the first"
    )
    path: Mapped[str] = mapped_column(comment="Path of the picture, JPEG at full resolution")
    thumbnail_path: Mapped[str] = mapped_column(
        comment="Path of the thumbnail, JPEG of 128 pixels at most"
    )
    width: Mapped[int] = mapped_column(comment="Columns of the picture, pixels")
    height: Mapped[int] = mapped_column(comment="Rows of the picture, pixels")
    low_value: Mapped[float | None] = mapped_column(
        comment="1st percentile of the good pixels, which is black, or lower end of the flux axis"
    )
    high_value: Mapped[float | None] = mapped_column(
        comment="99th percentile of the good pixels, or upper end of the flux axis"
    )
    unit: Mapped[str | None] = mapped_column(comment="Unit of these values, as in the file")
    place: Mapped[str | None] = mapped_column(
        comment="Part of the detector that was read; NULL if all of it or not known"
    )
    note: Mapped[str | None] = mapped_column(
        comment="Why there is nothing to be seen, one sentence; NULL if there is"
    )
    is_preferred: Mapped[bool] = mapped_column(
        server_default=false(), comment="Whether it stands for its observation; one row does"
    )
    ingest_date: Mapped[IngestDate]
