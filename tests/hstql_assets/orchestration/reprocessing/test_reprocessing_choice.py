"""Which keys a choice means: conditions together, associations, and what is refused."""

from pathlib import Path

import pytest

from hstql_assets.orchestration.planning import PlanError, Selection
from hstql_assets.orchestration.reprocessing.selection import Choice, choose
from hstql_assets.orchestration.selection import Registered
from hstql_resources import tables
from hstql_resources.archive.directory import DirectoryArchive
from hstql_resources.postgres.database import Database

REGISTERED = ("lone01aaq", "lone02aaq", "lone03aaq", "lone01010", "ltwo01aaq", "otwo01aaq")
WHOLE = "lone01010"
ARCHIVE = DirectoryArchive(Path("nowhere"))  # which knows no proposals


@pytest.fixture
def observed(database: Database) -> Database:
    """Two members with their association, one exposure of the same proposal, two of another."""
    rows = [
        ("lone01aaq", "cos", "FUV", 1001, 58000.5, WHOLE),
        ("lone02aaq", "cos", "FUV", 1001, 59000.5, WHOLE),
        ("lone03aaq", "cos", "NUV", 1001, 59001.5, None),
        (WHOLE, "cos", "FUV", 1001, 58000.5, WHOLE),
        ("ltwo01aaq", "cos", "FUV", 1002, 57000.5, "lnot01010"),  # that is not registered
        ("otwo01aaq", "stis", "FUV-MAMA", 1002, 57000.5, None),
    ]
    columns = ("rootname", "instrument", "detector", "proposal_id", "exp_start_mjd", "association")
    with database.write() as writer:
        writer.upsert(tables.Observation, [dict(zip(columns, row, strict=True)) for row in rows])
    return database


def chosen(database: Database, **conditions: object) -> tuple[list[str], tuple[str, ...]]:
    others = {name: conditions.pop(name) for name in ("where", "is_everything")
              if name in conditions}  # fmt: skip
    choice = Choice(Selection(**conditions), **others)  # type: ignore[arg-type]
    found = choose(database, ARCHIVE, Registered(frozenset(REGISTERED)), choice)
    return sorted(found.keys), found.brought


def test_an_exposure_brings_its_association(observed: Database) -> None:
    assert chosen(observed, rootnames=("lone02aaq",)) == ([WHOLE, "lone02aaq"], (WHOLE,))


def test_an_association_does_not_bring_its_members(observed: Database) -> None:
    assert chosen(observed, rootnames=(WHOLE,)) == ([WHOLE], ())


def test_an_association_that_is_not_registered_is_not_brought(observed: Database) -> None:
    assert chosen(observed, rootnames=("ltwo01aaq",)) == (["ltwo01aaq"], ())


def test_a_proposal_means_all_its_observations_of_all_instruments(observed: Database) -> None:
    assert chosen(observed, proposals=(1002,))[0] == ["ltwo01aaq", "otwo01aaq"]
    assert len(chosen(observed, proposals=(1001, 1002))[0]) == 6


def test_everything_means_what_is_registered_with_or_without_headers(observed: Database) -> None:
    registered = Registered(frozenset([*REGISTERED, "lnew01aaq"]))
    found = choose(observed, ARCHIVE, registered, Choice(is_everything=True))
    assert sorted(found.keys) == sorted([*REGISTERED, "lnew01aaq"])


def test_of_several_conditions_all_have_to_hold(observed: Database) -> None:
    where = "detector = 'FUV' AND exp_start_mjd > 58500"
    assert chosen(observed, where=where) == ([WHOLE, "lone02aaq"], (WHOLE,))
    assert chosen(observed, where=where, rootnames=("lone01aaq",)) == ([], ())
    assert chosen(observed, where="detector = 'NUV'", proposals=(1001,)) == (["lone03aaq"], ())
    assert chosen(observed, where="detector = 'NUV'", proposals=(1002,)) == ([], ())


@pytest.mark.parametrize(
    "where",
    [
        "rootname LIKE 'lone03%'",
        "detector = 'NUV' -- the other detector",
        "detector = 'NUV' /* ; */ AND target_name IS NULL",
        "rootname IN (SELECT rootname FROM observations WHERE detector = 'NUV')",
        "target_name = ';' OR detector = 'NUV'",
    ],
)
def test_a_condition_is_any_that_sql_has(observed: Database, where: str) -> None:
    assert chosen(observed, where=where) == (["lone03aaq"], ())


@pytest.mark.parametrize(
    ("where", "reason"),
    [
        ("detektor = 'FUV'", 'column "detektor" does not exist'),
        ("detector = 'FUV'; DROP TABLE files", 'syntax error at or near ";"'),
        ("true); DELETE FROM observations WHERE (true", "Only one statement"),
        ("exp_start_mjd", "argument of WHERE must be type boolean"),
        ("", "syntax error"),
        ("nextval('pg_catalog.nothing') > 0", "does not exist"),
        ("lo_create(0) > 0", "permission denied"),
        ("pg_read_file('/etc/passwd') <> ''", "permission denied"),
    ],
)
def test_what_the_database_refuses_is_one_sentence(
    observed: Database, where: str, reason: str
) -> None:
    with pytest.raises(PlanError) as error:
        chosen(observed, where=where)
    assert reason in str(error.value)
    assert "\n" not in str(error.value)
    assert chosen(observed, is_everything=True)[0] == sorted(REGISTERED)


def test_rows_that_a_condition_smuggles_in_are_no_keys(observed: Database) -> None:
    where = "false) UNION ALL (SELECT 'lzzz99zzq'"
    assert chosen(observed, where=where) == ([], ())


def test_an_unknown_proposal_and_no_condition_at_all_are_refused(observed: Database) -> None:
    with pytest.raises(PlanError, match="no observation of proposal 4711 "):
        chosen(observed, proposals=(1001, 4711))
    with pytest.raises(PlanError, match="Say what is to be reprocessed"):
        chosen(observed)
