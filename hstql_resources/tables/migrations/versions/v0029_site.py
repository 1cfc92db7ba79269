"""Make the tables of the site, and note of each observation from when on everybody may see it.

Triggers keep that date by what the archive lists. An association, whose row shows what its members
are made into, is as closed as the strictest of them. Each million observations takes a minute once.
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"

_TIME = sa.DateTime(timezone=True)

# A file that the archive lists as closed after its date, or closed without one, is never open.
_RELEASES = """
CREATE FUNCTION find_release(name text, asn text, OUT public_from timestamptz, OUT undated boolean)
LANGUAGE sql STABLE AS $$
    WITH own AS (
        SELECT max(CASE WHEN access = 'proprietary'
                         AND (released_at IS NULL OR released_at < listed_at)
                   THEN 'infinity' ELSE released_at END) AS public_from,
               coalesce(bool_or(access = 'public' AND released_at IS NULL), true) AS undated
        FROM products WHERE products.rootname = name
    ), members AS (
        SELECT max(observations.public_from) AS public_from, bool_or(has_undated) AS undated
        FROM observations
        WHERE observations.association = asn AND name = asn AND observations.rootname <> name
    )
    SELECT greatest(own.public_from, members.public_from),
           own.undated OR coalesce(members.undated, false)
    FROM own, members
$$;
CREATE FUNCTION note_release() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT * INTO NEW.public_from, NEW.has_undated
    FROM find_release(NEW.rootname, NEW.association);
    RETURN NEW;
END $$;
CREATE FUNCTION note_releases_of_associations() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM changed WHERE association <> rootname) THEN RETURN NULL; END IF;
    UPDATE observations SET has_undated = has_undated
    FROM (SELECT DISTINCT association FROM changed WHERE association <> rootname) AS of_members,
         LATERAL find_release(of_members.association, of_members.association) AS found
    WHERE observations.rootname = of_members.association
      AND (observations.public_from, has_undated)
          IS DISTINCT FROM (found.public_from, found.undated);
    RETURN NULL;
END $$;
CREATE FUNCTION note_releases_of_products() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE observations SET has_undated = has_undated
    FROM (SELECT DISTINCT rootname FROM changed) AS listed
    WHERE observations.rootname = listed.rootname
      AND (SELECT (observations.public_from, has_undated)
                  IS DISTINCT FROM (found.public_from, found.undated)
           FROM find_release(observations.rootname, association) AS found);
    RETURN NULL;
END $$;
CREATE TRIGGER note_release BEFORE INSERT OR UPDATE ON observations
    FOR EACH ROW EXECUTE FUNCTION note_release();
"""


def upgrade() -> None:
    """Add them; what is there gets its dates."""
    op.add_column("observations", sa.Column("public_from", _TIME))
    op.add_column(
        "observations",
        sa.Column("has_undated", sa.Boolean, nullable=False, server_default=sa.text("true")),
    )
    op.execute(_RELEASES)
    for table, word in (("observations", "associations"), ("products", "products")):
        for event, kind in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
            op.execute(
                f"CREATE TRIGGER note_releases_{event.lower()} AFTER {event} ON {table} "
                f"REFERENCING {kind} TABLE AS changed "
                f"FOR EACH STATEMENT EXECUTE FUNCTION note_releases_of_{word}()"
            )
    op.execute("UPDATE observations SET has_undated = has_undated")
    op.create_index(
        "observations_instrument_exp_start_mjd_rootname_idx", "observations",
        ["instrument", "exp_start_mjd", "rootname"],
    )  # fmt: skip
    op.create_index("observations_first_ingest_date_idx", "observations", ["first_ingest_date"])
    op.create_index(
        "outcomes_trouble_idx", "outcomes", ["changed_at"],
        postgresql_where=sa.text("status IN ('bad', 'missing')"),
    )  # fmt: skip
    _make_flags()
    _make_texts()
    _make_people()


def _number() -> "sa.Column[int]":
    return sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True)


def _text(name: str, *, nullable: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.Text, nullable=nullable)


def _time(name: str) -> "sa.Column[object]":
    return sa.Column(name, _TIME, nullable=False, server_default=sa.func.now())


def _yes_or_no(name: str, default: str) -> "sa.Column[bool]":
    return sa.Column(name, sa.Boolean, nullable=False, server_default=sa.text(default))


def _make_flags() -> None:
    op.create_table(
        "anomaly_kinds",
        sa.Column("instrument", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        _text("label"),
        _text("description", nullable=True),
        _text("source", nullable=True),
        sa.Column("position", sa.Integer, nullable=False),
        _yes_or_no("is_active", "true"),
        _text("changed_by", nullable=True),
        _time("changed_at"),
    )
    op.create_table(
        "anomaly_flags",
        _number(),
        _text("rootname"),
        _text("kind"),
        _text("set_by"),
        _time("set_at"),
        _text("unset_by", nullable=True),
        sa.Column("unset_at", _TIME),
    )
    op.create_index(
        "anomaly_flags_standing_key", "anomaly_flags", ["rootname", "kind"],
        unique=True, postgresql_where=sa.text("unset_at IS NULL"),
    )  # fmt: skip
    op.create_index("anomaly_flags_kind_set_at_idx", "anomaly_flags", ["kind", "set_at"])
    op.create_index("anomaly_flags_rootname_idx", "anomaly_flags", ["rootname"])


def _make_texts() -> None:
    op.create_table(
        "comments",
        _number(),
        _text("rootname"),
        _text("text"),
        _text("written_by"),
        _time("written_at"),
        _text("removed_by", nullable=True),
        sa.Column("removed_at", _TIME),
    )
    op.create_index("comments_rootname_idx", "comments", ["rootname"])
    op.create_table(
        "looks",
        _number(),
        _text("rootname"),
        _text("person"),
        _time("looked_at"),
        sa.Column("withdrawn_at", _TIME),
    )
    op.create_index(
        "looks_standing_key", "looks", ["person", "rootname"],
        unique=True, postgresql_where=sa.text("withdrawn_at IS NULL"),
    )  # fmt: skip
    op.create_index("looks_rootname_idx", "looks", ["rootname"])
    op.create_table(
        "saved_queries",
        _number(),
        _text("name"),
        _text("person"),
        _text("address"),
        _time("saved_at"),
        sa.Column("removed_at", _TIME),
    )
    op.create_index("saved_queries_person_idx", "saved_queries", ["person"])


def _make_people() -> None:
    op.create_table(
        "people",
        sa.Column("person", sa.Text, primary_key=True),
        _text("role"),
        _yes_or_no("sees_everything", "false"),
        _text("changed_by", nullable=True),
        _time("changed_at"),
        sa.CheckConstraint("role IN ('reader', 'flagger', 'admin')", name="people_role_check"),
    )
    op.create_table(
        "proposal_access",
        sa.Column("person", sa.Text, primary_key=True),
        sa.Column("proposal_id", sa.Integer, primary_key=True, autoincrement=False),
        _text("granted_by"),
        _time("granted_at"),
    )
