"""The schema cosmo: the twelve tables of the first COSMO as views, for queries written for it.

Names and meaning of the columns are COSMO's, and so are its units: `darks.date` is a decimal year,
`stims` have -999 where a stim was not seen, `gain` counts superpixels. Nothing is rounded, and
numbers are in double precision. What differs is told in docs/queries.md.

An `id` is computed: the first 52 bits of the SHA-256 of what the row is of, of a file its name. So
`file_id` finds its row of `files`, and stays the same however often a row is made again. Rows of
`gain` are so many that theirs has 60 bits.

Queries need columns to name before any file was seen, so the header tables that `headers` and
`spt` show are made here, empty. What later files bring stops no view; see `cosmo_headers`.

Postgres refuses to alter a column that a view uses. A later migration that has to do so calls
`drop_views`, alters, and calls `make_views`, both of this module; if a view itself changes, the
later migration has its own definition of it.
"""

from alembic import op

from hstql_resources.header_tables.alter_tables import ensure_tables
from hstql_resources.tables.migrations.cosmo_comments import COMMENTS
from hstql_resources.tables.migrations.cosmo_headers import (
    list_sources,
    select_headers,
    select_support,
)
from hstql_resources.tables.migrations.schemas import make_schema

revision = "0012"
down_revision = "0011"

SCHEMA = "cosmo"
MISSING = "(-999.0)::double precision"


def _identify(name: str, digits: int = 13) -> str:
    """Return the expression of an id: hexadecimal digits of a hash as a number."""
    text = f"substr(encode(sha256(convert_to({name}, 'UTF8')), 'hex'), 1, {digits})"
    return f"('x' || {text})::bit({4 * digits})::bigint"


_FILE = _identify("filename")
_TIME = "timestamp '1858-11-17' + {} * interval '1 day'"
_FIRST_PART = "split_part(filename, '_', 1)"

FILES = f"""
SELECT {_FILE} AS id,
       regexp_replace(path, '/[^/]*$', '') AS path,
       filename AS name,
       CASE WHEN length({_FIRST_PART}) = 9 THEN {_FIRST_PART} END AS rootname
FROM files WHERE filename LIKE 'l%'
"""  # noqa: S608, of constants only

DATA = f"""
SELECT {_FILE} AS id, flux_mean_all AS flux_mean, flux_max_all AS flux_max,
       flux_std_all AS flux_std, wave_min AS wl_min, wave_max AS wl_max, {_FILE} AS file_id
FROM spectrum_statistics WHERE filetype = 'x1d' AND filename LIKE 'l%'
"""  # noqa: S608

LAMPFLASH = f"""
SELECT {_identify("filename || ' ' || segment || ' ' || flash")} AS id,
       exp_start_mjd AS date, rootname, proposal_id AS proposid, detector,
       CASE filetype WHEN 'rawacq' THEN 'N/A' ELSE segment END AS segment,
       opt_elem, cenwave,
       CASE filetype WHEN 'rawacq' THEN -1 ELSE fppos END AS fppos,
       CASE WHEN filetype <> 'rawacq' THEN regexp_replace(lamptab, '^.*[$]', '') END AS lamptab,
       flash,
       CASE filetype WHEN 'rawacq' THEN shift_disp ELSE shift_without_fppos END AS x_shift,
       shift_xdisp AS y_shift, filetype,
       to_char({_TIME.format("exp_start_mjd")} + interval '500 microseconds',
               'YYYY-MM-DD HH24:MI:SS.MS') AS cal_date,
       CASE filetype WHEN 'rawacq' THEN false ELSE is_found END AS found,
       {_FILE} AS file_id
FROM osm_shifts
"""  # noqa: S608

STIMS = f"""
SELECT {_identify("filename || ' ' || bin")} AS id, start_s AS time, rootname,
       exp_start_mjd + start_s / 86400 AS abs_time,
       coalesce(stim1_x, {MISSING}) AS stim1_x, coalesce(stim1_y, {MISSING}) AS stim1_y,
       coalesce(stim2_x, {MISSING}) AS stim2_x, coalesce(stim2_y, {MISSING}) AS stim2_y,
       counts::double precision AS counts, segment, {_FILE} AS file_id
FROM stim_pulses
"""  # noqa: S608

DARKS = f"""
SELECT {_identify("filename || ' ' || bin")} AS id, filename AS obsname, rootname, detector,
       year + (mid_mjd - (make_date(year, 1, 1) - date '1858-11-17'))
              / (make_date(year + 1, 1, 1) - make_date(year, 1, 1)) AS date,
       rate AS dark, all_rate AS ta_dark, latitude_deg AS latitude, longitude_deg AS longitude,
       sun_latitude_deg AS sun_lat, sun_longitude_deg AS sun_lon, temperature_c AS temp,
       {_FILE} AS file_id
FROM dark_rates
CROSS JOIN LATERAL (SELECT date_part('year', {_TIME.format("floor(mid_mjd)")})::integer AS year)
     AS calendar
WHERE region IN ('main', 'whole')
"""  # noqa: S608

PHD = f"""
SELECT {_FILE} AS id, {", ".join(f"pha_{height}" for height in range(32))}, {_FILE} AS file_id
FROM pulse_heights
"""  # noqa: S608

GAIN = f"""
SELECT {_identify("image || ' ' || x || ' ' || y", 15)} AS id, x, y, gain,
       all_counts::double precision AS counts, width AS std, segment, high_voltage AS dethv,
       exp_start_mjd AS expstart,
       CASE WHEN image NOT LIKE 'fuv%' THEN {_identify("image || '.fits'")} END AS file_id
FROM gain
"""  # noqa: S608

ACQS = f"""
SELECT {_FILE} AS id, rootname, obset_id, line_number AS linenum, exposure_type AS exptype,
       target_name AS target, {_FILE} AS file_id
FROM acquisitions
"""  # noqa: S608

_SUPERPIXEL = _identify("segment || ' ' || high_voltage || ' ' || x || ' ' || y")
FLAGGED = f"""
SELECT {_SUPERPIXEL} AS id, flagged_mjd AS mjd, segment, high_voltage AS dethv, x, y
FROM flagged_pixels
"""  # noqa: S608

GAIN_TRENDS = f"""
SELECT {_SUPERPIXEL} AS id, projected_mjd AS mjd, segment, high_voltage AS dethv, x, y, slope,
       gain - slope * reference_mjd AS intercept
FROM gain_trends
"""  # noqa: S608

VIEWS = {
    "files": FILES, "data": DATA, "lampflash": LAMPFLASH, "stims": STIMS, "darks": DARKS,
    "phd": PHD, "gain": GAIN, "acqs": ACQS, "flagged": FLAGGED, "gain_trends": GAIN_TRENDS,
}  # fmt: skip
HEADER_VIEWS = {"headers": select_headers, "spt": select_support}


def upgrade() -> None:
    """Make the schema, the header tables that old queries name, and the views."""
    make_schema(SCHEMA, "The tables of COSMO, as views")
    make_views()


def downgrade() -> None:
    """Drop views and schema; the header tables stay, for they may have rows."""
    drop_views()
    op.execute(f"DROP SCHEMA {SCHEMA}")


def make_views() -> None:
    """Make the twelve views with their comments."""
    wanted = {source.table: source.keywords for source in list_sources()}
    found = ensure_tables(op.get_bind(), wanted, may_widen=False)
    columns = {name: {column.name for column in table.columns} for name, table in found.items()}
    identify = _identify("main.filename")
    queries = VIEWS | {name: select(identify, columns) for name, select in HEADER_VIEWS.items()}
    for name, query in queries.items():
        _run(f"CREATE VIEW {SCHEMA}.{name} AS {query}")
        about, comments = COMMENTS[name]
        _run(f"COMMENT ON VIEW {SCHEMA}.{name} IS '{about}'")
        for column, text in comments.items():
            _run(f"COMMENT ON COLUMN {SCHEMA}.{name}.{column} IS '{text}'")


def drop_views() -> None:
    """Drop the twelve views; none is made from another."""
    for name in (*VIEWS, *HEADER_VIEWS):
        op.execute(f"DROP VIEW {SCHEMA}.{name}")


def _run(statement: str) -> None:
    """Run a statement as it is: a % in it is a %, and a colon a colon."""
    op.get_bind().exec_driver_sql(statement, execution_options={"no_parameters": True})
