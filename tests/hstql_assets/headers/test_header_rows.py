"""Headers as lines for the database: fields, kinds, and what is put aside."""

import pickle
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.made_headers import Cards, encode, write_cards
from hstql_resources.header_tables.copy_lines import NULL, EncodedHeaders
from hstql_resources.header_tables.names import COMMENTARY, DRIZZLE, DRIZZLE_SUFFIXES, EXTRAS


def fields(encoded: EncodedHeaders, number: int = 0) -> list[str]:
    return encoded.rows[number][1].decode().split("\t")


def kinds(encoded: EncodedHeaders, number: int = 0) -> dict[str, str]:
    shape = encoded.rows[number][0]
    return dict(zip(shape.keywords, shape.letters, strict=True))


def aside(encoded: EncodedHeaders, table: str) -> list[list[str]]:
    """The rows of another table, without file and HDU."""
    lines = encoded.other_cards.get(table, b"").decode().split("\n")[:-1]
    return [line.split("\t")[2:] for line in lines]


def extras(*cards: str, **options: str) -> list[tuple[str, str, str, str]]:
    """Keyword, occurrence, kind and value of what is put aside of a primary header."""
    rows = aside(encode(cards, **options), EXTRAS)
    return [(row[0], row[1], row[4], row[5]) for row in rows]


def test_a_line_has_file_number_rootname_and_version_before_the_values() -> None:
    encoded = encode({"TELESCOP": "HST"}, {"EXTNAME": "SCI", "EXTVER": 2, "EXPTIME": 339.0})
    assert fields(encoded) == ["jtest01aq_flt.fits", "0", "jtest01aq", NULL, "HST"]
    assert fields(encoded, 1) == ["jtest01aq_flt.fits", "1", "jtest01aq", "2", "SCI", "339.0"]
    assert [shape.table for shape, _ in encoded.rows] == [
        "acs_wfc_flt_primary", "acs_wfc_flt_sci",
    ]  # fmt: skip
    assert kinds(encoded, 1) == {"EXTNAME": "t", "EXPTIME": "d"}


@pytest.mark.parametrize(
    ("card", "letter", "text"),
    [
        ("A       = 'it''s '", "t", "it's"),
        ("A       = ''", "t", ""),
        ("A       = 'C:\\new'", "t", r"C:\\new"),
        ("A       =                    T", "b", "T"),
        ("A       =                    F", "b", "F"),
        ("A       =                  007", "i", "7"),
        ("A       =     9007199254740992", "i", "9007199254740992"),
        ("A       =     9007199254740993", "I", "9007199254740993"),
        ("A       =  9223372036854775807", "I", "9223372036854775807"),
        ("A       =  9223372036854775808", "n", "9223372036854775808"),
        ("A       =                 1D-2", "d", "0.01"),
        ("A       =                  -0.", "d", "-0.0"),
        ("A       =                1D400", "n", "1E400"),
        ("A       =              -.5e400", "n", "-.5e400"),
        ("A       =               1E-400", "n", "1E-400"),
        ("A       =              1E99999", "t", "1E99999"),
        ("A       =", "u", NULL),
        ("A       = (1.5, -2)", "t", "(1.5-2j)"),
    ],
)
def test_each_value_has_a_kind_and_a_text(card: str, letter: str, text: str) -> None:
    encoded = encode([card])
    assert (kinds(encoded), fields(encoded)[4]) == ({"A": letter}, text)


def test_a_record_valued_number_beyond_double_keeps_its_digits() -> None:
    encoded = encode(["DP1     = 'AXIS.1: 1E400'"])
    assert (kinds(encoded), fields(encoded)[4]) == ({"DP1.AXIS.1": "n"}, "1E400")


@pytest.mark.parametrize(
    ("extver", "fixed", "column"),
    [
        ({"EXTVER": 3}, "3", {}),
        ({"EXTVER": -1}, "-1", {}),
        ({"EXTVER": "one"}, NULL, {"EXTVER": "t"}),
        ({"EXTVER": True}, NULL, {"EXTVER": "b"}),
        ({"EXTVER": 2**31}, NULL, {"EXTVER": "i"}),
        ({}, NULL, {}),
    ],
)
def test_a_version_that_is_no_integer_has_a_column_of_its_own(
    extver: Cards, fixed: str, column: dict[str, str]
) -> None:
    encoded = encode(extver)
    assert (fields(encoded)[3], kinds(encoded)) == (fixed, column)


def test_what_is_no_keyword_or_has_too_long_a_name_is_put_aside() -> None:
    long = "X" * 64
    assert extras('a"b     = 5', "A       = 6") == [('A"B', "1", "bigint", "5")]
    assert extras(f"HIERARCH {long} = 'x'") == [(long, "1", "text", "x")]
    assert extras(f"HIERARCH {long[1:]} = 'x'") == []


def test_repeated_keywords_are_counted_and_the_first_has_the_column() -> None:
    encoded = encode(["A       = 1", "B       = 2", "A       = 'x'", "A       = 1"])
    assert fields(encoded)[4:] == ["1", "2"]
    assert extras("A       = 1", "A       = 'x'", "A       =", "A       = 2.5") == [
        ("A", "2", "text", "x"),
        ("A", "3", "undefined", NULL),
        ("A", "4", "double precision", "2.5"),
    ]


def test_a_card_that_cannot_be_read_is_put_aside_whole_with_nul_as_a_sign() -> None:
    card = "TARGNAME= 'HD\x00\t1'"
    kept = card.replace("\0", "␀").replace("\t", r"\t").ljust(81)
    assert extras(card) == [("TARGNAME", "1", "card", kept)]
    assert kinds(encode([card])) == {}
    assert extras("TARGNAME= 'M 31'", card) == [("TARGNAME", "2", "card", kept)]
    assert extras(card, "TARGNAME= 'M 31'") == [
        ("TARGNAME", "1", "card", kept), ("TARGNAME", "2", "text", "M 31"),
    ]  # fmt: skip
    twice = extras(card, card)
    assert [row[:2] for row in twice] == [("TARGNAME", "1"), ("TARGNAME", "2")]


def test_comment_and_history_are_one_row_and_titles_none() -> None:
    cards = ["COMMENT one", "HISTORY a", "", "        / TITLE", "COMMENT  two\\", "A       = 1"]
    encoded = encode(cards, ["B       = 2"], ["HISTORY b"])
    assert encoded.other_cards[COMMENTARY].decode().splitlines() == [
        "jtest01aq_flt.fits\t0\tjtest01aq\tone\\n two\\\\\ta",
        "jtest01aq_flt.fits\t2\tjtest01aq\t\\N\tb",
    ]
    assert EXTRAS not in encoded.other_cards


def test_a_card_that_ends_nothing_is_kept() -> None:
    rows = extras("END     of the text", "END     = 5")
    assert [row[:2] for row in rows] == [("END", "1"), ("END", "2")]


def test_a_long_text_is_put_aside_only_where_an_index_could_not_hold_it() -> None:
    encoded = encode({"TARGNAME": "y" * 1200}, {"TARGNAME": "y" * 1200})
    assert extras(*_split({"TARGNAME": "y" * 1200})) == [("TARGNAME", "1", "text", "y" * 1200)]
    assert [kinds(encoded), kinds(encoded, 1)] == [{}, {"TARGNAME": "t"}]
    assert fields(encoded, 1)[4] == "y" * 1200


def _split(values: dict[str, object]) -> list[str]:
    text = write_cards(values)
    return [text[start : start + 80] for start in range(0, len(text), 80)]


def test_drizzle_keywords_are_a_row_for_each_input_image() -> None:
    cards = {
        "D001DATA": "jtest01bq_flt.fits[sci,1]", "D001DEXP": 507, "D001FVAL": "INDEF",
        "D012DATA": "jtest01cq_flt.fits[sci,1]", "D012PIXF": 0.8, "D012FVAL": 0.0,
        "D012WTSC": "much", "D012ODD": 5, "D12DATA": "no", "NDRIZIM": 2,
    }  # fmt: skip
    encoded = encode(cards, cards, filename="jtest01aq_drz.fits")
    rows = aside(encoded, DRIZZLE)
    named = [
        {k: v for k, v in zip(("n", "root", *DRIZZLE_SUFFIXES), row, strict=True) if v != NULL}
        for row in rows
    ]
    first = {
        "n": "1", "root": "jtest01aq", "data": "jtest01bq_flt.fits[sci,1]", "dexp": "507",
        "fval": "INDEF",
    }  # fmt: skip
    twelfth = {
        "n": "12", "root": "jtest01aq", "data": "jtest01cq_flt.fits[sci,1]", "pixf": "0.8",
        "fval": "0.0",
    }  # fmt: skip
    assert named == [first, twelfth, first, twelfth]
    assert [row[0] for row in aside(encoded, EXTRAS)] == ["D012WTSC", "D012ODD"] * 2
    assert kinds(encoded) == {"D12DATA": "t", "NDRIZIM": "i"}


@pytest.mark.parametrize(
    ("filename", "rootname"),
    [("jtest01aq_flt.fits", "jtest01aq"), ("otest01aq_drz.fits", "otest01aq")],
)
def test_only_drizzled_images_of_cameras_have_drizzle_data(filename: str, rootname: str) -> None:
    encoded = encode({"D001DATA": "x"}, filename=filename, rootname=rootname)
    assert encoded.other_cards == {}
    assert kinds(encoded) == {"D001DATA": "t"}


def test_equal_headers_have_the_same_shape_object_after_the_way_to_another_process() -> None:
    one, other = encode({"A": 1, "B": "x"}), encode({"A": 2, "B": "y"})
    assert one.rows[0][0] is other.rows[0][0]
    assert pickle.loads(pickle.dumps(other)).rows[0][0] is one.rows[0][0]


def test_rows_are_counted_over_all_tables() -> None:
    assert encode(["A       = 1", "A       = 2", "HISTORY x"], ["B       = 1"]).count_rows() == 4


KEYWORDS = st.one_of(
    st.text(string.ascii_uppercase[:3] + string.digits[:2], min_size=1, max_size=2),
    st.sampled_from(["COMMENT", "END", "", "HISTORY", "CONTINUE", "HIERARCH A", "a", "\x00"]),
)
CARDS = st.lists(
    st.tuples(KEYWORDS, st.sampled_from(["= ", "=", " "]), st.text(max_size=12)).map(
        lambda parts: f"{parts[0]:<8}{parts[1]}{parts[2]}".encode("latin-1", "replace").decode(
            "latin-1"
        )
    ),
    max_size=8,
)


@given(CARDS)
def test_no_two_cards_put_aside_have_the_same_key(cards: list[str]) -> None:
    encoded = encode(cards)
    shape, line = encoded.rows[0]
    keys = [tuple(row[:2]) for row in aside(encoded, EXTRAS)]
    assert len(keys) == len(set(keys))
    assert line.count(b"\t") == 3 + len(shape.keywords)
    assert b"\n" not in line
