"""The schema hstlc: the four tables of the older system as views, for queries written for it.

Names, types and meaning of the columns are hstlc's. What it had NOT NULL is never NULL here: a
number that does not apply is 0 (`cenwave` of imaging, `fppos` of STIS), a text that the headers
lack is empty. A `path` is a folder, as it was there, and `filename` the name in it, which ends in
`.gz` on disk where `files.path` says so.

An `id` is not counted but computed: the first 52 bits of the SHA-256 of the rootname or filename.
So it stays the same however often a row is made again, joins as it did, and passes unharmed
through programs that hold all numbers in double precision. Among a million names the odds that
any two share an id are one in ten thousand; an archive has less than a tenth of that.

Postgres refuses to alter a column that a view uses. A later migration that has to do so calls
`drop_views`, alters, and calls `make_views`, both of this module; if a view itself changes, the
later migration has its own definition of it.
"""

from alembic import op

from hstql_resources.tables.migrations.schemas import make_schema

revision = "0003"
down_revision = "0002"

SCHEMA = "hstlc"


def _identify(name: str) -> str:
    """Return the expression of an id: 13 hexadecimal digits as a number."""
    digits = f"substr(encode(sha256(convert_to({name}, 'UTF8')), 'hex'), 1, 13)"
    return f"('x' || {digits})::bit(52)::bigint"


def _folder(path: str) -> str:
    return f"regexp_replace({path}, '/[^/]*$', '')"


def _day(time: str) -> str:
    return f"({time} AT TIME ZONE 'UTC')::date"


# One row per exposure; of the two files of an FUV exposure the first that is not bad.
METADATA = f"""
SELECT {_identify("observation.rootname")} AS id,
       events.filename,
       {_folder("events.path")} AS path,
       {_day("events.ingest_date")} AS ingest_date,
       'HST' AS telescop,
       upper(coalesce(observation.instrument, '')) AS instrume,
       target.resolved_name AS targname,
       coalesce(events.cal_ver, '') AS cal_ver,
       coalesce(observation.obs_type, '') AS obstype,
       CASE WHEN observation.obs_type = 'IMAGING' THEN 0
            ELSE coalesce(observation.cenwave, 0) END AS cenwave,
       coalesce(observation.aperture, '') AS aperture,
       coalesce(observation.detector, '') AS detector,
       coalesce(observation.opt_elem, '') AS opt_elem,
       CASE WHEN observation.instrument = 'stis' THEN 0
            ELSE coalesce(observation.fppos, 0) END AS fppos
FROM observations AS observation
JOIN target_names AS target ON target.rootname = observation.rootname
JOIN LATERAL (
    SELECT file.* FROM files AS file
    WHERE file.rootname = observation.rootname
      AND file.filetype IN ('corrtag_a', 'corrtag_b', 'corrtag', 'tag')
      AND NOT EXISTS (SELECT FROM bad_data AS bad WHERE bad.filename = file.filename)
    ORDER BY array_position(ARRAY['corrtag_a', 'corrtag_b', 'corrtag', 'tag'], file.filetype)
    LIMIT 1
) AS events ON true
"""  # noqa: S608, of constants only

OUTPUTS = f"""
SELECT metadata.id,
       metadata.id AS metadata_id,
       {_folder("lightcurve.path")} AS individual_path,
       regexp_replace(lightcurve.path, '^.*/', '') AS individual_filename,
       {_folder("composite.path")} AS composite_path,
       composite.filename AS composite_filename
FROM {SCHEMA}.metadata AS metadata
JOIN lightcurves AS lightcurve ON {_identify("lightcurve.rootname")} = metadata.id
LEFT JOIN composite_members AS member
       ON member.rootname = lightcurve.rootname AND member.target = lightcurve.target
LEFT JOIN composites AS composite ON composite.filename = member.filename
"""  # noqa: S608

BAD_DATA = f"""
SELECT {_identify("filename")} AS id,
       filename,
       {_day("ingest_date")} AS ingest_date,
       reason
FROM bad_data
"""  # noqa: S608

STATS = f"""
SELECT {_identify("statistics.filename")} AS id,
       {_folder("coalesce(composite.path, lightcurve.path)")} AS lightcurve_path,
       statistics.filename AS lightcurve_filename,
       CASE WHEN abs(statistics.total) < 9e18 THEN round(statistics.total)::bigint
            ELSE 0 END AS total,
       statistics.mean,
       statistics.mu,
       statistics.stdev,
       statistics.poisson_factor,
       statistics.pearson_r,
       statistics.pearson_p,
       coalesce(statistics.periodogram, false) AS periodogram,
       statistics.deliver
FROM statistics AS statistics
LEFT JOIN lightcurves AS lightcurve ON lightcurve.rootname = statistics.rootname
LEFT JOIN composites AS composite
       ON statistics.kind = 'composite' AND composite.filename = statistics.filename
WHERE coalesce(composite.path, lightcurve.path) IS NOT NULL
"""  # noqa: S608

VIEWS = {"metadata": METADATA, "outputs": OUTPUTS, "bad_data": BAD_DATA, "stats": STATS}

COMMENTS = {
    "metadata": (
        "One row per TIME-TAG exposure with events that are not bad",
        {
            "id": "Computed from the rootname; outputs.metadata_id is the same number",
            "filename": "Event file, without .gz; of an FUV pair the A file, B if A cannot be used",
            "path": "Folder of the event file",
            "ingest_date": "Day on which hstql last wrote the row of the file, UTC",
            "telescop": "HST",
            "instrume": "Instrument in upper case, such as COS",
            "targname": "Resolved name of the target, the same for all its exposures",
            "cal_ver": "CAL_VER, version of the calibration pipeline",
            "obstype": "OBSTYPE, such as SPECTROSCOPIC",
            "cenwave": "CENWAVE, central wavelength, Angstrom; 0 for imaging",
            "aperture": "APERTURE, such as PSA",
            "detector": "DETECTOR, such as FUV",
            "opt_elem": "OPT_ELEM, grating or mirror",
            "fppos": "FPPOS, grating offset position 1 to 4; 0 for STIS",
        },
    ),
    "outputs": (
        "One row per exposure with a lightcurve",
        {
            "id": "The same as metadata_id",
            "metadata_id": "id of the exposure in metadata",
            "individual_path": "Folder of the lightcurve of the exposure",
            "individual_filename": "Name of the lightcurve of the exposure",
            "composite_path": "Folder of the composite; NULL if the exposure is part of none",
            "composite_filename": "Name of the composite; NULL if the exposure is part of none",
        },
    ),
    "bad_data": (
        "One row per file that is left out",
        {
            "id": "Computed from the filename",
            "filename": "Name of the file, without .gz",
            "ingest_date": "Day on which it was found bad, UTC",
            "reason": "One of the six reasons of hstlc, or one that only hstql knows",
        },
    ),
    "stats": (
        "One row per lightcurve, of an exposure or composite, that was measured",
        {
            "id": "Computed from the filename",
            "lightcurve_path": "Folder of the lightcurve",
            "lightcurve_filename": "Name of the lightcurve",
            "total": "Sum over all bins, counts",
            "mean": "Mean per bin, counts",
            "mu": "Square root of the mean, counts",
            "stdev": "Standard deviation of the bins, counts",
            "poisson_factor": "stdev / mu, dimensionless",
            "pearson_r": "Correlation of counts with time, dimensionless",
            "pearson_p": "Probability of such a correlation by chance, dimensionless",
            "periodogram": "Whether the periodogram has a significant peak by the rule of hstlc",
            "deliver": "Whether the file is fit to be handed on",
        },
    ),
}


def upgrade() -> None:
    """Make the schema and its views."""
    make_schema(SCHEMA, "The tables of hstlc, as views")
    make_views()


def downgrade() -> None:
    """Drop them."""
    drop_views()
    op.execute(f"DROP SCHEMA {SCHEMA}")


def make_views() -> None:
    """Make the four views with their comments."""
    for name, query in VIEWS.items():
        op.execute(f"CREATE VIEW {SCHEMA}.{name} AS {query}")
        about, columns = COMMENTS[name]
        op.execute(f"COMMENT ON VIEW {SCHEMA}.{name} IS '{about}'")
        for column, text in columns.items():
            op.execute(f"COMMENT ON COLUMN {SCHEMA}.{name}.{column} IS '{text}'")


def drop_views() -> None:
    """Drop the four views, those first that are made from others."""
    for name in reversed(VIEWS):
        op.execute(f"DROP VIEW {SCHEMA}.{name}")
