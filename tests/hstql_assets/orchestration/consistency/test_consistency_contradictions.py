"""Headers that contradict their names: none of the good real files, every planted one."""

from dataclasses import replace
from pathlib import Path

import pytest
from astropy.io import fits

from builders.consistency_station import ConsistencyStation
from builders.graph_station import CONSTANT, ECLIPSE
from hstql_assets.headers.summary import summarize
from hstql_assets.orchestration.consistency import findings as kinds
from hstql_assets.orchestration.consistency.header_mismatch import (
    NamedHeader,
    Programmed,
    find_header_mismatches,
    find_split_programs,
    list_complaints,
)
from hstql_resources.archive.directory import DirectoryArchive
from hstql_resources.filenames import INSTRUMENTS, parse_filename
from hstql_resources.fits.file_headers import FileHeaders, read_headers

GOOD = NamedHeader(
    "ld9m10ujq_x1d.fits", "ld9m10ujq", "ld9m10ujq", "ld9m10ujq_x1d.fits", "COS", "FUV", "14767",
    "FUV", "14767",
)  # fmt: skip


def text(value: object) -> str | None:
    return None if value is None else str(value)


def name_headers(key: str, files: list[FileHeaders]) -> list[NamedHeader]:
    """Return each header of each file, also those beyond the primary."""
    columns = summarize(key, files).columns
    return [
        NamedHeader(
            parse_filename(file.filename).name,
            key,
            *(text(header.values.get(name))
              for name in ("ROOTNAME", "FILENAME", "INSTRUME", "DETECTOR", "PROPOSID")),
            known_detector=text(columns["detector"]),
            known_proposal=text(columns["proposal_id"]),
        )
        for file in files
        for header in file.headers
    ]  # fmt: skip


@pytest.fixture(scope="module")
def real_headers(real_archive: Path) -> list[NamedHeader]:
    archive = DirectoryArchive(real_archive)
    keys = [key for name in INSTRUMENTS.values() for key in archive.find_rootnames(name)]
    return [
        header
        for key, products in archive.list_products(keys).items()
        for header in name_headers(key, [
            read_headers(Path(one.location), parse_filename(one.filename).filetype)
            for one in products
        ])
    ]  # fmt: skip


def test_no_header_of_a_good_real_file_is_flagged(real_headers: list[NamedHeader]) -> None:
    assert len({header.filename for header in real_headers}) == 193
    assert len(real_headers) > 400
    assert find_header_mismatches(real_headers) == []


def test_a_plain_comparison_would_flag_a_third_of_the_good_files(
    real_headers: list[NamedHeader],
) -> None:
    unlike = {
        header.filename
        for header in real_headers
        if header.rootname not in (None, header.filename[:9])
        or header.header_filename not in (None, header.filename)
    }
    assert len(unlike) == 68


def test_another_rootname_put_into_a_real_header_is_flagged(
    real_headers: list[NamedHeader],
) -> None:
    said = [header for header in real_headers if (header.rootname or "").strip()]
    assert len(said) > 200
    for header in said:
        assert list_complaints(replace(header, rootname="ldxe99zzq")), header


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"rootname": "ld9m10uvq"}, "ROOTNAME is ld9m10uvq."),
        ({"rootname": "LD9M10UJQ "}, None),
        ({"rootname": " "}, None),
        ({"header_filename": "ld9m10ujq_corrtag_a.fits"}, "FILENAME is ld9m10ujq_corrtag_a.fits."),
        ({"header_filename": "ld9m10uvq_x1d.fits"}, "FILENAME is ld9m10uvq_x1d.fits."),
        ({"header_filename": "copy of it.fits"}, "FILENAME is copy of it.fits."),
        ({"header_filename": "/data/ld9m10ujq_x1d.fits.gz"}, None),
        ({"header_filename": ""}, None),
        ({"instrument": "STIS"}, "INSTRUME is STIS."),
        ({"instrument": "FGS"}, "INSTRUME is FGS."),
        ({"detector": "NUV"}, "DETECTOR is NUV, and FUV elsewhere."),
        ({"detector": None}, None),
        ({"known_detector": "unknown"}, None),
        ({"proposal": "14768"}, "PROPOSID is 14768, and 14767 elsewhere."),
        ({"proposal": "14767.0"}, None),
        ({"proposal": "14A"}, "PROPOSID is 14A, and 14767 elsewhere."),
        ({"proposal": None}, None),
        ({"key": "ld9m10uvq"}, "It lies in the folder of ld9m10uvq."),
    ],
)
def test_what_is_harmless_and_what_is_not(change: dict[str, str], complaint: str | None) -> None:
    expected = [] if complaint is None else [complaint]
    assert list_complaints(replace(GOOD, **change)) == expected


@pytest.mark.parametrize(
    ("filename", "rootname", "is_harmless"),
    [
        ("ldfd01010_x1dsum1.fits", "ldfd01vnq", True),  # a member
        ("ldfd01010_x1dsum1.fits", "ldfd02vnq", False),  # of another visit
        ("ldfd01010_x1dsum1.fits", "ldfd01020", False),  # another association
        ("ldfd01vlj_jit.fits", "ldfd01vlq", True),  # the exposure of a jitter file
        ("ldfd01vlj_jit.fits", "ldfd01vnj", False),
        ("ldfd01vlq_spt.fits", "ldfd01010", False),  # an exposure is no association
    ],
)
def test_members_of_an_association_and_jitter_files_are_known(
    filename: str, rootname: str, is_harmless: bool
) -> None:
    header = NamedHeader(filename, filename[:9], rootname=rootname)
    assert (list_complaints(header) == []) == is_harmless


def test_a_jit_may_say_jif_and_fgs_and_an_image_may_not() -> None:
    jit = NamedHeader("obri05010_jit.fits", "obri05010", header_filename="obri05010_jif.fits",
                      instrument="FGS")  # fmt: skip
    assert list_complaints(jit) == []
    flt = replace(jit, filename="obri05010_flt.fits")
    assert list_complaints(flt) == ["FILENAME is obri05010_jif.fits.", "INSTRUME is FGS."]


def test_the_odd_proposal_of_a_program_is_named_and_both_where_none_has_more() -> None:
    program = [Programmed(f"ld9m1{number}ujq", 14767) for number in range(3)]
    odd = Programmed("ld9m99zzq", 14000, "/somewhere")
    other = Programmed("ldfd01vlq", 14933)
    assert find_split_programs([*program, other]) == []
    (finding,) = find_split_programs([*program, odd, other])
    assert (finding.key, finding.path) == ("ld9m99zzq", "/somewhere")
    assert finding.detail == "PROPOSID is 14000, and 14767 in other observations of ld9m."
    assert len(find_split_programs([program[0], odd])) == 2


def test_planted_headers_are_found_through_the_tables(made: ConsistencyStation) -> None:
    folder = made.mirror / CONSTANT[:4]
    planted = {
        folder / CONSTANT / f"{CONSTANT}_x1d.fits": ("ROOTNAME", "lzzz01aaq"),
        folder / CONSTANT / f"{CONSTANT}_spt.fits": ("FILENAME", "lzzz01aaq_spt.fits"),
        folder / ECLIPSE / f"{ECLIPSE}_x1d.fits": ("INSTRUME", "STIS"),
        folder / ECLIPSE / f"{ECLIPSE}_spt.fits": ("PROPOSID", 12345),
    }
    for path, (keyword, value) in planted.items():
        fits.setval(path, keyword, value=value)
    wrong = folder / CONSTANT / f"{ECLIPSE}_jit.fits"
    (folder / ECLIPSE / wrong.name).rename(wrong)
    made.station.make("cos/raw_files", "cos/calibrated_files", "cos/header_tables", mode="all")
    findings = made.findings()
    found = findings[kinds.CONTRADICTION]
    told = {Path(one.path).name: one.detail.split(" is ")[0] for one in found}
    assert told == {path.name: keyword for path, (keyword, _) in planted.items()}
    # It belongs to the exposure of its name, and its folder is told.
    assert [path.parent.name for path in made.files(wrong.name)] == [ECLIPSE]
    assert [one.path for one in findings[kinds.MISPLACED]] == [str(wrong)]
    assert not any(one.can_heal for one in (*found, *findings[kinds.MISPLACED]))


@pytest.mark.full
def test_the_real_archive_is_without_contradiction_in_the_tables(
    copying: ConsistencyStation, real_archive: Path
) -> None:
    real = copying.on(DirectoryArchive(real_archive))
    real.station.make("cos/header_tables")
    checked = real.examine()
    assert {name: one.findings for name, one in checked.items() if not one.passed} == {}
    assert checked["headers_agree_with_names"].notes["harmless_differences"] > 0
    assert checked["files_are_there"].notes["rows_compared"] == 48
