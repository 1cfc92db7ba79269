"""The schemas acsql and quicklook: the tables of the two older systems as views.

`rootname` has nine characters here. acsql knew the first eight, and `rootname8` stands beside it
everywhere. A `path` is the folder with the files. What the header tables show through views is
made by `hstql_resources.header_tables`, for it changes with every new keyword; here are the views
over tables whose columns are fixed.

Queries that were written before any file was seen need columns to name, so the header tables that
they name are made here, empty, with the usual columns. Others come with their first file.

Postgres refuses to alter a column that a view uses. A later migration that has to do so calls
`drop_views`, alters, and calls `make_views`, both of this module; if a view itself changes, the
later migration has its own definition of it.
"""

from alembic import op

from hstql_resources.header_tables.alter_tables import ensure_tables
from hstql_resources.header_tables.views import drop_views as drop_header_views
from hstql_resources.header_tables.views import make_views as make_header_views
from hstql_resources.tables.migrations.schemas import make_schema
from hstql_resources.tables.views import HEADER_VIEWS

revision = "0008"
down_revision = "0007"

# Schema, instrument, first letter of its rootnames, and the older system.
SCHEMAS = (("acsql", "acs", "j", "acsql"), ("quicklook", "wfc3", "i", "WFC3 Quicklook"))

DRIZZLE_KEYWORDS = (
    "ver", "geom", "data", "dexp", "ouda", "ouwe", "ouco", "mask", "wtsc", "kern", "pixf", "coef",
    "scal", "iscl", "fval", "ouun", "wkey",
)  # fmt: skip
FILETYPES = ("raw", "flt", "flc", "ima", "spt", "drz", "drc", "crj", "crc", "jif", "jit", "asn")


def _day(time: str) -> str:
    return f"({time} AT TIME ZONE 'UTC')::date"


MASTER = f"""
SELECT observation.rootname,
       left(observation.rootname, 8) AS rootname8,
       observation.path,
       {_day("observation.first_ingest_date")} AS first_ingest_date,
       {_day("observation.last_ingest_date")} AS last_ingest_date,
       observation.detector,
       coalesce(proposal.proposal_type, observation.proposal_type) AS proposal_type
FROM observations AS observation
LEFT JOIN proposals AS proposal ON proposal.proposal_id = observation.proposal_id
WHERE observation.instrument = '{{instrument}}'
"""  # noqa: S608, of constants only

# One index lookup for each observation that is asked for, never a sum over all files.
DATASETS = """
SELECT observation.rootname,
       left(observation.rootname, 8) AS rootname8,
       {columns}
FROM observations AS observation
LEFT JOIN LATERAL (
    SELECT {filenames}
    FROM files AS file WHERE file.rootname = observation.rootname
) AS datasets ON true
WHERE observation.instrument = '{instrument}'
"""

DRIZZLE_DATA = f"""
SELECT rootname,
       left(rootname, 8) AS rootname8,
       filename,
       drizzle_index,
       {", ".join(DRIZZLE_KEYWORDS)}
FROM drizzle_data
WHERE rootname LIKE '{{letter}}%'
"""  # noqa: S608

ROOTNAMES = {
    "rootname": "Exposure or association, nine lower-case characters",
    "rootname8": "First eight characters of the rootname",
}
COMMENTS = {
    "master": (
        "One row per exposure or association of {name}",
        {
            **ROOTNAMES,
            "path": "Folder that holds the files",
            "first_ingest_date": "Day on which hstql first saw it, UTC",
            "last_ingest_date": "Day on which hstql last wrote its row, UTC",
            "detector": "DETECTOR, such as WFC",
            "proposal_type": "PROP_TYP, such as GO or SNAP; what the archive says of it wins",
        },
    ),
    "datasets": (
        "One row per exposure or association of {name}: which files there are",
        {**ROOTNAMES, **{kind: f"Name of the {kind} file; NULL if none" for kind in FILETYPES}},
    ),
    "drizzle_data": (
        "One row per input image of a drizzled image of {name}",
        {
            **ROOTNAMES,
            "filename": "Name of the drizzled file",
            "drizzle_index": "Number of the input image, from 1",
            **{keyword: f"Dnnn{keyword.upper()}" for keyword in DRIZZLE_KEYWORDS},
        },
    ),
}

TEXTS, NUMBERS, INTEGERS, LOGICALS = "text", "double precision", "bigint", "boolean"

# Keywords by kind: in the primary header of every image, of each instrument, and so on.
PRIMARY = {
    TEXTS: """
        DATE FILETYPE TELESCOP INSTRUME IMAGETYP PRIMESI TARGNAME LINENUM PR_INV_L PR_INV_F PR_INV_M
        MTFLAG FGSLOCK DATE-OBS TIME-OBS EXPFLAG QUALITY CAL_VER OPUS_VER OBSTYPE OBSMODE SCLAMP
        DETECTOR APERTURE PROPAPER CCDAMP ASN_ID ASN_TAB ASN_MTYP DQICORR BLEVCORR BIASCORR FLSHCORR
        CRCORR DARKCORR FLATCORR PHOTCORR RPTCORR DRIZCORR BPIXTAB CCDTAB OSCNTAB ATODTAB BIASFILE
        FLSHFILE CRREJTAB DARKFILE DRKCFILE PFLTFILE DFLTFILE LFLTFILE PCTETAB D2IMFILE NPOLFILE
        IDCTAB MDRIZTAB IMPHTTAB DGEOFILE PATTERN1
    """,
    NUMBERS: """
        EQUINOX RA_TARG DEC_TARG SUNANGLE MOONANGL SUN_ALT EXPSTART EXPEND EXPTIME PA_V3 POSTARG1
        POSTARG2 PROCTIME CCDGAIN FLASHDUR
    """,
    INTEGERS: "NEXTEND PROPOSID NRPTEXP",
    LOGICALS: "SUBARRAY",
}
OWN = {
    "acs": {TEXTS: "FILTER1 FILTER2 PCTECORR SHADCORR SHADFILE FLASHCUR FLASHSTA SHUTRPOS"},
    "wfc3": {TEXTS: "FILTER SAMP_SEQ FLASHCUR", INTEGERS: "NSAMP", NUMBERS: "PHOTFLAM PHOTPLAM"},
}
SCIENCE = {
    TEXTS: "EXTNAME EXPNAME BUNIT PHOTMODE",
    NUMBERS: """
        DATAMIN DATAMAX CRPIX1 CRPIX2 CRVAL1 CRVAL2 CD1_1 CD1_2 CD2_1 CD2_2 ORIENTAT RA_APER
        DEC_APER PA_APER VAFACTOR PHOTFLAM PHOTZPT PHOTPLAM PHOTBW GOODMIN GOODMAX GOODMEAN SNRMIN
        SNRMAX SNRMEAN MEANDARK MEANBLEV MEANFLSH
    """,
    INTEGERS: "NAXIS1 NAXIS2 CCDCHIP BINAXIS1 BINAXIS2 NCOMBINE NGOODPIX SDQFLAGS",
}
ASSOCIATION = {
    TEXTS: "DATE TELESCOP INSTRUME PRIMESI TARGNAME LINENUM PR_INV_L PR_INV_F PR_INV_M DETECTOR "
    "ASN_ID ASN_TAB ASN_STAT",
    NUMBERS: "EQUINOX RA_TARG DEC_TARG",
    INTEGERS: "PROPOSID",
    LOGICALS: "ASN_PROD",
}
SUPPORT = {
    TEXTS: """
        DATE TELESCOP INSTRUME TARGNAME LINENUM PR_INV_L PR_INV_F PR_INV_M PROP_TYP PROPTTL1
        PROPTTL2 PROGRMID OBSET_ID OBSERVTN CONFIG OPMODE SPEC_1 APER_1 TARG_ID TAR_TYPE TARDESCR
        TARGCAT PSTRTIME PSTPTIME MTFLAG ASN_ID ASN_TAB ASN_MTYP
    """,
    NUMBERS: "EQUINOX RA_TARG DEC_TARG ECL_LONG ECL_LAT GAL_LONG GAL_LAT PA_V3",
    INTEGERS: "PROPOSID",
}
COS_SUPPORT = {
    "primary": {TEXTS: "PROC_TYP PROP_TYP DGESTAR SGESTAR PSTRTIME"},
    "support": {
        TEXTS: "LQTACENT",
        INTEGERS: "LQTASCAN LQTASTEP LQTAFLOR LQTADPOS",
        NUMBERS: "LQTAXPOS LQITIME",
    },
    "snap1": {
        INTEGERS: "LAPXLVDT LAPDLVDT LOM1POSC LOM2POSC LOM1POSF LOM2POSF",
        NUMBERS: "LOMFSTP LDCAMPAT LDCAMPBT LMMCETMP",
    },
}
IMAGES = {
    ("acs", "wfc"): ("raw", "flt", "flc", "drz", "drc", "crj", "crc"),
    ("acs", "hrc"): ("raw", "flt", "drz", "crj"),
    ("acs", "sbc"): ("raw", "flt", "drz"),
    ("wfc3", "uvis"): ("raw", "flt", "flc", "drz", "drc", "crj", "crc"),
    ("wfc3", "ir"): ("raw", "flt", "ima", "drz", "crj"),
}


def upgrade() -> None:
    """Make the schemas, the header tables that old queries name, and all views."""
    for schema, _, _, system in SCHEMAS:
        make_schema(schema, f"The tables of {system}, as views")
    make_views()
    connection = op.get_bind()
    make_header_views(connection, None, ())
    ensure_tables(connection, usual_tables())


def downgrade() -> None:
    """Drop the schemas; the header tables stay, for they may have rows."""
    drop_views()
    drop_header_views(op.get_bind())
    for view in HEADER_VIEWS:
        op.execute(f"DROP VIEW IF EXISTS {view.schema}.{view.name}")
    for schema, *_ in SCHEMAS:
        op.execute(f"DROP SCHEMA {schema}")


def make_views() -> None:
    """Make the views over the tables with fixed columns, with their comments."""
    for schema, instrument, letter, _ in SCHEMAS:
        columns, filenames = _list_filetypes()
        queries = {
            "master": MASTER.format(instrument=instrument),
            "datasets": DATASETS.format(
                instrument=instrument, columns=columns, filenames=filenames
            ),
            "drizzle_data": DRIZZLE_DATA.format(letter=letter),
        }
        for name, query in queries.items():
            op.execute(f"CREATE VIEW {schema}.{name} AS {query}")
            _comment(schema, name, instrument.upper())


def drop_views() -> None:
    """Drop the views over the tables with fixed columns."""
    for schema, *_ in SCHEMAS:
        for name in COMMENTS:
            op.execute(f"DROP VIEW {schema}.{name}")


def usual_tables() -> dict[str, dict[str, str]]:
    """Return the kinds of the usual keywords, by header table and keyword."""
    shapes = {}
    for (instrument, detector), filetypes in IMAGES.items():
        prefix = f"{instrument}_{detector}"
        primary = _list_kinds(PRIMARY) | _list_kinds(OWN[instrument])
        for filetype in filetypes:
            shapes[f"{prefix}_{filetype}_primary"] = primary
            shapes[f"{prefix}_{filetype}_sci"] = _list_kinds(SCIENCE)
        shapes[f"{prefix}_asn_primary"] = _list_kinds(ASSOCIATION)
        shapes[f"{prefix}_spt_primary"] = _list_kinds(SUPPORT)
    for detector in ("fuv", "nuv"):
        for extension, keywords in COS_SUPPORT.items():
            shapes[f"cos_{detector}_spt_{extension}"] = _list_kinds(keywords)
    return shapes


def _list_kinds(keywords: dict[str, str]) -> dict[str, str]:
    return {keyword: kind for kind, text in keywords.items() for keyword in text.split()}


def _list_filetypes() -> tuple[str, str]:
    """Return the columns of datasets, and what each of them is."""
    filenames = [
        f"max(file.filename) FILTER (WHERE file.filetype = '{kind}') AS {kind}"
        for kind in FILETYPES
    ]
    return ", ".join(f"datasets.{kind}" for kind in FILETYPES), ", ".join(filenames)


def _comment(schema: str, view: str, name: str) -> None:
    about, columns = COMMENTS[view]
    op.execute(f"COMMENT ON VIEW {schema}.{view} IS '{about.format(name=name)}'")
    for column, comment in columns.items():
        op.execute(f"COMMENT ON COLUMN {schema}.{view}.{column} IS '{comment}'")
