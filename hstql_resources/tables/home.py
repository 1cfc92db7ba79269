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
    made_at: Mapped[datetime] = column("When this row was made, UTC")
    restored_at: Mapped[datetime | None] = column(
        "When the tables were last restored, UTC; NULL if never"
    )
    restored_from: Mapped[datetime | None] = column("When the backup of these had been made, UTC")
