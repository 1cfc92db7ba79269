"""Views that users made over header tables, while the columns beneath them change."""

from collections.abc import Iterator

import pytest

from builders.databases import open_as_superuser
from builders.header_rows import add_header, ask, change, oid
from hstql_resources.postgres.database import Database, DatabaseError
from hstql_resources.postgres.server_access import OWNER

FLT, OTHER = "jbz504ejq_flt.fits", "jbz504elq_flt.fits"

USERS = """
CREATE SCHEMA lab;
CREATE VIEW lab.exposures WITH (security_barrier=true) AS
    SELECT rootname, exptime AS "Exposure, s" FROM acs_wfc_flt_primary WHERE targname LIKE 'N%';
CREATE VIEW lab.names AS SELECT rootname8, nrptexp FROM acsql.wfc_flt_0;
CREATE VIEW lab.long AS SELECT * FROM lab.exposures WHERE "Exposure, s" > 100;
CREATE MATERIALIZED VIEW lab.counted AS
    SELECT nrptexp, count(*) FROM acs_wfc_flt_primary GROUP BY 1;
CREATE UNIQUE INDEX counted_key ON lab.counted (nrptexp);
COMMENT ON VIEW lab.exposures IS 'Mine: 100 % of it';
COMMENT ON COLUMN lab.exposures."Exposure, s" IS 'It''s long';
GRANT CREATE ON SCHEMA lab TO {reader};
GRANT SELECT ON lab.exposures TO PUBLIC;
GRANT SELECT (rootname8) ON lab.names TO {reader} WITH GRANT OPTION;
GRANT SELECT ON acsql.wfc_flt_0 TO {reader};
"""
KEPT = """
SELECT c.oid::regclass::text, c.relkind, c.relacl::text, c.reloptions::text,
       pg_get_viewdef(c.oid), obj_description(c.oid, 'pg_class'),
       array_agg(a.attname::text || ' ' || coalesce(a.attacl::text, '') || ' '
                 || coalesce(col_description(c.oid, a.attnum), '') ORDER BY a.attnum)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
WHERE c.relnamespace = 'lab'::regnamespace OR c.oid = 'acsql.wfc_flt_0'::regclass
GROUP BY c.oid ORDER BY 1
"""


@pytest.fixture
def with_users(database: Database) -> Iterator[Database]:
    """A database with a header, in which users made views of views, and gave rights."""
    keywords = {"TARGNAME": "NGC104", "EXPTIME": 350.0, "NRPTEXP": 1}
    add_header(database, "acs_wfc_flt_primary", FLT, 0, keywords)
    reader = f"reader_{database.engine.url.database}"
    superuser = open_as_superuser(database)
    change(superuser, f"CREATE ROLE {reader}", f"GRANT {reader} TO {OWNER}")
    with database.write() as writer:
        options = {"no_parameters": True}
        writer.connection.exec_driver_sql(USERS.format(reader=reader), execution_options=options)
    yield database
    change(superuser, f"DROP OWNED BY {reader}", f"DROP ROLE {reader}")
    superuser.dispose()


def test_views_of_users_stay_when_a_column_is_added(with_users: Database) -> None:
    before = [oid(with_users, f"lab.{name}") for name in ("exposures", "names", "long", "counted")]
    add_header(with_users, "acs_wfc_flt_primary", OTHER, 0, {"TARGNAME": "NGC5", "BRANDNEW": 1.0})
    after = [oid(with_users, f"lab.{name}") for name in ("exposures", "names", "long", "counted")]
    assert after == before
    assert ask(with_users, "SELECT brandnew FROM acsql.wfc_flt_0 ORDER BY 1") == [(1.0,), (None,)]


def test_views_of_users_are_made_again_when_a_column_widens(with_users: Database) -> None:
    before = ask(with_users, KEPT)
    assert len(before) == 6
    add_header(with_users, "acs_wfc_flt_primary", OTHER, 0, {"NRPTEXP": 2.5, "EXPTIME": 50.0})
    assert ask(with_users, KEPT) == before
    assert ask(with_users, "SELECT * FROM lab.long") == [("jbz504ejq", 350.0)]
    assert ask(with_users, "SELECT * FROM lab.names ORDER BY 2") == [
        ("jbz504ej", 1.0),
        ("jbz504el", 2.5),
    ]
    assert ask(with_users, "SELECT nrptexp FROM acsql.wfc_flt_0 ORDER BY 1") == [(1.0,), (2.5,)]
    assert ask(with_users, "SELECT * FROM lab.counted") == [(1.0, 1)]


def test_what_belongs_to_other_users_is_given_back_to_them(with_users: Database) -> None:
    name = f"reader_{with_users.engine.url.database}"
    change(
        with_users,
        f"ALTER VIEW lab.names OWNER TO {name}",
        "GRANT SELECT ON lab.names TO PUBLIC",
    )
    before = ask(with_users, KEPT)
    add_header(with_users, "acs_wfc_flt_primary", OTHER, 0, {"NRPTEXP": 2.5})
    assert ask(with_users, KEPT) == before
    owner = "SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'lab.names'::regclass"
    assert ask(with_users, owner) == [(name,)]


def test_a_view_that_cannot_be_made_again_is_named_and_kept(with_users: Database) -> None:
    change(with_users, "CREATE VIEW lab.sums AS SELECT to_hex(nrptexp) FROM acsql.wfc_flt_0")
    before = ask(with_users, KEPT)
    with pytest.raises(DatabaseError, match=r"The view lab\.sums cannot be made again") as refusal:
        add_header(with_users, "acs_wfc_flt_primary", OTHER, 0, {"NRPTEXP": 2.5})
    assert "function to_hex(double precision) does not exist" in str(refusal.value)
    assert ask(with_users, KEPT) == before
    assert ask(with_users, "SELECT * FROM lab.sums") == [("1",)]


def test_a_view_that_cannot_be_dropped_is_named(with_users: Database) -> None:
    change(
        with_users,
        "CREATE FUNCTION lab.newest() RETURNS text LANGUAGE sql "
        "BEGIN ATOMIC SELECT max(rootname8) FROM lab.names; END",
    )
    with pytest.raises(DatabaseError, match=r"The view lab\.names stands in the way"):
        add_header(with_users, "acs_wfc_flt_primary", OTHER, 0, {"NRPTEXP": 2.5})
    assert ask(with_users, "SELECT lab.newest()") == [("jbz504ej",)]
