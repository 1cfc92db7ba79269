"""Which tables the headers of a file are in that does not name its detector."""

from pathlib import Path

import pytest

from builders.associations import (
    ASSOCIATION,
    MEMBER,
    OTHER_MEMBER,
    put,
    put_association,
    put_member,
)
from builders.header_reading import read_everything, read_stored
from builders.pipeline import Pipeline
from hstql_assets.headers.recording import settle_associations
from hstql_resources.tables import Observation


def ingest(pipeline: Pipeline, *keys: str) -> None:
    """Take the header step as the asset does."""
    pipeline.ingest("acs", keys)
    settle_associations(pipeline.clients.database, pipeline.clients.workers, "acs", keys)


def tables(pipeline: Pipeline) -> dict[str, set[str]]:
    """Names of the header tables by file."""
    found: dict[str, set[str]] = {}
    for (name, _), header in read_stored(pipeline.clients.database).items():
        found.setdefault(name, set()).add(header.table.name)
    return found


def detectors(pipeline: Pipeline) -> dict[object, object]:
    return {row["rootname"]: row["detector"] for row in pipeline.rows(Observation)}


KNOWN = {"acs_wfc_asn_primary", "acs_wfc_asn_asn"}
UNKNOWN = {"acs_unknown_asn_primary", "acs_unknown_asn_asn"}


def test_an_association_waits_for_its_members(pipeline: Pipeline, tmp_path: Path) -> None:
    put_association(tmp_path)
    ingest(pipeline, ASSOCIATION)
    assert tables(pipeline) == {f"{ASSOCIATION}_asn.fits": UNKNOWN}
    put_member(tmp_path)
    ingest(pipeline, MEMBER)
    assert tables(pipeline)[f"{ASSOCIATION}_asn.fits"] == KNOWN
    assert detectors(pipeline) == {ASSOCIATION: "WFC", MEMBER: "WFC"}
    assert not [name for name in read_everything(pipeline.clients.database) if "unknown" in name]


@pytest.mark.parametrize("keys", [(ASSOCIATION, MEMBER), (MEMBER, ASSOCIATION)])
def test_an_association_is_of_the_detector_of_members_in_the_same_batch(
    pipeline: Pipeline, tmp_path: Path, keys: tuple[str, str]
) -> None:
    put_association(tmp_path)
    put_member(tmp_path)
    ingest(pipeline, *keys)
    assert tables(pipeline)[f"{ASSOCIATION}_asn.fits"] == KNOWN


def test_an_association_that_comes_after_its_members_needs_no_second_reading(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    put_association(tmp_path)
    put_member(tmp_path)
    put_member(tmp_path, OTHER_MEMBER)
    pipeline.ingest("acs", [MEMBER, OTHER_MEMBER])
    pipeline.ingest("acs", [ASSOCIATION])
    assert tables(pipeline)[f"{ASSOCIATION}_asn.fits"] == KNOWN
    assert detectors(pipeline)[ASSOCIATION] == "WFC"


def test_what_the_association_was_of_stays_when_it_is_read_again(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    put_association(tmp_path)
    put_member(tmp_path)
    ingest(pipeline, ASSOCIATION, MEMBER)
    before = read_everything(pipeline.clients.database)
    ingest(pipeline, ASSOCIATION)
    assert read_everything(pipeline.clients.database) == before


def test_a_file_is_of_its_own_detector_before_that_of_a_sibling(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    put(tmp_path, f"{MEMBER}_flt.fits", {"DETECTOR": "HRC"})
    put(tmp_path, f"{MEMBER}_raw.fits", {"DETECTOR": "WFC"})
    put(tmp_path, f"{MEMBER}_spt.fits", {"CONFIG": "ACS/SBC"}, "UDL")
    put(tmp_path, f"{MEMBER}_jit.fits", {"CONFIG": "S/C"}, "jit")
    put(tmp_path, f"{MEMBER}_asn.fits", {}, "ASN")
    ingest(pipeline, MEMBER)
    assert tables(pipeline) == {
        f"{MEMBER}_flt.fits": {"acs_hrc_flt_primary", "acs_hrc_flt_sci"},
        f"{MEMBER}_raw.fits": {"acs_wfc_raw_primary", "acs_wfc_raw_sci"},
        f"{MEMBER}_spt.fits": {"acs_sbc_spt_primary", "acs_sbc_spt_udl"},
        f"{MEMBER}_jit.fits": {"acs_hrc_jit_primary", "acs_hrc_jit_jit"},
        f"{MEMBER}_asn.fits": {"acs_hrc_asn_primary", "acs_hrc_asn_asn"},
    }


def test_a_spacecraft_is_no_detector(pipeline: Pipeline, tmp_path: Path) -> None:
    put(tmp_path, f"{MEMBER}_jit.fits", {"CONFIG": "S/C", "INSTRUME": "FGS"}, "jit")
    ingest(pipeline, MEMBER)
    assert detectors(pipeline) == {MEMBER: "unknown"}
    assert tables(pipeline) == {
        f"{MEMBER}_jit.fits": {"acs_unknown_jit_primary", "acs_unknown_jit_jit"}
    }
