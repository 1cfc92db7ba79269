"""What all header tables inherit from, and the tables for what has no column in them.

The header tables themselves are no migration's business: they are made when their headers come.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

FILENAME = "Name of the file without folder and without .gz"
EXT = "Number of the HDU, 0 for the primary"
ROOTNAME = "Exposure or association"
NUL = "the character NUL is written as U+2400"

DRIZZLE = (
    ("ver", sa.Text, "DnnnVER, version of the program"),
    ("geom", sa.Text, "DnnnGEOM, source of the geometry"),
    ("data", sa.Text, "DnnnDATA, input image"),
    ("dexp", sa.Double, "DnnnDEXP, exposure time of the input, s"),
    ("ouda", sa.Text, "DnnnOUDA, output image"),
    ("ouwe", sa.Text, "DnnnOUWE, output weight image"),
    ("ouco", sa.Text, "DnnnOUCO, output context image"),
    ("mask", sa.Text, "DnnnMASK, input weight image"),
    ("wtsc", sa.Double, "DnnnWTSC, factor on the input weight"),
    ("kern", sa.Text, "DnnnKERN, shape of the kernel"),
    ("pixf", sa.Double, "DnnnPIXF, linear size of the drop in input pixels"),
    ("coef", sa.Text, "DnnnCOEF, source of the distortion"),
    ("scal", sa.Double, "DnnnSCAL, size of an output pixel, arcsec (or relative to the input)"),
    ("iscl", sa.Double, "DnnnISCL, size of an input pixel, arcsec"),
    ("fval", sa.Text, "DnnnFVAL, value of pixels without data"),
    ("ouun", sa.Text, "DnnnOUUN, unit of the output"),
    ("wkey", sa.Text, "DnnnWKEY, kind of weight image"),
)


def upgrade() -> None:
    """Make the tables."""
    _make(
        "headers",
        ("filename", "ext"),
        _column(
            "extver",
            sa.Integer,
            "EXTVER; NULL where the header has none, or one that is no integer",
        ),
        comment="One row per header of every file, from all header tables: each of them inherits "
        "from this one and adds a column per keyword",
    )
    _make(
        "header_extras",
        ("filename", "ext", "keyword", "occurrence"),
        _column("keyword", sa.Text, f"As in the header; {NUL}", required=True),
        _column(
            "occurrence",
            sa.Integer,
            "1 for the first card of this keyword in the header, 2 for the next",
            required=True,
        ),
        _column(
            "table_name", sa.Text, "Header table that has the row of this header", required=True
        ),
        _column(
            "kind",
            sa.Text,
            "What the value is: boolean, bigint, double precision, numeric, text, undefined, "
            "or card: the whole card where its value cannot be read",
            required=True,
        ),
        _column("value", sa.Text, f"The value as text, T or F for a logical; {NUL}"),
        _column("reason", sa.Text, "Why it has no place in a column", required=True),
        comment="One row per card that has no place in a column of its table",
    )
    _make(
        "header_commentary",
        ("filename", "ext"),
        _column("comment", sa.Text, f"COMMENT cards, one line each; {NUL}"),
        _column("history", sa.Text, f"HISTORY cards, one line each; {NUL}"),
        comment="One row per header that has COMMENT or HISTORY cards",
    )
    _make(
        "drizzle_data",
        ("filename", "ext", "drizzle_index"),
        _column("drizzle_index", sa.Integer, "Number of the input image, from 1", required=True),
        *(_column(*described) for described in DRIZZLE),
        comment="One row per input image of a drizzled image",
        filename="Name of the drizzled file without folder and without .gz",
    )


def downgrade() -> None:
    """Drop them, and all header tables with what was made from them."""
    op.drop_table("drizzle_data")
    op.drop_table("header_commentary")
    op.drop_table("header_extras")
    op.execute("DROP TABLE headers CASCADE")


def _make(
    name: str,
    key: tuple[str, ...],
    *columns: sa.Column[object],
    comment: str,
    filename: str = FILENAME,
) -> None:
    """Make a table with the columns that all of these have."""
    op.create_table(
        name,
        _column("filename", sa.Text, filename, required=True),
        _column("ext", sa.Integer, EXT, required=True),
        *(column for column in columns if column.name in key),
        _column("rootname", sa.Text, ROOTNAME, required=True),
        *(column for column in columns if column.name not in key),
        sa.PrimaryKeyConstraint(*key, name=f"{name}_pkey"),
        comment=comment,
    )
    op.create_index(f"{name}_rootname_idx", name, ["rootname"])


def _column(
    name: str, kind: sa.types.TypeEngine[Any] | type, comment: str, *, required: bool = False
) -> sa.Column[object]:
    return sa.Column(name, kind, comment=comment, nullable=not required)
