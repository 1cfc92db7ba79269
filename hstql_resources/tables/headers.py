"""Declare what all header tables have in common, and what has no column in one of them.

The header tables themselves are made from what is seen, by `hstql_resources.header_tables`.
"""

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped

from hstql_resources.header_tables.names import ODD
from hstql_resources.tables.base import Base, Filename, column, key


class Header(Base):
    """A header; the rows are in the header tables, which inherit from this one."""

    __tablename__ = "headers"
    __table_args__ = (
        {
            "comment": "One row per header of every file, from all header tables: each of them "
            "inherits from this one and adds a column per keyword. Its own rows are of files of "
            "type other, whose cards are all in header_extras"
        },
    )

    filename: Mapped[Filename]
    ext: Mapped[int] = key("Number of the HDU, 0 for the primary")
    rootname: Mapped[str] = column("Exposure or association", index=True)
    extver: Mapped[int | None] = column(
        "EXTVER; NULL where the header has none, or one that is no integer"
    )


class HeaderExtra(Base):
    """A card that has no place in a column."""

    __tablename__ = "header_extras"
    __table_args__ = (
        Index(
            None,
            *("table_name", "keyword", "kind"),
            postgresql_where=text(f"reason = '{ODD}'"),
        ),
        {"comment": "One row per card that has no place in a column of its table"},
    )

    filename: Mapped[Filename]
    ext: Mapped[int] = key("Number of the HDU, 0 for the primary")
    keyword: Mapped[str] = key("As in the header; the character NUL is written as U+2400")
    occurrence: Mapped[int] = key(
        "1 for the first card of this keyword in the header, 2 for the next"
    )
    rootname: Mapped[str] = column("Exposure or association", index=True)
    table_name: Mapped[str] = column(
        "Header table that has the row of this header; headers itself for files of type other"
    )
    kind: Mapped[str] = column(
        "What the value is: boolean, bigint, double precision, numeric, text, undefined, "
        "or card: the whole card where its value cannot be read"
    )
    value: Mapped[str | None] = column(
        "The value as text, T or F for a logical; the character NUL is written as U+2400"
    )
    reason: Mapped[str] = column("Why it has no place in a column")


class HeaderCommentary(Base):
    """What a header says in words."""

    __tablename__ = "header_commentary"
    __table_args__ = ({"comment": "One row per header that has COMMENT or HISTORY cards"},)

    filename: Mapped[Filename]
    ext: Mapped[int] = key("Number of the HDU, 0 for the primary")
    rootname: Mapped[str] = column("Exposure or association", index=True)
    comment: Mapped[str | None] = column(
        "COMMENT cards, one line each; the character NUL is written as U+2400"
    )
    history: Mapped[str | None] = column(
        "HISTORY cards, one line each; the character NUL is written as U+2400"
    )


class DrizzleData(Base):
    """What went into a drizzled image: the keywords D001VER, D001DATA and so on."""

    __tablename__ = "drizzle_data"
    __table_args__ = ({"comment": "One row per input image of a drizzled image"},)

    filename: Mapped[str] = key("Name of the drizzled file without folder and without .gz")
    ext: Mapped[int] = key("Number of the HDU, 0 for the primary")
    drizzle_index: Mapped[int] = key("Number of the input image, from 1")
    rootname: Mapped[str] = column("Exposure or association", index=True)
    ver: Mapped[str | None] = column("DnnnVER, version of the program")
    geom: Mapped[str | None] = column("DnnnGEOM, source of the geometry")
    data: Mapped[str | None] = column("DnnnDATA, input image")
    dexp: Mapped[float | None] = column("DnnnDEXP, exposure time of the input, s")
    ouda: Mapped[str | None] = column("DnnnOUDA, output image")
    ouwe: Mapped[str | None] = column("DnnnOUWE, output weight image")
    ouco: Mapped[str | None] = column("DnnnOUCO, output context image")
    mask: Mapped[str | None] = column("DnnnMASK, input weight image")
    wtsc: Mapped[float | None] = column("DnnnWTSC, factor on the input weight")
    kern: Mapped[str | None] = column("DnnnKERN, shape of the kernel")
    pixf: Mapped[float | None] = column("DnnnPIXF, linear size of the drop in input pixels")
    coef: Mapped[str | None] = column("DnnnCOEF, source of the distortion")
    scal: Mapped[float | None] = column(
        "DnnnSCAL, size of an output pixel, arcsec (or relative to the input)"
    )
    iscl: Mapped[float | None] = column("DnnnISCL, size of an input pixel, arcsec")
    fval: Mapped[str | None] = column("DnnnFVAL, value of pixels without data")
    ouun: Mapped[str | None] = column("DnnnOUUN, unit of the output")
    wkey: Mapped[str | None] = column("DnnnWKEY, kind of weight image")
