"""Kinds of values: a column that meets another kind becomes wide enough, and nothing changes."""

import itertools
import random
import struct
from decimal import Decimal

import pytest

from builders.header_reading import compare, read_stored
from builders.made_headers import FILENAME, encode, store
from hstql_resources.header_tables.copy_lines import EncodedHeaders
from hstql_resources.header_tables.kinds import (
    BIGINT,
    BOOLEAN,
    DOUBLE,
    LETTERS,
    NUMERIC,
    TEXT,
    UNDEFINED,
    WIDE_BIGINT,
    fits,
    widen,
)
from hstql_resources.postgres.database import Database

KINDS = list(LETTERS.values())
OTHER_FILE = "jtest02aq_flt.fits"


@pytest.mark.parametrize(("one", "other"), list(itertools.product(KINDS, KINDS)))
def test_widening_does_not_depend_on_the_order(one: str, other: str) -> None:
    both = widen(one, other)
    assert widen(other, one) == both
    assert widen(both, one) == widen(both, other) == both
    assert fits(one, both)
    assert fits(other, both)
    for third in KINDS:
        assert widen(both, third) == widen(one, widen(other, third))


# Value of one file, value of another, kind of the column that holds both.
PAIRS = [
    (True, False, BOOLEAN),
    (True, 5, TEXT),
    (True, 0.5, TEXT),
    (False, "F", TEXT),
    (True, 2**70, TEXT),
    (5, 6, BIGINT),
    (5, 0.5, DOUBLE),
    (-(2**53), 0.5, DOUBLE),
    (2**53 + 1, 0.5, NUMERIC),
    (-(2**53) - 1, 1e-300, NUMERIC),
    (2**63 - 1, -(2**63), BIGINT),
    (2**63, 5, NUMERIC),
    (2**63, 0.1, NUMERIC),
    (5, "five", TEXT),
    (0.5, 1e-5, DOUBLE),
    (0.1, "a tenth", TEXT),
    (339.0, "unknown", TEXT),
    (1e22, "much", TEXT),
    (2**69, "much", TEXT),
    (5, 1 - 2j, TEXT),
    (None, None, UNDEFINED),
    (None, True, BOOLEAN),
    (None, 5, BIGINT),
    (None, 0.5, DOUBLE),
    (None, 2**63, NUMERIC),
    (None, "x", TEXT),
]


def list_cards(place: int) -> dict[str, object]:
    """A keyword for each pair, with its first or its second value."""
    return {f"P{i}": pair[place] for i, pair in enumerate(PAIRS)}


def encode_pairs(filename: str, order: int) -> EncodedHeaders:
    """A primary header and an extension; the second has what the first of the other file has."""
    first, second = (list_cards(place) for place in (0, 1)[::order])
    return encode(first, second, filename=filename, rootname=filename[:9])


def check_pairs(database: Database) -> None:
    stored = read_stored(database)
    for filename, order in ((FILENAME, 1), (OTHER_FILE, -1)):
        for number, place in enumerate((0, 1)[::order]):
            header = stored[filename, number]
            columns = header.table.by_keyword
            kinds = [columns[f"P{i}"].kind for i in range(len(PAIRS))]
            assert kinds == [kind for _, _, kind in PAIRS]
            assert compare(header, list(list_cards(place).items())) == []
            assert header.extras == []


def test_a_column_that_meets_another_kind_holds_both(database: Database) -> None:
    store(database, encode_pairs(FILENAME, 1))
    store(database, encode_pairs(OTHER_FILE, -1))
    check_pairs(database)


def test_kinds_that_meet_in_one_batch_make_the_same_columns(database: Database) -> None:
    store(database, encode_pairs(FILENAME, 1), encode_pairs(OTHER_FILE, -1))
    check_pairs(database)


def test_a_keyword_may_meet_one_kind_after_the_other(database: Database) -> None:
    seen: list[tuple[str, object]] = []
    expected = [UNDEFINED, BIGINT, BIGINT, NUMERIC, NUMERIC, TEXT, TEXT]
    values = [None, 5, 2**53 + 1, 2.5, 2**64, True, "x"]
    for i, (value, kind) in enumerate(zip(values, expected, strict=True)):
        filename = f"jtest0{i}aq_flt.fits"
        store(database, encode({"A": value}, filename=filename, rootname=filename[:9]))
        seen.append((filename, value))
        stored = read_stored(database)
        assert stored[filename, 0].table.by_keyword["A"].kind == kind
        for name, before in seen:
            assert compare(stored[name, 0], [("A", before)]) == []


def test_doubles_become_numeric_or_text_without_losing_a_digit(database: Database) -> None:
    rng = random.Random(1)
    doubles = [struct.unpack("d", rng.randbytes(8))[0] for _ in range(150)]
    doubles += [rng.uniform(1e15, 1e16) for _ in range(50)] + [
        1e15,
        1e16,
        123456.0,
        1e-5,
        0.1,
        -0.0,
    ]
    values = {f"K{i}": x for i, x in enumerate(doubles) if abs(x) < 1.7e308}
    cards = [f"{keyword:<8}= {value!r}" for keyword, value in values.items()]
    store(database, encode(cards, cards))
    again = {"filename": OTHER_FILE, "rootname": OTHER_FILE[:9]}
    store(database, encode(dict.fromkeys(values, "x"), dict.fromkeys(values, 2**64), **again))
    stored = read_stored(database)
    as_text = stored["jtest01aq_flt.fits", 0].values()
    as_numeric = stored["jtest01aq_flt.fits", 1].values()
    for keyword, value in values.items():
        kind, written = as_text[keyword]
        assert (kind, float(str(written))) == (TEXT, value)
        assert str(written) == repr(value) or len(str(written)) > len(repr(value))
        assert not str(written).lstrip("-").isdigit()
        kind, number = as_numeric[keyword]
        assert kind == NUMERIC
        assert isinstance(number, Decimal)
        assert float(number) == value


@pytest.mark.parametrize("kind", [WIDE_BIGINT, DOUBLE, TEXT])
def test_what_never_had_a_value_takes_any_kind(kind: str) -> None:
    assert not fits(kind, UNDEFINED)
    assert widen(UNDEFINED, kind) == kind
