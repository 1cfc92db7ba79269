"""Copy the rows of the table `gain`: some hundred thousand for an image.

As mappings in Python they would take a minute for a batch, most of it for making and encoding them.
"""

import io
from collections.abc import Sequence
from contextlib import closing

from hstql_assets.batching.outcomes import Outcome
from hstql_assets.monitors.gain.gain_rows import COLUMNS, GainRows
from hstql_resources.postgres.database import Writer
from hstql_resources.tables import Gain

_START = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"


def copy_gains(writer: Writer, outcomes: Sequence[Outcome]) -> None:
    """Replace the rows of the images of a batch, in its transaction.

    The `GainRows` of an image are its payload. The rows of an image that was not settled stay.
    """
    writer.delete(Gain, "image", [outcome.key for outcome in outcomes if outcome.is_settled])
    parts = [one.payload.encode() for one in outcomes if isinstance(one.payload, GainRows)]
    if not any(parts):
        return
    table = writer.connection.dialect.identifier_preparer.format_table(Gain.__table__)
    names = ", ".join(COLUMNS)
    with closing(writer.connection.connection.cursor()) as cursor:
        cursor.copy_expert(
            f"COPY {table} ({names}) FROM STDIN WITH (FORMAT binary)",
            io.BytesIO(b"".join([_START, *parts, _END])),
        )
