"""Which types of files the archive has, and in what order they speak for their exposure."""

import json
import re
from importlib import resources
from pathlib import Path

import pytest

from hstql_resources.filenames import INSTRUMENTS, parse_filename
from hstql_resources.filetypes import (
    BY_NAME,
    KNOWING_ASSOCIATION,
    SPEAKING,
    TYPES,
    FileType,
    rank_of,
)


def test_a_name_stands_for_one_type() -> None:
    assert len(BY_NAME) == sum(len(one.names) for one in TYPES)
    assert {letter for one in TYPES for letter in one.letters} == set(INSTRUMENTS)


def test_every_real_file_is_of_a_known_type(real_archive) -> None:
    found = [parse_filename(path.name) for path in real_archive.rglob("*_*.fits*")]
    assert len(found) > 150
    assert {parsed.kind for parsed in found} == {"raw", "calibrated"}


def test_what_was_made_speaks_before_what_it_was_made_from() -> None:
    order = ["corrtag_a", "flt", "x1d", "rawtag_a", "rawacq", "spt", "jit", "other"]
    assert sorted(set(order), key=rank_of) == order


def test_the_parts_of_other_exposures_are_silent() -> None:
    assert not SPEAKING & {"asn", "jif", "jit", "wav", "wsp", "trl", "hlet", "other"}
    assert {"asn", "jit", "jif", "flt", "raw", "spt"} <= KNOWING_ASSOCIATION
    assert not KNOWING_ASSOCIATION & {"wav", "wsp", "other"}


@pytest.mark.parametrize("suffix", ["flt_hlet", "flc_409e04_hlet"])
def test_headerlets_are_one_type(suffix: str) -> None:
    parsed = parse_filename(f"j8bt05njq_{suffix}.fits")
    assert parsed is not None
    assert (parsed.filetype, parsed.kind) == ("hlet", "calibrated")


def test_the_documentation_lists_all_types_in_their_order() -> None:
    page = (Path(__file__).parents[2] / "docs" / "files.md").read_text()
    assert re.findall(r"^\| (`[a-z].*) \|$", page, re.MULTILINE) == [
        _describe(one) for one in TYPES
    ]


def _describe(one: FileType) -> str:
    names = ", ".join(f"`{name}`" for name in one.names)
    instruments = ", ".join(INSTRUMENTS[letter].upper() for letter in one.letters)
    speaks = "yes" if one.speaks else "association" if one.knows_association else "no"
    return f"{names} | {instruments} | {one.kind} | {speaks} | {one.about}"


def test_suffixes_of_reference_files_are_those_of_crds() -> None:
    crds = pytest.importorskip("crds")
    text = resources.files(crds).joinpath("hst/specs/combined_specs.json").read_text()
    suffixes = {
        (instrument, kind["suffix"])
        for instrument, kinds in json.loads(text).items()
        for kind in kinds.values()
        if instrument in INSTRUMENTS.values()
        if isinstance(kind, dict) and "suffix" in kind
    }
    assert len(suffixes) > 80
    for _, suffix in suffixes - {("cos", "pha")}:
        assert parse_filename(f"o9a1234al_{suffix}.fits").kind == "reference"  # type: ignore[union-attr]
