"""Find observations by their place on the sky."""

import sqlalchemy as sa
from alembic import op

from hstql_resources.sky_index import index_places

revision = "0022"
down_revision = "0021"

_READ = sa.text("SELECT rootname, ra_deg, dec_deg FROM observations WHERE ra_deg IS NOT NULL")
_WRITE = sa.text(
    "UPDATE observations SET sky_cell = new.cell FROM unnest(CAST(:names AS text[]), "
    "CAST(:cells AS bigint[])) AS new(name, cell) WHERE rootname = new.name"
)


def upgrade() -> None:
    """Add the cell of each place, and its index."""
    op.add_column("observations", sa.Column("sky_cell", sa.BigInteger))
    connection = op.get_bind()
    rows = connection.execute(_READ).all()
    cells = index_places([(ra, dec) for _, ra, dec in rows])
    connection.execute(_WRITE, {"names": [row[0] for row in rows], "cells": cells})
    op.create_index("observations_sky_cell_idx", "observations", ["sky_cell"])
