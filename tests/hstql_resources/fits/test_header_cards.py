"""Cards as Python values: always what astropy makes of them."""

import pickle
import string

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from builders.astropy_reading import expected, found, read_text
from hstql_resources.fits.header import Header, parse_header

PRINTABLE = st.characters(min_codepoint=0x20, max_codepoint=0x7E)
ANYTHING = st.characters(max_codepoint=0xFF)
BYTES_80 = st.text(ANYTHING, min_size=80, max_size=80)


def pad(*cards: str) -> str:
    return "".join(card[:80].ljust(80) for card in cards)


def read(*cards: str) -> Header:
    return parse_header(pad(*cards))


def check(text: str) -> Header:
    """Compare with astropy, and return what was read."""
    header, truth = parse_header(text), read_text(text)
    if truth is None:
        assert header.unreadable
    else:
        assert found(header) == expected(truth)
    return header


keywords = st.one_of(
    st.text(string.ascii_uppercase + string.digits + "-_", min_size=1, max_size=8),
    st.sampled_from(["NAXIS1", "DP1", "COMMENT", "HISTORY", "END", "CONTINUE", "HIERARCH", "abc"]),
    st.text(PRINTABLE, max_size=8),
)
# Few characters, so that quotes, slashes and blanks meet in all ways.
tricky = st.text(st.sampled_from("'' /a&:.=1\t\n\x00\xe9"), max_size=12)
quoted = st.one_of(st.text(PRINTABLE, max_size=40), tricky).map(
    lambda text: "'" + text.replace("'", "''") + "'"
)
digits = st.from_regex(r"[+-]?[0-9]{0,5}\.?[0-9]{0,5}([EDed][+-]?[0-9]{0,4})?", fullmatch=True)
values = st.one_of(
    quoted,
    tricky.map(lambda text: f"'{text}"),
    st.text(st.sampled_from("' /"), max_size=6),
    st.integers().map(str),
    st.floats(allow_nan=False).map(repr),
    digits,
    st.tuples(digits, digits).map(lambda pair: f"({pair[0]}, {pair[1]})"),
    st.sampled_from(
        ["T", "F", "TRUE", "", "1 E 5", "- 5", "1D400", "(1,1E999)", "NaN", "5\t", "_"]
    ),
    st.from_regex(r"'[A-Z]{1,4}(\.[0-9A-Z]{1,3}){0,2}: {0,2}[0-9.DE+-]{1,6}'", fullmatch=True),
    st.text(ANYTHING, max_size=20),
)
comments = st.one_of(
    st.just(""),
    st.text(PRINTABLE, max_size=30).map(lambda text: f" / {text}"),
    tricky.map(lambda text: f"/{text}"),
    st.text(ANYTHING, max_size=20).map(lambda text: f" /{text}"),
)


@st.composite
def cards(draw: st.DrawFn) -> str:
    """A card of one of the shapes that there are, or not quite."""
    keyword = draw(keywords)
    start = draw(
        st.sampled_from(
            [f"{keyword:<8}= ", f"{keyword:<8}= ", f"{keyword}= ", f"{keyword:<8}=",
             f"{keyword:<8} ", f"HIERARCH {keyword} = ", f"HIERARCH ESO {keyword}=",
             "CONTINUE  ", "HIERARCH"]
        )
    )  # fmt: skip
    blanks = " " * draw(st.integers(0, 20))
    card = pad(start + blanks + draw(values) + draw(comments))
    assume(card.rstrip() != "END")  # which ends a header
    return card


@pytest.mark.full
@settings(max_examples=1000)
@given(st.lists(cards(), min_size=1, max_size=4).map("".join))
def test_any_of_many_cards_reads_as_with_astropy(text: str) -> None:
    check(text)


@settings(max_examples=250)
@given(st.lists(cards(), min_size=1, max_size=4).map("".join))
@example(pad("A       = 'abc'' / def' / c"))
@example(pad("A       = '' / it's the ' of it"))
@example(pad("A       = 'it''s '' /' / end"))
@example(pad("DP1     = 'AXIS.1: 2' / of it", "DP1     = 'AXIS.2: 1.5D3'"))
@example(pad("DP1     = 'NAXIS: 2' / of\tit"))
@example(pad("DATE    = 'TIME: 12:00'", "CRVAL: 1= 2"))
@example(pad("CONTINUE  'first'", "CONTINUE  'second'"))
@example(pad("COMMENT   one", "CONTINUE  'two'"))
@example(pad("HIERARCH  COMMENT = 5", "HIERARCH HIERARCH A = 5", "HIERARCH= 5", "HIERARCH = 5"))
@example(pad("HIERARCH A.B = 'C: 5'", "HIERARCH a.b = 'C: 5'"))
@example(pad("A       = 'B: -0'", "A       = 'B: -0.0'", "A       = 'B: +0'"))
def test_any_card_reads_as_with_astropy(text: str) -> None:
    check(text)


@settings(max_examples=300)
@given(st.lists(BYTES_80, min_size=1, max_size=3).map("".join))
def test_garbage_of_80_characters_reads_as_with_astropy(text: str) -> None:
    check(text)


@settings(max_examples=300)
@given(cards(), st.integers(0, 79), ANYTHING)
def test_one_wrong_byte_changes_a_card_as_with_astropy(card: str, place: int, byte: str) -> None:
    check(card[:place] + byte + card[place + 1 :])


parts = st.one_of(st.text(st.sampled_from("ab &'/:"), max_size=10), st.text(PRINTABLE, max_size=60))


long_texts = given(st.lists(parts, min_size=1, max_size=4), st.booleans(), comments)


@pytest.mark.full
@settings(max_examples=500)
@long_texts
def test_many_texts_over_several_cards_read_as_with_astropy(
    texts: list[str], has_signs: bool, comment: str
) -> None:
    check_text(texts, has_signs, comment)


@settings(max_examples=150)
@long_texts
@example(["", ":"], False, " / '")
def test_a_text_over_several_cards_reads_as_with_astropy(
    texts: list[str], has_signs: bool, comment: str
) -> None:
    check_text(texts, has_signs, comment)


def check_text(texts: list[str], has_signs: bool, comment: str) -> None:
    starts = ["LONG    = ", *["CONTINUE  "] * (len(texts) - 1)]
    sign = "&" if has_signs else ""
    lines = [
        f"{start}'{text.replace(chr(39), 2 * chr(39))}{sign}'{comment}"
        for start, text in zip(starts, texts, strict=True)
    ]
    check(pad(*lines, "AFTER   =                    1"))


@pytest.mark.parametrize(
    ("card", "keyword", "value"),
    [
        ("EXPTIME =               1E-3 / s", "EXPTIME", 0.001),
        ("EXPTIME =                1.d2", "EXPTIME", 100.0),
        ("EXPTIME =             -0002.5D+01", "EXPTIME", -25.0),
        ("EXPTIME = 1D400", "EXPTIME", float("inf")),
        ("BIG     = 123456789012345678901234567890", "BIG", 123456789012345678901234567890),
        ("COUNT   =                  007", "COUNT", 7),
        ("EXTEND  =                    T / may be", "EXTEND", True),
        ("TARGNAME= 'O''NEIL  '           / 'the' / target", "TARGNAME", "O'NEIL"),
        ("TARGNAME= ''", "TARGNAME", ""),
        ("TARGNAME= ", "TARGNAME", None),
        ("TARGNAME=                      / unknown", "TARGNAME", None),
        ("OTHER   = (1.5, -2)", "OTHER", 1.5 - 2j),
        ("DP1     = 'AXIS.1: 2' / first", "DP1.AXIS.1", 2.0),
        ("TIME    = 'UT: 12:30'", "TIME", "UT: 12:30"),
        ("HIERARCH ESO DET GAIN = 2.5 / e", "ESO DET GAIN", 2.5),
    ],
)
def test_usual_cards_need_no_help(card: str, keyword: str, value: object) -> None:
    header = check(pad(card))
    assert repr(header.values) == repr({keyword: value})
    assert header.handed_over == ()


def test_a_long_text_needs_no_help() -> None:
    header = check(
        pad("LONG    = 'The end is &'", "CONTINUE  'not &' / of the text", "CONTINUE  'near. '")
    )
    assert header.values == {"LONG": "The end is not near."}
    assert header.handed_over == ()


def test_the_first_of_a_repeated_keyword_counts_and_the_others_are_kept() -> None:
    header = check(pad("A       = 1", "B       = 2", "A       = 'three'", "A       = 4"))
    assert list(header.values.items()) == [("A", 1), ("B", 2)]
    assert header.repeated == (("A", "three"), ("A", 4))


def test_commentary_stands_aside_in_its_order() -> None:
    header = check(pad("COMMENT = 5", "", "A       = 1", "        / SECTION", "HISTORY  done"))
    assert header.values == {"A": 1}
    assert header.commentary == (
        ("COMMENT", "= 5"), ("", ""), ("", "/ SECTION"), ("HISTORY", " done"),
    )  # fmt: skip


def test_an_unreadable_value_is_undefined_and_its_card_is_kept() -> None:
    card = pad("TARGNAME= 'HD\x00 1'")
    header = check(card + pad("A       = 1"))
    assert header.values == {"TARGNAME": None, "A": 1}
    assert header.unreadable == (("TARGNAME", card),)
    assert header.handed_over == ("TARGNAME",)
    with pytest.raises(ValueError, match="TARGNAME has a value that cannot be read"):
        header["TARGNAME"]


def test_name_and_version_have_defaults() -> None:
    header = read("EXTNAME = 'Sci '", "EXTVER  =                    2")
    assert (header.name, header.version) == ("SCI", 2)
    header = read("EXTVER  = 'two'", "EXTNAME =")
    assert (header.name, header.version) == ("", 1)


def test_a_header_travels_between_processes() -> None:
    header = read("A       = 1", "A       = 2", "HISTORY done", "B       = !")
    sent = pickle.dumps(header)
    assert pickle.loads(sent) == header
    assert len(sent) < 500
