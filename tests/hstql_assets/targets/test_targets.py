"""Slugs of targets: safe in paths, partition keys and tables, whatever the header says."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hstql_assets.targets import make_slug

SLUG = re.compile(r"[a-z0-9]([a-z0-9.+-]*[a-z0-9])?")


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("GJ-436", "gj-436"),
        ("SWIFTJ1357.2-0933", "swiftj1357.2-0933"),
        ("BD+28D4211", "bd+28d4211"),
        ("V* GU Boo", "v-gu-boo"),
        ("NGC  4151 / nucleus", "ngc-4151-nucleus"),
        ("'quoted' \"twice\"", "quoted-twice"),
        ("../../etc/passwd", "etc-passwd"),
        ("a..b...c", "a.b.c"),
        ("-.+x+.-", "x"),
        ("a;b|c&d$e`f", "a-b-c-d-e-f"),
        ("line\nbreak\ttab", "line-break-tab"),
        ("Beta Pictoris\u00e9\u65e5", "beta-pictoris"),
        ("A" * 30, "a" * 30),
    ],
)
def test_a_name_becomes_a_readable_slug(name: str, slug: str) -> None:
    assert make_slug(name) == slug


@pytest.mark.parametrize("name", ["", "..", ".", "*", "/", "'", '"', "   ", "\u65e5\u672c", "-+."])
def test_a_name_of_which_nothing_is_left_is_a_hash(name: str) -> None:
    assert re.fullmatch(r"target-[0-9a-f]{4}", make_slug(name))


def test_a_name_that_is_cut_ends_in_a_hash_that_tells_it_from_others() -> None:
    first, second = make_slug("X" * 39 + "1"), make_slug("X" * 39 + "2")
    assert re.fullmatch(r"x{25}-[0-9a-f]{4}", first)
    assert first != second
    assert make_slug("abcdefghijklmnopqrstuvwx-.-" + "y" * 20).startswith(
        "abcdefghijklmnopqrstuvwx-"
    )


@given(st.text(max_size=80) | st.text("ab.+-/ *\\$'\"", max_size=80))
def test_every_slug_keeps_the_rule_and_is_its_own_slug(name: str) -> None:
    slug = make_slug(name)
    assert SLUG.fullmatch(slug)
    assert ".." not in slug
    assert len(slug) <= 30
    assert make_slug(slug) == slug
    assert make_slug(name) == slug


@given(st.text("abcXYZ019.+- ", max_size=80))
def test_case_and_padding_do_not_matter_unless_a_hash_is_needed(name: str) -> None:
    slug = make_slug(name)
    if len(name) <= 30 and not slug.startswith("target-"):
        assert make_slug(f" {name.upper()} ") == slug
