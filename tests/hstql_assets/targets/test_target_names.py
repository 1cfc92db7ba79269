"""What of a proposal's target name names the target, and which spellings are one name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hstql_assets.targets.names import clean_name, fold_name


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("GW-LIB-COPY", "GW-LIB"),
        ("GW-LIB-COPY2", "GW-LIB"),
        ("V4046SGR-UPDATED", "V4046SGR"),
        ("V4046SGR-UPDAT", "V4046SGR"),
        ("V4046SGR-REVISED", "V4046SGR"),
        ("V4046SGR-REVISIT", "V4046SGR"),
        ("V4046SGR-REPEAT", "V4046SGR"),
        ("V4046SGR-TWEAK", "V4046SGR"),
        ("V4046SGR-VISIT3", "V4046SGR"),
        ("V4046SGR-EPOCH12", "V4046SGR"),
        ("V4046SGR-SECOND", "V4046SGR"),
        ("V4046SGR-VISIT2-COPY-UPDATED", "V4046SGR"),
        ("gw_lib_copy2", "gw_lib"),
        ("NAME-GW-LIB", "GW-LIB"),
        ("CL-ABELL2744", "ABELL2744"),
        ("NAME-GW-LIB-COPY", "GW-LIB"),
    ],
)
def test_marks_of_repetition_and_prefixes_are_left_out(name: str, left: str) -> None:
    clean = clean_name(name)
    assert clean.name == left
    assert not clean.is_body
    assert clean.notes


@pytest.mark.parametrize(
    "name",
    [
        "GW-LIB",
        "COPY",
        "-COPY",
        "NAME-",
        "NAMELESS",
        "CL-0016+16",  # a cluster's coordinates, not a prefix
        "CLOUD-7",
        "WILD-2",  # comets are numbered by their discoverers
        "HARTLEY-2",
        "NGC6752-UIT1",
        "HD128621-2",
        "IO-AND",
        "VISITOR",
        "X-VISIT",
        "SECONDARY",
    ],
)
def test_what_only_looks_like_a_mark_stays(name: str) -> None:
    assert clean_name(name).name == name
    assert clean_name(name).notes == ()


@pytest.mark.parametrize(
    ("name", "left"),
    [
        *((f"JUPITER-NORTH-{number}", "JUPITER-NORTH") for number in range(1, 15)),
        *((f"JUP-N-1-VISIT{number}", "JUP-N") for number in range(2, 8)),
        ("JUP-N-1", "JUP-N"),
        ("MARS-1", "MARS"),
        ("MARS-2", "MARS"),
        ("MARS-STIS", "MARS"),
        ("CERES-2", "CERES"),
        ("IO-ECLIPSE-3", "IO-ECLIPSE"),
        ("URANUS", "URANUS"),
    ],
)
def test_numbers_and_instruments_after_a_planet_are_left_out(name: str, left: str) -> None:
    clean = clean_name(name)
    assert clean.is_body
    assert clean.name == left


@pytest.mark.parametrize(
    "spellings",
    [
        ("GW-LIB", "GWLIB", "GW LIB", "gw_lib", "Gw--Lib"),
        ("GJ-436", "GJ436", "gj 436"),
        ("WD1145-017", "WD-1145-017", "WD_1145-017"),
        ("V*-GU-BOO", "V GU Boo"),
        ("HS0455+8315", "HS-0455+8315"),
    ],
)
def test_separators_do_not_make_another_name(spellings: tuple[str, ...]) -> None:
    assert len({fold_name(name) for name in spellings}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("HS0455+8315", "HS04558315"),
        ("WD1145-017", "WD1145017"),
        ("WD1145-017", "WD1145+017"),
        ("J112933+493525", "J112933-493525"),
        ("J020845.54+002236.07", "J02084554+00223607"),
        ("NGC-1-23", "NGC-12-3"),
        ("BD+28D4211", "BD28D4211"),
    ],
)
def test_a_sign_between_digits_belongs_to_the_name(one: str, other: str) -> None:
    assert fold_name(one) != fold_name(other)


@given(st.text(max_size=40) | st.text("aB1 -_.+*/'\"<>", max_size=40))
def test_cleaning_always_leaves_something_and_nothing_more_to_clean(name: str) -> None:
    clean = clean_name(name)
    assert bool(clean.key) == bool(name.strip())
    if fold_name(name):
        assert fold_name(clean.name) == clean.key


@given(st.text("ABC123", min_size=1, max_size=20), st.integers(0, 3))
def test_copies_of_copies_are_the_first(name: str, copies: int) -> None:
    assert clean_name(name + "-COPY" * copies).name == name
