"""What the views of the schema cosmo and their columns are, in words."""

from hstql_resources.tables.migrations.cosmo_headers import comment_headers, comment_support

_ID = {"id": "Computed from what the row is of"}
_OF_FILE = {"id": "Computed from the filename", "file_id": "id of the file in files"}
_PLACE = {
    "segment": "FUVA or FUVB",
    "dethv": "Commanded high-voltage level",
    "x": "Superpixel of 8 columns along the dispersion, 0 to 2047",
    "y": "Superpixel of 2 rows across it, 0 to 511",
}
_SHIFT = {
    "date": "EXPSTART, MJD UTC, d",
    "proposid": "PROPOSID",
    "detector": "FUV or NUV",
    "segment": "FUVA, FUVB, NUVA, NUVB or NUVC; N/A of a rawacq file",
    "opt_elem": "OPT_ELEM, grating or mirror",
    "cenwave": "CENWAVE, Angstrom",
    "fppos": "FPPOS, 1 to 4; -1 of a rawacq file",
    "lamptab": "LAMPTAB, without lref$",
    "flash": "Number of the flash, from 1",
    "x_shift": "Shift along the dispersion without that of the FP-POS, pixel; NULL without LAMPTAB",
    "y_shift": "Shift across the dispersion, pixel",
    "filetype": "lampflash or rawacq",
    "cal_date": "date as year, month, day and time",
    "found": "SPEC_FOUND; false of a rawacq file",
}
_DARK = {
    "obsname": "Name of the corrtag file, without .gz",
    "detector": "FUVA, FUVB or NUV",
    "date": "Middle of the 25 s, decimal year UTC",
    "dark": "Rate of events of pulse heights 3 to 22 (NUV: all), counts/s/pixel",
    "ta_dark": "Rate of events of all pulse heights, counts/s/pixel",
    "latitude": "Below the telescope, deg",
    "longitude": "East longitude below the telescope, 0 to 360, deg",
    "sun_lat": "Latitude of the sub-solar point, deg",
    "sun_lon": "East longitude of the sub-solar point, 0 to 360, deg",
    "temp": "Temperature of the detector, Celsius",
}
_EXPOSURE = {"rootname": "Exposure, nine lower-case characters"}
COMMENTS: dict[str, tuple[str, dict[str, str]]] = {
    "files": (
        "One row per file of COS",
        {
            "id": "Computed from the name; file_id of the other tables is the same number",
            "path": "Folder of the file",
            "name": "Name of the file, without .gz",
            "rootname": "Exposure or association; NULL if the name begins with none",
        },
    ),
    "headers": (
        "One row per exposure, from its x1d, else a corrtag, rawtag or rawacq file",
        {
            **_OF_FILE,
            **_EXPOSURE,
            **comment_headers(),
            "cycle": "Cycle of the proposal; NULL where the archive does not tell",
        },
    ),
    "data": (
        "One row per x1d file",
        {
            **_OF_FILE,
            "flux_mean": "Mean flux of all pixels of all rows, erg/s/cm2/Angstrom",
            "flux_max": "Largest flux of them, erg/s/cm2/Angstrom",
            "flux_std": "Standard deviation of the flux over them, erg/s/cm2/Angstrom",
            "wl_min": "Shortest wavelength, Angstrom",
            "wl_max": "Longest wavelength, Angstrom",
        },
    ),
    "lampflash": (
        "One row per flash and segment of a lampflash file, and per rawacq with a lamp",
        {**_OF_FILE, **_ID, **_EXPOSURE, **_SHIFT},
    ),
    "stims": (
        "One row per FUV event file and stretch of time",
        {
            **_OF_FILE,
            **_ID,
            **_EXPOSURE,
            "time": "Start of the stretch since EXPSTART, s",
            "abs_time": "Start of the stretch, MJD UTC, d",
            **{
                f"stim{stim}_{axis}": f"Place of stim {stim}, RAW{axis.upper()}, pixel; -999 if "
                "it was not seen"
                for stim in (1, 2)
                for axis in "xy"
            },
            "counts": "Events of the segment in the stretch",
            "segment": "FUVA or FUVB",
        },
    ),
    "darks": (
        "One row per corrtag file of a dark exposure and 25 s",
        {**_OF_FILE, **_ID, **_EXPOSURE, **_DARK},
    ),
    "phd": (
        "One row per FUV corrtag file",
        {**_OF_FILE, **{f"pha_{n}": f"Events of pulse height {n}" for n in range(32)}},
    ),
    "gain": (
        "One row per cumulative image and superpixel of 8 x 2 pixels with a gain",
        {
            **_ID,
            **_PLACE,
            "gain": "Modal gain, pulse height",
            "counts": "Events of all pulse heights",
            "std": "Gaussian width of the peak, pulse height",
            "expstart": "Start of the first exposure of the image, MJD UTC, d",
            "file_id": "id of the CCI file in files; NULL of an image that hstql made",
        },
    ),
    "spt": ("One row per spt file", {**_OF_FILE, **_EXPOSURE, **comment_support()}),
    "acqs": (
        "One row per rawacq file",
        {
            **_OF_FILE,
            **_EXPOSURE,
            "obset_id": "OBSET_ID, visit; of the spt file where the rawacq has none",
            "linenum": "LINENUM",
            "exptype": "EXPTYPE, such as ACQ/IMAGE",
            "target": "TARGNAME",
        },
    ),
    "flagged": (
        "One row per segment, high voltage and superpixel that lost its gain",
        {
            **_ID,
            **_PLACE,
            "mjd": "Start of the first image with gain 3 or less, MJD UTC, d",
        },
    ),
    "gain_trends": (
        "One row per segment, high voltage and superpixel whose gain makes a line",
        {
            **_ID,
            **_PLACE,
            "mjd": "When the line reaches gain 3, MJD UTC, d; NULL if it does not fall",
            "slope": "Change of the gain, pulse height/d",
            "intercept": "Gain of the line at MJD 0, pulse height",
        },
    ),
}
