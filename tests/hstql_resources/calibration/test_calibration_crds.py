"""The real crds client on a generated cache of rules, without a network."""

import hashlib
import importlib.util
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from astropy.io import fits

from builders.calibration_files import plan, write_raw
from hstql_resources.calibration.crds_choice import choose_references, is_configured
from hstql_resources.calibration.errors import CrdsError
from hstql_resources.calibration.reference_files import ReferenceSet, assemble_references

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("crds") is None, reason="crds is not installed"
)
NUV = {"INSTRUME": "COS", "DETECTOR": "NUV", "DATE-OBS": "2017-01-01", "TIME-OBS": "06:00:00"}


def write_mapping(folder: Path, name: str, selector: str, **header: object) -> None:
    """Write a mapping of rules with the checksum that crds demands: of all lines but its own."""
    lines = [f"    {key!r} : {value!r},\n" for key, value in sorted(header.items())]
    body = "header = {\n" + f"    'name' : {name!r},\n    'observatory' : 'HST',\n" + "".join(lines)
    rest = "}\n\nselector = " + selector + "\n"
    checksum = hashlib.sha1((body + rest).encode()).hexdigest()
    (folder / name).write_text(f"{body}    'sha1sum' : '{checksum}',\n{rest}")


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """A cache with two kinds of files: one changes with time; the other has no NUV, and is N/A."""
    root = tmp_path / "crds"
    mappings, config = root / "mappings" / "hst", root / "config" / "hst"
    for folder in (mappings, config, root / "references" / "hst" / "cos"):
        folder.mkdir(parents=True)
    rules = {
        "flatfile": "{'2009-01-01 00:00:00' : 'x6n16117l_flat.fits', '2016-01-01 00:00:00' : "
        "'z6n16117l_flat.fits'}",
        "brftab": "{'2009-01-01 00:00:00' : 'N/A'}",
        "deadtab": "{'2009-01-01 00:00:00' : 's7g1700gl_dead.fits'}",
    }
    usual = {
        "derived_from": "generated", "mapping": "REFERENCE", "instrument": "COS",
        "parkey": (("DETECTOR",), ("DATE-OBS", "TIME-OBS")), "classes": ("Match", "UseAfter"),
        "reffile_format": "TABLE", "reffile_required": "NONE", "reffile_switch": "NONE",
        "rmap_relevance": "ALWAYS", "extra_keys": (),
    }  # fmt: skip
    for kind, use_after in rules.items():
        selector = f"Match({{('NUV',) : UseAfter({use_after})}})"
        name = f"hst_cos_{kind}_0001.rmap"
        write_mapping(mappings, name, selector, filekind=kind.upper(), **usual)
    kinds = {kind: f"hst_cos_{kind}_0001.rmap" for kind in rules}
    write_mapping(mappings, "hst_cos_0001.imap", repr(kinds), mapping="INSTRUMENT",
                  instrument="COS", parkey=("REFTYPE",), derived_from="generated")  # fmt: skip
    write_mapping(mappings, "hst_0001.pmap", "{'COS' : 'hst_cos_0001.imap'}", mapping="PIPELINE",
                  parkey=("INSTRUME",), derived_from="generated")  # fmt: skip
    server = {
        "observatory": "hst", "operational_context": "hst_0001.pmap",
        "edit_context": "hst_0001.pmap", "bad_files": "", "bad_files_set": set(),
        "crds_version": {"str": "14.0"}, "force_remote_mode": False, "last_synced": "never",
    }  # fmt: skip
    (config / "server_config").write_text(repr(server))
    (config / "ref_cache_subdir_mode").write_text("instrument")
    for name in ("x6n16117l_flat.fits", "z6n16117l_flat.fits"):
        (root / "references" / "hst" / "cos" / name).write_text(name)
    return root


def environment(cache: Path, **more: str) -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "HOME": str(cache), "CRDS_PATH": str(cache), **more}


def best_references(header: dict[str, str], variables: dict[str, str]) -> dict[str, str]:
    """What crds chooses for a raw file with such a primary header."""
    with TemporaryDirectory() as folder:
        raw = Path(folder) / "ldfd01vnq_rawtag.fits"
        fits.PrimaryHDU(header=fits.Header(header)).writeto(raw)
        return choose_references([raw], variables).choices[raw.name]


def test_the_rules_decide_by_detector_and_date(cache: Path) -> None:
    new = {"FLATFILE": "z6n16117l_flat.fits", "BRFTAB": "N/A", "DEADTAB": "s7g1700gl_dead.fits"}
    assert best_references(NUV, environment(cache)) == new
    early = NUV | {"DATE-OBS": "2012-01-01"}
    assert best_references(early, environment(cache))["FLATFILE"] == "x6n16117l_flat.fits"


def test_a_choice_is_found_in_the_cache_and_what_is_in_no_place_is_named(
    cache: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "raw"
    folder.mkdir()
    raw = write_raw(folder, "ldfd01vnq_rawtag.fits", INSTRUME="COS", FLATCORR="PERFORM",
                    FLATFILE="lref$of_header.fits", BRFTAB="lref$brf.fits", DEADCORR="OMIT",
                    DEADTAB="N/A")  # fmt: skip
    with fits.open(raw, mode="update") as hdus:
        hdus[1].header.update({"DATE-OBS": "2017-01-01", "TIME-OBS": "06:00:00"})
    # A server that does not answer is not asked where there are rules.
    choice = choose_references([raw], environment(cache, CRDS_SERVER_URL="http://127.0.0.1:9"))
    units = plan(folder, "ldfd01vnq").units
    find = choice.find_with(lambda _value: None)
    references = assemble_references(units, find, choice.choices)["ldfd01vnq"]
    assert references == ReferenceSet(
        {"z6n16117l_flat.fits": cache / "references" / "hst" / "cos" / "z6n16117l_flat.fits"},
        {
            "ldfd01vnq_rawtag.fits": {
                "FLATFILE": "lref$z6n16117l_flat.fits",
                "BRFTAB": "N/A",
                "DEADTAB": "lref$s7g1700gl_dead.fits",
            }
        },
    )
    with fits.open(raw, mode="update") as hdus:
        hdus[0].header["DEADCORR"] = "PERFORM"
    lost = assemble_references(units, find, choice.choices)["ldfd01vnq"]
    assert "nowhere: s7g1700gl_dead.fits (DEADTAB)." in str(lost)


def test_without_rules_or_server_the_reason_is_one_sentence_and_quick(tmp_path: Path) -> None:
    started = time.monotonic()
    with pytest.raises(CrdsError, match=r"set CRDS_PATH to the folder of its cache, and CRDS_SER"):
        best_references(NUV, {})
    with pytest.raises(CrdsError, match=r"holds none, and CRDS_SERVER_URL is not set\.$"):
        best_references(NUV, environment(tmp_path))
    with pytest.raises(CrdsError, match=r"http://127.0.0.1:9 does not answer\.$"):
        best_references(NUV, environment(tmp_path, CRDS_SERVER_URL="http://127.0.0.1:9"))
    assert time.monotonic() - started < 300
    assert not is_configured({})
    assert is_configured({"CRDS_PATH": "/somewhere"})


def test_what_crds_cannot_do_is_said_in_its_words(cache: Path) -> None:
    (cache / "mappings" / "hst" / "hst_cos_0001.imap").unlink()
    with pytest.raises(CrdsError, match=r"could not be chosen: .*Failed caching mapping files"):
        best_references(NUV, environment(cache))
    with pytest.raises(CrdsError, match="could not be chosen: "):
        best_references(NUV | {"INSTRUME": "NICMOS"}, environment(cache))
