"""Rows of the tables that the views of cosmo show."""

import datetime as dt

from hstql_resources import tables

NOW = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
MJD = 57_204.5  # 2015-07-01 12:00


def dark(bin_number: int, region: str = "main", **changes: object) -> dict[str, object]:
    return {
        "filename": "ldark001q_corrtag_a.fits", "region": region, "bin": bin_number,
        "rootname": "ldark001q", "detector": "FUVA", "start_mjd": MJD, "mid_mjd": MJD,
        "live_time_s": 25.0, "pixels": 4_169_700, "counts": 80, "all_counts": 100,
        "rate": 7.67441302e-7, "rate_error": 1e-8, "all_rate": 9.59301628e-7,
        "all_rate_error": 1e-8, "latitude_deg": -12.5, "longitude_deg": 200.25,
        "sun_latitude_deg": 23.0, "sun_longitude_deg": 181.0, "temperature_c": 24.9,
        "is_in_saa": False, "ingest_date": NOW, **changes,
    }  # fmt: skip


def shift(filetype: str, segment: str, flash: int, **changes: object) -> dict[str, object]:
    return {
        "filename": f"llamp001q_{filetype}.fits", "segment": segment, "flash": flash,
        "rootname": "llamp001q", "filetype": filetype, "detector": segment[:3],
        "opt_elem": "G130M", "cenwave": 1291, "fppos": 3, "life_adj": 4, "proposal_id": 14767,
        "exp_start_mjd": 55692.66989162, "time_s": 3.0, "shift_disp": -33.5, "shift_xdisp": 0.25,
        "fp_pixel_shift": 1.5, "shift_without_fppos": -35.0, "is_found": True,
        "lamptab": "lref$23n1744jl_lamp.fits", "ingest_date": NOW, **changes,
    }  # fmt: skip


def stim(bin_number: int, **changes: object) -> dict[str, object]:
    places = {f"stim{n}_{axis}": 100.25 * n for n in (1, 2) for axis in "xy"}
    return {
        "filename": "lstim001q_corrtag_a.fits", "bin": bin_number, "rootname": "lstim001q",
        "segment": "FUVA", "exp_start_mjd": MJD, "start_s": 120.0 * bin_number,
        "duration_s": 120.0, "live_s": 120.0, "mid_mjd": MJD, "counts": 700, "stim_rate_hz": 4.0,
        "boxes": "BRFTAB", "stim1_counts": 240, "stim2_counts": 240, **places,
        **{f"{name}_error": 0.1 for name in places}, "ingest_date": NOW, **changes,
    }  # fmt: skip


def gain(image: str, mjd: float, value: float, x: int = 400) -> dict[str, object]:
    return {
        "image": image, "x": x, "y": 250, "segment": "FUVA", "high_voltage": 163,
        "exp_start_mjd": mjd, "gain": value, "gain_error": 0.1, "width": 2.0, "width_error": None,
        "counts": 90, "all_counts": 100, "quality": 1.0,
    }  # fmt: skip


def flagged() -> dict[str, object]:
    return {
        "segment": "FUVA", "high_voltage": 163, "x": 400, "y": 250, "flagged_mjd": 57300.5,
        "gain": 2.75, "gain_error": 0.1, "image": "fuva_163_2015-10-05",
    }  # fmt: skip


def trend() -> dict[str, object]:
    return {
        "segment": "FUVA", "high_voltage": 163, "x": 400, "y": 250, "measurements": 9,
        "reference_mjd": 57000.0, "gain": 8.0, "gain_error": 0.1, "slope": -0.01,
        "slope_error": 0.001, "projected_mjd": 57500.0, "projected_error_d": 10.0,
    }  # fmt: skip


def acquisition(**changes: object) -> dict[str, object]:
    return {
        "filename": "lacq0001q_rawacq.fits", "rootname": "lacq0001q", "ingest_date": NOW,
        "exposure_type": "ACQ/PEAKD", "obset_id": "01", "line_number": "01.003",
        "target_name": "GJ-436", "slew_x_arcsec": 0.105, **changes,
    }  # fmt: skip


def spectrum(filename: str = "ld9m10ujq_x1d.fits", filetype: str = "x1d") -> dict[str, object]:
    return {
        "filename": filename, "rootname": filename[:9], "filetype": filetype, "spectra": 2,
        "pixels": 100, "good_pixels": 80, "wave_min": 1130.0, "wave_max": 1430.0,
        "flux_mean": 2e-15, "flux_max": 9e-15, "flux_std": 1e-15, "flux_mean_all": 1e-15,
        "flux_max_all": 8e-13, "flux_std_all": 3e-14, "ingest_date": NOW,
    }  # fmt: skip


def heights() -> dict[str, object]:
    return {
        "filename": "ld9m10ujq_corrtag_a.fits", "rootname": "ld9m10ujq", "segment": "FUVA",
        "events": 496, "ingest_date": NOW, **{f"pha_{n}": n for n in range(32)},
    }  # fmt: skip


def file(filename: str, ending: str = "") -> dict[str, object]:
    rootname, filetype = filename.removesuffix(".fits").split("_", 1)
    return {
        "filename": filename, "rootname": rootname, "filetype": filetype, "kind": "raw",
        "path": f"/archive/{rootname}/{filename}{ending}", "size_bytes": 1, "ingest_date": NOW,
    }  # fmt: skip


FILES = (
    "ldark001q_corrtag_a.fits", "llamp001q_lampflash.fits", "lstim001q_corrtag_a.fits",
    "lacq0001q_rawacq.fits", "ld9m10ujq_x1d.fits", "ld9m10ujq_corrtag_a.fits",
    "lnone001q_corrtag_a.fits",
)  # fmt: skip
ROWS: dict[type[tables.Base], list[dict[str, object]]] = {
    tables.File: [*(file(name, ".gz") for name in FILES), file("o4er06llq_spt.fits")],
    tables.DarkRate: [
        dark(0), dark(1, mid_mjd=57_387.75, rate=0.0, temperature_c=None),
        dark(0, region="inner"),
    ],
    tables.OsmShift: [
        shift("lampflash", "FUVA", 1), shift("lampflash", "FUVB", 1),
        shift("lampflash", "FUVA", 2, shift_without_fppos=None, fp_pixel_shift=None, lamptab=None),
        shift("rawacq", "NUV", 1, fppos=3, shift_disp=313.0, shift_without_fppos=None,
              is_found=None, shift_xdisp=813.0, lamptab="N/A"),
    ],
    tables.StimPulse: [stim(0), stim(1, stim1_x=None, stim1_y=None, stim1_counts=0)],
    tables.Gain: [
        gain("fuva_163_2015-01-05", 57100.5, 7.5),
        gain("fuva_163_2015-01-05", 57100.5, 8.0, x=401),
        gain("l_2015001000000_00_163_cci", 57300.5, 2.75),
    ],
    tables.FlaggedPixel: [flagged()],
    tables.GainTrend: [trend()],
    tables.Acquisition: [acquisition()],
    tables.SpectrumStatistics: [spectrum(), spectrum("ld9m10010_x1dsum.fits", "x1dsum"),
                                spectrum("odbue5030_x1d.fits")],
    tables.PulseHeights: [heights()],
}  # fmt: skip
