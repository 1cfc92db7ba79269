"""Declare ObsCore: what of it there is, and the select that shows files and lightcurves by it.

Names, units, UCDs and utypes are those of IVOA ObsCore 1.1 (tables 5 and 6). A row is a file that
can be fetched. What no header and no table says is NULL: a value is never guessed.
"""

from collections.abc import Mapping

from hstql_resources.table_files.columns import Column

SCHEMA, NAME = "ivoa", "obscore"
ABOUT = "Files of exposures and associations, by IVOA ObsCore 1.1"
UTYPE = "ivo://ivoa.net/std/ObsCore#core-1.1"
_PLACE = "Char.SpatialAxis.Coverage.Location.Coord.Position2D.Value2"
_AUTHORITY = "ivo://hstql/~?"


def _column(name: str, kind: type, ucd: str, utype: str, about: str) -> Column:
    return Column(name, about, kind, ucd, f"obscore:{utype}" if utype else "")


COLUMNS = (
    _column("dataproduct_type", str, "meta.code.class", "ObsDataset.dataProductType",
            "What it is: image, spectrum, event or timeseries; NULL for none of these"),
    _column("dataproduct_subtype", str, "meta.code.class", "ObsDataset.dataProductSubtype",
            "Type of the file in the archive of HST, such as flt"),
    _column("calib_level", int, "meta.code;obs.calib", "ObsDataset.calibLevel",
            "1 as it came, 2 calibrated, 3 combined or derived"),
    _column("obs_collection", str, "meta.id", "DataID.collection", "Always HST"),
    _column("obs_id", str, "meta.id", "DataID.observationID",
            "Rootname of the exposure or association"),
    _column("obs_publisher_did", str, "meta.ref.ivoid", "Curation.publisherDID",
            "Name of the file, as an identifier"),
    _column("access_url", str, "meta.ref.url", "Access.reference", "Where the file is had"),
    _column("access_format", str, "meta.code.mime", "Access.format", "Type of the file"),
    _column("access_estsize", int, "phys.size;meta.file", "Access.size", "Size of the file, kbyte"),
    _column("target_name", str, "meta.id;src", "Target.name", "TARGNAME of the header"),
    _column("s_ra", float, "pos.eq.ra", f"{_PLACE}.C1",
            "Right ascension of the target, ICRS, deg"),
    _column("s_dec", float, "pos.eq.dec", f"{_PLACE}.C2",
            "Declination of the target, ICRS, deg"),
    _column("s_fov", float, "phys.angSize;instr.fov",
            "Char.SpatialAxis.Coverage.Bounds.Extent.diameter",
            "Diameter of what is seen, deg; NULL: no header says"),
    _column("s_region", str, "pos.outline;obs.field", "Char.SpatialAxis.Coverage.Support.Area",
            "Outline on the sky; NULL: no table has it"),
    _column("s_resolution", float, "pos.angResolution",
            "Char.SpatialAxis.Resolution.Refval.value", "Resolution on the sky, arcsec; NULL"),
    _column("s_xel1", int, "meta.number", "Char.SpatialAxis.numBins1",
            "Columns of the image; NULL"),
    _column("s_xel2", int, "meta.number", "Char.SpatialAxis.numBins2", "Rows of the image; NULL"),
    _column("t_min", float, "time.start;obs.exposure",
            "Char.TimeAxis.Coverage.Bounds.Limits.StartTime", "Start, MJD UTC, d"),
    _column("t_max", float, "time.end;obs.exposure",
            "Char.TimeAxis.Coverage.Bounds.Limits.StopTime", "End, MJD UTC, d"),
    _column("t_exptime", float, "time.duration;obs.exposure",
            "Char.TimeAxis.Coverage.Support.Extent", "Exposure time, s"),
    _column("t_resolution", float, "time.resolution", "Char.TimeAxis.Resolution.Refval.value",
            "Width of a bin of a lightcurve, s; NULL of all else"),
    _column("t_xel", int, "meta.number", "Char.TimeAxis.numBins",
            "Bins of a lightcurve; NULL of all else"),
    _column("em_min", float, "em.wl;stat.min", "Char.SpectralAxis.Coverage.Bounds.Limits.LoLimit",
            "Shortest wavelength, vacuum, m; of spectra and lightcurves"),
    _column("em_max", float, "em.wl;stat.max", "Char.SpectralAxis.Coverage.Bounds.Limits.HiLimit",
            "Longest wavelength, vacuum, m; of spectra and lightcurves"),
    _column("em_res_power", float, "spect.resolution",
            "Char.SpectralAxis.Resolution.ResolPower.refVal", "Resolving power; NULL"),
    _column("em_xel", int, "meta.number", "Char.SpectralAxis.numBins",
            "Samples of a spectrum; NULL"),
    _column("o_ucd", str, "meta.ucd", "Char.ObservableAxis.ucd", "UCD of what was measured"),
    _column("pol_states", str, "meta.code;phys.polarization", "Char.PolarizationAxis.stateList",
            "Polarization states; NULL"),
    _column("pol_xel", int, "meta.number", "Char.PolarizationAxis.numBins",
            "Number of polarization states; NULL"),
    _column("facility_name", str, "meta.id;instr.tel",
            "Provenance.ObsConfig.Facility.name", "Always HST"),
    _column("instrument_name", str, "meta.id;instr", "Provenance.ObsConfig.Instrument.name",
            "Instrument and detector, such as COS/FUV"),
    _column("proposal_id", str, "meta.id;obs.proposal", "Provenance.Proposal.identifier",
            "Number of the proposal"),
    _column("obs_release_date", str, "time.release", "Curation.releaseDate",
            "From when on everybody may see it, ISO 8601; NULL: not known"),
    _column("s_cell", int, "pos.healpix", "",
            "HEALPix cell of the place: nested, order 29; what cones are found by"),
)  # fmt: skip

_SPECTRA = "'x1d', 'x1dsum', 'x1dsum1', 'x1dsum2', 'x1dsum3', 'x1dsum4', 'sx1'"
_EVENTS = "'corrtag', 'corrtag_a', 'corrtag_b', 'rawtag', 'rawtag_a', 'rawtag_b', 'tag'"
_IMAGES = (
    "'raw', 'flt', 'flt_a', 'flt_b', 'flc', 'crj', 'crc', 'ima', 'sfl', 'fltsum', 'counts', "
    "'counts_a', 'counts_b', 'x2d', 'sx2', 'drz', 'drc', 'rawaccum', 'rawaccum_a', 'rawaccum_b', "
    "'rawacq'"
)
_COMBINED = "'drz', 'drc', 'fltsum', 'x1dsum', 'x1dsum1', 'x1dsum2', 'x1dsum3', 'x1dsum4'"
_SHARED = {
    "obs_collection": "'HST'", "facility_name": "'HST'", "access_format": "'application/fits'",
    "obs_id": "o.rootname", "target_name": "o.target_name", "proposal_id": "o.proposal_id",
    "s_ra": "o.ra_deg", "s_dec": "o.dec_deg", "s_cell": "o.sky_cell",
    "t_min": "o.exp_start_mjd", "t_max": "o.exp_end_mjd", "t_exptime": "o.exp_time_s",
    "em_min": "w.wave_min * 1e-10", "em_max": "w.wave_max * 1e-10",
    "instrument_name": "upper(o.instrument) || coalesce('/' || o.detector, '')",
    "obs_release_date": """to_char(o.public_from AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS')""",
}  # fmt: skip
_FILES = {
    "dataproduct_type": f"CASE WHEN f.filetype IN ({_SPECTRA}) THEN 'spectrum' "
    f"WHEN f.filetype IN ({_EVENTS}) THEN 'event' WHEN f.filetype IN ({_IMAGES}) THEN 'image' END",
    "dataproduct_subtype": "f.filetype",
    "calib_level": f"CASE WHEN f.filetype IN ({_COMBINED}) THEN 3 "
    "WHEN f.kind = 'calibrated' THEN 2 ELSE 1 END",
    "obs_publisher_did": f"'{_AUTHORITY}' || f.filename",
    "access_url": "{address} || '/file/' || f.filename",
    "access_estsize": "(f.size_bytes + 999) / 1000",
    "o_ucd": f"CASE WHEN f.filetype IN ({_SPECTRA}) THEN 'phot.flux.density;em.wl' "
    f"WHEN f.filetype IN ({_EVENTS}, {_IMAGES}) THEN 'phot.count' END",
}
_CURVES = {
    "dataproduct_type": "'timeseries'", "dataproduct_subtype": "'lightcurve'", "calib_level": "3",
    "obs_publisher_did": f"'{_AUTHORITY}' || o.rootname || '_curve.fits'",
    "access_url": "{address} || '/curve/' || o.rootname || '/fits'",
    "t_resolution": "w.bin_s", "t_xel": "w.bins",
    "o_ucd": "CASE WHEN w.is_flux_calibrated THEN 'phot.flux.density;em.wl' ELSE 'phot.count' END",
}  # fmt: skip
_TYPES = {str: "text", int: "bigint", float: "float8"}


def select_obscore(address: str) -> str:
    """Return the select that is ObsCore.

    Parameters
    ----------
    address : str
        SQL for where the site is, as a text; the paths of files follow it.
    """
    return f"""
    SELECT {_list({**_SHARED, **_FILES}, address)}
    FROM files AS f JOIN observations AS o ON o.rootname = f.rootname
    LEFT JOIN spectrum_statistics AS w ON w.filename = f.filename
    WHERE f.set_aside_at IS NULL
    UNION ALL
    SELECT {_list({**_SHARED, **_CURVES}, address)}
    FROM lightcurves AS w JOIN observations AS o ON o.rootname = w.rootname
    """  # noqa: S608, made of our own words


def _list(said: Mapping[str, str], address: str) -> str:
    """Return the columns in their order, each of its type."""
    values = ((column, said.get(column.name, "NULL")) for column in COLUMNS)
    return ", ".join(
        f"({value.replace('{address}', address)})::{_TYPES[column.kind]} AS {column.name}"
        for column, value in values
    )
