"""What names of targets and other conditions stand for, in a database written by hand."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from hstql_assets.orchestration.planning import PlanError, Selection
from hstql_assets.orchestration.selection import Registered, Selected, select_keys
from hstql_resources import tables
from hstql_resources.archive.directory import DirectoryArchive
from hstql_resources.postgres.database import Database
from hstql_resources.sky import Cone
from hstql_resources.sky_index import index_place

FOLDER = DirectoryArchive(Path("nowhere"))  # which knows no proposals
NAMES = ("lone01aaq", "lone02aaq", "ltwo01aaq", "otwo02aaq", "jthr01aaq", "lnew01aaq")
KEYS = Registered(frozenset(NAMES), frozenset({"m31-halo", "m31-field-1234", "retired"}))


@pytest.fixture
def observed(database: Database) -> Database:
    """Two places of one header name, an image of another, one exposure without headers."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    decided = [
        ("lone01aaq", "M31-FIELD", "M31 halo", "m31-halo"),
        ("lone02aaq", "M31-FIELD", "M31-FIELD", "m31-field-1234"),
        ("ltwo01aaq", "GJ551", "PROXIMA-CEN", "proxima-cen"),
    ]
    headers = [(name, header, 1001) for name, header, *_ in decided]
    headers += [("otwo02aaq", "GJ551", 1002), ("jthr01aaq", "NGC 6543", 1003)]
    released = [("lone01aaq", 2020), ("jthr01aaq", 2024), ("lnew01aaq", 2025)]
    with database.write() as writer:
        writer.upsert(tables.TargetName, [
            {"rootname": one, "target_name": header, "resolved_name": name, "target": slug,
             "reason": "", "decided_at": now} for one, header, name, slug in decided
        ])  # fmt: skip
        writer.upsert(tables.Observation, [
            {"rootname": one, "target_name": header, "proposal_id": number, "ra_deg": place,
             "dec_deg": 41.0, "sky_cell": index_place(place, 41.0)}
            for place, (one, header, number) in enumerate(headers, 10)
        ])  # fmt: skip
        writer.upsert(tables.Product, [
            {"filename": f"{one}_raw.fits", "rootname": one, "dataset": one, "uri": "",
             "access": "public", "released_at": datetime(year, 1, 1, tzinfo=UTC), "listed_at": now}
            for one, year in released
        ])  # fmt: skip
    return database


def find(database: Database, **conditions: object) -> Selected:
    return select_keys(database, FOLDER, KEYS, Selection(**conditions))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "targets", "exposures"),
    [
        ("m31-halo", {"m31-halo"}, {"lone01aaq"}),
        ("M31 Halo", {"m31-halo"}, {"lone01aaq"}),
        ("m31-FIELD", {"m31-halo", "m31-field-1234"}, {"lone01aaq", "lone02aaq"}),
        (" gj551 ", {"proxima-cen"}, {"ltwo01aaq", "otwo02aaq"}),
        ("Proxima-Cen", {"proxima-cen"}, {"ltwo01aaq"}),
        ("ngc 6543", set(), {"jthr01aaq"}),
        ("RETIRED", {"retired"}, set()),
    ],
)
def test_a_target_is_found_by_slug_name_or_header(
    observed: Database, name: str, targets: set[str], exposures: set[str]
) -> None:
    found = find(observed, targets=(name,))
    assert (found.targets, found.exposures) == (targets, exposures)


@pytest.mark.parametrize(
    ("conditions", "exposures"),
    [
        ({"rootnames": ("LONE01AAQ", "lnew01aaq")}, {"lone01aaq", "lnew01aaq"}),
        ({"proposals": (1001,), "targets": ("gj551",)}, {"ltwo01aaq"}),
        ({"proposals": (1002, 1003)}, {"otwo02aaq", "jthr01aaq"}),
        ({"instruments": ("stis", "acs")}, {"otwo02aaq", "jthr01aaq"}),
        ({"since": datetime(2024, 1, 1, tzinfo=UTC)}, {"jthr01aaq", "lnew01aaq"}),
        ({"cone": Cone(11.0, 41.0, 0.8)}, {"lone01aaq", "lone02aaq", "ltwo01aaq"}),
        ({"cone": Cone(11.0, 41.0, 0.8), "targets": ("gj551",)}, {"ltwo01aaq"}),
        (
            {"since": datetime(2020, 1, 1, tzinfo=UTC), "instruments": ("cos",)},
            {"lone01aaq", "lnew01aaq"},
        ),
    ],
)
def test_of_several_conditions_all_hold(
    observed: Database, conditions: dict[str, object], exposures: set[str]
) -> None:
    assert find(observed, **conditions).exposures == exposures


@pytest.mark.parametrize(
    ("conditions", "sentence"),
    [
        ({"targets": ("proxima-ken",)}, "'proxima-ken' is no target: .* Did you mean proxima-cen"),
        ({"targets": ("%",)}, "'%' is no target"),
        ({"targets": ("",)}, "'' is no target"),
        ({"proposals": (1001, 4711)}, "no observation of proposal 4711 "),
        ({"instruments": ("wfc3",)}, "Nothing is selected: no registered exposure is of wfc3."),
        (
            {"rootnames": ("lone01aaq",), "proposals": (1002,)},
            "Nothing is selected: no registered exposure is lone01aaq and of proposal 1002.",
        ),
    ],
)
def test_what_selects_nothing_is_refused(
    observed: Database, conditions: dict[str, object], sentence: str
) -> None:
    with pytest.raises(PlanError, match=sentence):
        find(observed, **conditions)
