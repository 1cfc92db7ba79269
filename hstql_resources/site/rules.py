"""Say of each table which of its rows a person may see on the site, and who may write which.

The conditions are SQL for policies of row-level security. Inside one, other tables show what their
own policies let through: a file is seen where its observation is. A table without a rule is not
granted to the site at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

EVERYTHING = "(SELECT site_sees_all())"
_OBSERVATION = f"""
    {EVERYTHING}
    OR (NOT has_undated OR (SELECT site_shows_undated()))
       AND (public_from IS NULL OR public_from <= (SELECT now()))
    OR proposal_id = ANY ((SELECT site_proposals())::int[])
"""
# With OFFSET the planner looks rows up by the index, one by one. Without, it may prefer to hash all
# observations, which takes seconds of a million, for a page that shows a hundred.
_SEEN = f"{EVERYTHING} OR EXISTS (SELECT FROM observations AS seen WHERE seen.{{}} = {{}} OFFSET 0)"


def _seen_by(table: str, column: str, of: str = "rootname") -> str:
    """Return the condition that an observation is seen which a column of a table names."""
    return _SEEN.format(of, f"{table}.{column}")


# A row that was made of several is seen by whoever sees all of them.
_IMAGE = f"{EVERYTHING} OR site_sees_image(image)"
_SET = f"{EVERYTHING} OR site_sees_set(set_key)"
_SUFFERER = f"{EVERYTHING} OR site_sees_sufferer(rootname)"
_KEY = (
    f"{_seen_by('{table}', 'key')} OR site_sees_target(key) OR site_sees_image(key) "
    "OR site_sees_set(key)"
)
RULES: Mapping[str, str] = {
    "observations": _OBSERVATION,
    "composites": f"{EVERYTHING} OR site_sees_composite(target, filename)",
    "statistics": (
        f"{_seen_by('statistics', 'rootname')} OR EXISTS "
        "(SELECT FROM composites WHERE composites.filename = statistics.filename OFFSET 0)"
    ),
    "cumulative_images": _IMAGE,
    "gain": _IMAGE,
    "flagged_pixels": _IMAGE,
    **dict.fromkeys(("persistence", "persistence_stimuli"), _SUFFERER),
    "outcomes": _KEY.replace("{table}", "outcomes"),
    "attempts": _KEY.replace("{table}", "attempts"),
    "proposals": _seen_by("proposals", "proposal_id", "proposal_id"),
    "named_positions": _seen_by("named_positions", "target_name", "target_name"),
    # Made of everything, or of what nobody can tell.
    **dict.fromkeys(
        (
            "blob_list",
            "gain_trends",
            "gain_sag_tables",
            "monitor_states",
            "monitor_state_changes",
            "sms_exposures",
            "runs",
        ),
        EVERYTHING,
    ),
    "looks": f"person = (SELECT site_person()) OR {_seen_by('looks', 'rootname')}",
    "anomaly_kinds": "true",
    "saved_queries": "(SELECT site_role()) IS NOT NULL",
    **dict.fromkeys(
        ("people", "program_keys", "proposal_access"),
        "person = (SELECT site_person()) OR (SELECT site_role()) = 'admin'",
    ),
}


def find_rule(table: str, columns: frozenset[str]) -> str | None:
    """Return the condition for the rows of a table; None if the site may not see it."""
    if table in RULES:
        return RULES[table]
    if "set_key" in columns:
        return _SET
    return _seen_by(f'"{table}"', "rootname") if "rootname" in columns else None


@dataclass(frozen=True)
class Writing:
    """What of a table is written on the site.

    Attributes
    ----------
    inserts : tuple of str
        Columns that a new row comes with.
    may_insert : str
        Condition for it.
    updates : tuple of str
        Columns that are changed.
    may_update : str
        Condition for the row as it was; as it becomes, it has to fulfil `becomes`.
    may_delete : str
        Condition for a row that is deleted; empty if none is.
    """

    inserts: tuple[str, ...]
    may_insert: str
    updates: tuple[str, ...] = ()
    may_update: str = ""
    becomes: str = "true"
    may_delete: str = field(default="")


_ADMIN = "(SELECT site_role()) = 'admin'"
_FLAGGER = "(SELECT site_role()) IN ('flagger', 'admin')"
_ANYBODY = "(SELECT site_role()) IS NOT NULL"
_SELF = "= (SELECT site_person())"


def _visible(table: str) -> str:
    return f"({_seen_by(table, 'rootname')})"


WRITINGS: Mapping[str, Writing] = {
    "anomaly_flags": Writing(
        ("rootname", "kind", "set_by"),
        f"set_by {_SELF} AND {_FLAGGER} AND {_visible('anomaly_flags')}",
        ("unset_by", "unset_at"),
        f"unset_at IS NULL AND {_FLAGGER}",
        f"unset_by {_SELF} AND unset_at IS NOT NULL",
    ),
    "comments": Writing(
        ("rootname", "text", "written_by"),
        f"written_by {_SELF} AND {_FLAGGER} AND {_visible('comments')}",
        ("removed_by", "removed_at"),
        f"removed_at IS NULL AND {_FLAGGER} AND (written_by {_SELF} OR {_ADMIN})",
        f"removed_by {_SELF} AND removed_at IS NOT NULL",
    ),
    "looks": Writing(
        ("rootname", "person"),
        f"person {_SELF} AND {_ANYBODY} AND {_visible('looks')}",
        ("withdrawn_at",),
        f"withdrawn_at IS NULL AND person {_SELF}",
        "withdrawn_at IS NOT NULL",
    ),
    "saved_queries": Writing(
        ("name", "person", "address"),
        f"person {_SELF} AND {_ANYBODY}",
        ("removed_at",),
        f"removed_at IS NULL AND (person {_SELF} OR {_ADMIN})",
        "removed_at IS NOT NULL",
    ),
    "program_keys": Writing(
        ("person", "name", "digest"),
        f"person {_SELF} AND {_ANYBODY}",
        ("revoked_at",),
        f"revoked_at IS NULL AND (person {_SELF} OR {_ADMIN})",
        "revoked_at IS NOT NULL",
    ),
    "anomaly_kinds": Writing(
        ("instrument", "kind", "label", "description", "source", "position", "changed_by"),
        f"changed_by {_SELF} AND {_ADMIN}",
        ("label", "description", "source", "position", "is_active", "changed_by", "changed_at"),
        _ADMIN,
        f"changed_by {_SELF}",
    ),
    "people": Writing(
        ("person", "role", "sees_everything", "changed_by"),
        f"changed_by {_SELF} AND {_ADMIN}",
        ("role", "sees_everything", "changed_by", "changed_at"),
        _ADMIN,
        f"changed_by {_SELF}",
        _ADMIN,
    ),
    "proposal_access": Writing(
        ("person", "proposal_id", "granted_by"),
        f"granted_by {_SELF} AND {_ADMIN}",
        may_delete=_ADMIN,
    ),
}
