"""Rows of the tables that the views of hstlc show."""

import datetime as dt

NOON = dt.datetime(2026, 11, 21, 23, 30, tzinfo=dt.timezone(dt.timedelta(hours=-1)))
NEXT_DAY = dt.date(2026, 11, 22)
COMPOSITE = "hlsp_hstlc_hst_cos-fuv_gwlib_g130m_1291_psa_v1_sci.fits"


def observation(rootname: str, instrument: str = "cos", **changes: object) -> dict[str, object]:
    return {
        "rootname": rootname,
        "instrument": instrument,
        "detector": "FUV",
        "obs_type": "SPECTROSCOPIC",
        "opt_elem": "G130M",
        "cenwave": 1291,
        "aperture": "PSA",
        "fppos": 3,
        **changes,
    }


def file(rootname: str, filetype: str, ending: str = ".fits") -> dict[str, object]:
    return {
        "filename": f"{rootname}_{filetype}.fits",
        "rootname": rootname,
        "filetype": filetype,
        "kind": "calibrated",
        "path": f"/archive/{rootname[:4]}/{rootname}/{rootname}_{filetype}{ending}",
        "size_bytes": 1,
        "cal_ver": "3.6.2" if rootname != "oimage01q" else None,
        "ingest_date": NOON,
    }


def bad(filename: str, reason: str) -> dict[str, object]:
    return {
        "filename": filename, "rootname": filename[:9], "reason": reason,
        "step": "cos/lightcurves", "ingest_date": NOON,
    }  # fmt: skip


def name(rootname: str) -> dict[str, object]:
    return {
        "rootname": rootname, "target_name": "GW-LIB-COPY2", "resolved_name": "GWLIB",
        "target": "gwlib", "reason": "-", "decided_at": NOON,
    }  # fmt: skip


def lightcurve(rootname: str) -> dict[str, object]:
    return {
        "rootname": rootname, "target": "gwlib", "bin_s": 2.0, "bins": 3, "gross_counts": 30,
        "path": f"/home/products/lightcurves/gwlib/{rootname}_curve.fits",
        "is_flux_calibrated": True, "exposure_s": 6.0, "ingest_date": NOON,
    }  # fmt: skip


def composite() -> dict[str, object]:
    return {
        "target": "gwlib", "instrument": "cos", "detector": "FUV", "opt_elem": "G130M",
        "cenwave": 1291, "aperture": "PSA", "path": f"/home/products/composites/{COMPOSITE}",
        "filename": COMPOSITE, "exposures": 2, "bin_s": 2.0, "bins": 6, "gross_counts": 60,
        "is_flux_calibrated": True, "is_background_subtracted": True, "exposure_s": 12.0,
        "exp_start_mjd": 57000.0, "exp_end_mjd": 57001.0, "ingest_date": NOON,
    }  # fmt: skip


def member(rootname: str, filename: str | None) -> dict[str, object]:
    return {"target": "gwlib", "rootname": rootname, "made_at": NOON, "filename": filename}


def statistics(filename: str, rootname: str | None, **numbers: object) -> dict[str, object]:
    numbers = {
        "total": 30.0, "mean": 10.0, "mu": 3.2, "stdev": 3.0, "poisson_factor": 0.9,
        "pearson_r": 0.1, "pearson_p": 0.8, "periodogram": True, **numbers,
    }  # fmt: skip
    kind = "individual" if rootname else "composite"
    return {
        "filename": filename,
        "rootname": rootname,
        "kind": kind,
        "ingest_date": NOON,
        **numbers,
    }
