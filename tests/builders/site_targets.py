"""Exposures of a few targets for the site: with composites, without a place, closed, odd names."""

from datetime import datetime
from pathlib import Path

from PIL import Image

from builders.site_rows import CLOSED, FUTURE, NOW, PAST, PUBLIC, Station
from hstql_resources import tables
from hstql_resources.sky_index import index_place

HOSTILE = """A/B "quoted" 'x' <script>alert(1)</script> 100% ..\\& *?,"""
PLACE, NEAR = (10.0, 20.0), (10.01, 20.0)
# Rootname: proposal, release, name in the header, slug, place.
ADDED: dict[str, tuple[int, datetime, str | None, str | None, tuple[float, float] | None]] = {
    "ltar01a1q": (PUBLIC, PAST, "DEEP-STAR", "deep-star", PLACE),
    "ltar01a2q": (CLOSED, FUTURE, "DEEP-STAR", "deep-star", PLACE),
    "ltar01a3q": (CLOSED, FUTURE, "DARK-HORSE", "dark-horse", NEAR),
    "ltar01a4q": (PUBLIC, PAST, HOSTILE, None, None),
    "ltar01a5q": (PUBLIC, PAST, "DEEPSTAR", "deep-star", NEAR),
}
OPEN_COMPOSITE = "hlsp_hstlc_hst_cos-fuv_deep-star_g130m_1291_psa_v1_sci.fits"
MIXED_COMPOSITE = "hlsp_hstlc_hst_cos-fuv_deep-star_g160m_1600_psa_v1_sci.fits"


def add_targets(station: Station) -> None:
    """Write rows and files of these targets."""
    with station.database.write() as writer:
        writer.upsert(tables.Product, [_product(name) for name in ADDED])
        writer.upsert(tables.Observation, [_observation(*one) for one in enumerate(ADDED)])
        writer.upsert(tables.File, [_file(name, station.home) for name in ADDED])
        writer.upsert(tables.Lightcurve, [
            _curve(name, station.home) for name, values in ADDED.items() if values[3]])  # fmt: skip
        writer.upsert(tables.Composite, [
            _composite(OPEN_COMPOSITE, "G130M", 1291, station.home),
            _composite(MIXED_COMPOSITE, "G160M", 1600, station.home),
        ])  # fmt: skip
        members = {"ltar01a1q": OPEN_COMPOSITE, "ltar01a5q": MIXED_COMPOSITE,
                   "ltar01a2q": MIXED_COMPOSITE}  # fmt: skip
        writer.upsert(tables.CompositeMember, [
            {"target": "deep-star", "rootname": name, "made_at": NOW, "filename": filename,
             "dataset": number}
            for number, (name, filename) in enumerate(members.items(), 1)
        ])  # fmt: skip
        writer.upsert(tables.Statistics, [
            {"filename": OPEN_COMPOSITE, "target": "deep-star", "kind": "composite",
             "poisson_factor": 1.75, "deliver": True, "ingest_date": NOW}])  # fmt: skip


def _product(name: str) -> dict[str, object]:
    released = ADDED[name][1]
    return {
        "filename": f"{name}_x1d.fits", "rootname": name, "dataset": name, "uri": "x",
        "size_bytes": 1, "access": "proprietary" if released == FUTURE else "public",
        "released_at": released, "listed_at": NOW,
    }  # fmt: skip


def _observation(number: int, name: str) -> dict[str, object]:
    proposal, _, target_name, slug, place = ADDED[name]
    ra, dec = place or (None, None)
    return {
        "rootname": name, "instrument": "cos", "detector": "FUV", "proposal_id": proposal,
        "exp_start_mjd": 59100.0 + number, "exp_time_s": 100.0, "target_name": target_name,
        "target": slug, "opt_elem": "G130M", "cenwave": 1291, "aperture": "PSA",
        "obs_type": "SPECTROSCOPIC", "ra_deg": ra, "dec_deg": dec, "sky_cell": index_place(ra, dec),
    }  # fmt: skip


def _file(name: str, home: Path) -> dict[str, object]:
    path = home / "files" / f"{name}_x1d.fits"
    path.write_bytes(f"spectrum of {name}".encode())
    return {
        "filename": path.name, "rootname": name, "filetype": "x1d", "kind": "calibrated",
        "path": str(path), "size_bytes": path.stat().st_size, "ingest_date": NOW,
    }  # fmt: skip


def _curve(name: str, home: Path) -> dict[str, object]:
    path = home / "products" / f"{name}_curve.fits"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(f"curve of {name}".encode())
    return {
        "rootname": name, "target": ADDED[name][3], "path": str(path), "bin_s": 2.0, "bins": 50,
        "gross_counts": 9, "is_flux_calibrated": True, "exposure_s": 100.0, "ingest_date": NOW,
    }  # fmt: skip


def _composite(filename: str, opt_elem: str, cenwave: int, home: Path) -> dict[str, object]:
    path, plot = (home / part / "composites" / filename for part in ("products", "plots"))
    for one in (path, plot):
        one.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(f"composite {filename}".encode())
    Image.new("L", (8, 8)).save(plot.with_suffix(".png"))
    return {
        "target": "deep-star", "instrument": "cos", "detector": "FUV", "opt_elem": opt_elem,
        "cenwave": cenwave, "aperture": "PSA", "path": str(path), "filename": filename,
        "exposures": 1, "bin_s": 2.0, "bins": 50, "gross_counts": 9, "is_flux_calibrated": True,
        "is_background_subtracted": True, "exposure_s": 100.0, "exp_start_mjd": 59100.0,
        "exp_end_mjd": 59101.0, "ingest_date": NOW,
    }  # fmt: skip
