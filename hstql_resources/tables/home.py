"""Declare the table of the home that the database belongs to: one row."""

from datetime import datetime

from sqlalchemy.orm import Mapped

from hstql_resources.tables.base import Base, column, key


class Home(Base):
    """The home that all other rows are about."""

    __tablename__ = "home"
    __table_args__ = ({"comment": "One row per home: the one that this database belongs to"},)

    id: Mapped[str] = key("Identity, as in the file identity of HSTQL_HOME; a copy has the same")
    path: Mapped[str] = column("Where it was last found; all paths in it begin with this")
    archive: Mapped[str | None] = column(
        "Folder of the archive last used; NULL if it never was one"
    )
    made_at: Mapped[datetime] = column(
        "Since when the database keeps the record of what was made in it, UTC"
    )
