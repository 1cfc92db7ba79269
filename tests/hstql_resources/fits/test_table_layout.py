"""How the rows of a table are laid out, whatever tables were read before."""

import numpy as np
import pytest

from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.header import Header
from hstql_resources.fits.tables import table_layout

CARDS = {
    "XTENSION": "BINTABLE", "NAXIS1": 6, "NAXIS2": 3, "TFIELDS": 2, "TTYPE1": "time",
    "TFORM1": "1E", "TFORM2": "I", "TSCAL1": 2.0, "EXTNAME": "events",
}  # fmt: skip


def test_columns_have_names_types_and_scales() -> None:
    for rows in (3, 4):
        layout = table_layout(Header(values={**CARDS, "NAXIS2": rows}))
        assert (layout.name, layout.rows) == ("EVENTS", rows)
        assert layout.record == np.dtype([("TIME", ">f4"), ("COL2", ">i2")])
        assert layout.scales == {"TIME": (2.0, 0.0)}


def test_cards_that_are_equal_but_of_another_type_are_not_the_same() -> None:
    assert table_layout(Header(values={**CARDS, "TSCAL1": 1})).scales == {}
    with pytest.raises(FitsError, match="TSCAL1 is True, not a number"):
        table_layout(Header(values={**CARDS, "TSCAL1": True}))


def test_a_card_that_cannot_be_read_is_told() -> None:
    header = Header(values={**CARDS, "TZERO2": None}, unreadable=(("TZERO2", "TZERO2  = ?"),))
    with pytest.raises(FitsError, match="TZERO2 has a value that cannot be read"):
        table_layout(header)
