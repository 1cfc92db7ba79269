"""Kinds of values: a column of numbers becomes wide enough, and nothing else changes it."""

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
    family_of,
    fits,
    widen,
)
from hstql_resources.header_tables.names import ODD
from hstql_resources.postgres.database import Database

KINDS = list(LETTERS.values())
OTHER_FILE = "jtest02aq_flt.fits"


@pytest.mark.parametrize(("one", "other"), list(itertools.product(KINDS, KINDS)))
def test_widening_does_not_depend_on_the_order(one: str, other: str) -> None:
    both = widen(one, other)
    if UNDEFINED not in (one, other) and family_of(one) != family_of(other):
        assert both == one
        assert not fits(other, one)
        return
    assert widen(other, one) == both
    assert widen(both, one) == widen(both, other) == both
    assert fits(one, both)
    assert fits(other, both)
    for third in KINDS:
        if UNDEFINED in (both, third) or family_of(both) == family_of(third):
            assert widen(both, third) == widen(one, widen(other, third))


# Value of one file, value of another, kind of the column that holds both.
PAIRS = [
    (True, False, BOOLEAN),
    (5, 6, BIGINT),
    (5, 0.5, DOUBLE),
    (-(2**53), 0.5, DOUBLE),
    (2**53 + 1, 0.5, NUMERIC),
    (-(2**53) - 1, 1e-300, NUMERIC),
    (2**63 - 1, -(2**63), BIGINT),
    (2**63, 5, NUMERIC),
    (2**63, 0.1, NUMERIC),
    (0.5, 1e-5, DOUBLE),
    ("x", "5", TEXT),
    (None, None, UNDEFINED),
    (None, True, BOOLEAN),
    (None, 5, BIGINT),
    (None, 0.5, DOUBLE),
    (None, 2**63, NUMERIC),
    (None, "x", TEXT),
]
# A value and one of another family, with the kinds that they have.
STRANGERS = [
    (True, 5, BOOLEAN, BIGINT),
    (True, 0.5, BOOLEAN, DOUBLE),
    (False, "F", BOOLEAN, TEXT),
    (True, 2**70, BOOLEAN, NUMERIC),
    (5, "five", BIGINT, TEXT),
    (2**53 + 1, "many", BIGINT, TEXT),
    (0.1, "a tenth", DOUBLE, TEXT),
    (339.0, "unknown", DOUBLE, TEXT),
    (1e22, "much", DOUBLE, TEXT),
    (2**69, "much", NUMERIC, TEXT),
    (5, 1 - 2j, BIGINT, TEXT),
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


@pytest.mark.parametrize("is_one_batch", [True, False])
@pytest.mark.parametrize("order", [1, -1])
def test_a_value_of_another_family_changes_no_column(
    database: Database, order: int, is_one_batch: bool
) -> None:
    both = [
        {f"P{i}": stranger[place] for i, stranger in enumerate(STRANGERS)}
        for place in (0, 1)[::order]
    ]
    files = [
        encode(values, filename=filename, rootname=filename[:9])
        for values, filename in zip(both, (FILENAME, OTHER_FILE), strict=True)
    ]
    for batch in [files] if is_one_batch else [[file] for file in files]:
        store(database, *batch)
    stored = read_stored(database)
    columns = stored[FILENAME, 0].table.by_keyword
    own, strange = (2, 3)[::order]
    for i, stranger in enumerate(STRANGERS):
        assert columns[f"P{i}"].kind == stranger[own]
    assert compare(stored[FILENAME, 0], list(both[0].items())) == []
    assert compare(stored[OTHER_FILE, 0], list(both[1].items())) == []
    assert stored[FILENAME, 0].extras == []
    apart = {
        str(row["keyword"]): (row["kind"], row["reason"]) for row in stored[OTHER_FILE, 0].extras
    }
    assert apart == {f"P{i}": (stranger[strange], ODD) for i, stranger in enumerate(STRANGERS)}


def test_a_keyword_may_meet_one_kind_after_the_other(database: Database) -> None:
    seen: list[tuple[str, object]] = []
    expected = [UNDEFINED, BIGINT, BIGINT, NUMERIC, NUMERIC, NUMERIC, NUMERIC]
    values = [None, 5, 2**53 + 1, 2.5, 2**64, True, "x"]
    for i, (value, kind) in enumerate(zip(values, expected, strict=True)):
        filename = f"jtest0{i}aq_flt.fits"
        store(database, encode({"A": value}, filename=filename, rootname=filename[:9]))
        seen.append((filename, value))
        stored = read_stored(database)
        assert stored[filename, 0].table.by_keyword["A"].kind == kind
        for name, before in seen:
            assert compare(stored[name, 0], [("A", before)]) == []


@pytest.mark.parametrize("number", [15, pytest.param(150, marks=pytest.mark.full)])
def test_doubles_become_numeric_or_stand_apart_without_losing_a_digit(
    database: Database, number: int
) -> None:
    rng = random.Random(1)
    doubles = [struct.unpack("d", rng.randbytes(8))[0] for _ in range(number)]
    doubles += [rng.uniform(1e15, 1e16) for _ in range(number // 3)] + [
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
    many = [f"jtest{number}aq_flt.fits" for number in range(10, 10 + 99)]
    again = {"filename": OTHER_FILE, "rootname": OTHER_FILE[:9]}
    store(database, encode({}, dict.fromkeys(values, 2**64), **again))
    texts = dict.fromkeys(values, "x")
    store(database, *(encode(texts, filename=name, rootname=name[:-9]) for name in many))
    stored = read_stored(database)
    columns = stored[FILENAME, 0].table.by_keyword
    assert {columns[keyword].kind for keyword in values} == {TEXT}
    as_text = {str(row["keyword"]): row for row in stored[FILENAME, 0].extras}
    as_numeric = stored[FILENAME, 1].values()
    for keyword, value in values.items():
        written = str(as_text[keyword]["value"])
        assert (as_text[keyword]["kind"], float(written)) == (DOUBLE, value)
        assert written == repr(value) or len(written) > len(repr(value))
        assert not written.lstrip("-").isdigit()
        kind, number = as_numeric[keyword]
        assert kind == NUMERIC
        assert isinstance(number, Decimal)
        assert float(number) == value


@pytest.mark.parametrize("kind", [WIDE_BIGINT, DOUBLE, TEXT])
def test_what_never_had_a_value_takes_any_kind(kind: str) -> None:
    assert not fits(kind, UNDEFINED)
    assert widen(UNDEFINED, kind) == kind
