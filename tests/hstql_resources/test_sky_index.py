"""Places on the sky: cones find exactly what is in them, by the index."""

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from sqlalchemy import select, text

from hstql_resources.postgres.cones import within
from hstql_resources.postgres.database import Database
from hstql_resources.sky import Cone
from hstql_resources.sky_index import find_ranges, index_place, index_places
from hstql_resources.tables import Observation

CENTRES = [(0.0, 0.0), (359.9999, 0.0), (10.0, 90.0), (200.0, -90.0), (123.4, 41.8), (45.0, -66.5)]
RADII_DEG = [0.1 / 3600, 2.0 / 3600, 0.05, 1.0, 30.0, 100.0]


def scatter(generator: np.random.Generator) -> SkyCoord:
    """Put places about each centre at about each radius, and over the whole sky."""
    centres = SkyCoord([one for one in CENTRES for _ in RADII_DEG] * 30, unit="deg")
    radii = np.tile(RADII_DEG, 30 * len(CENTRES)) * generator.uniform(0.5, 1.5, len(centres))
    near = centres.directional_offset_by(generator.uniform(0, 360, len(centres)) * u.deg,
                                         np.minimum(radii, 180) * u.deg)  # fmt: skip
    everywhere = SkyCoord(generator.uniform(0, 360, 500), np.degrees(np.arcsin(
        generator.uniform(-1, 1, 500))), unit="deg")  # fmt: skip
    return SkyCoord(np.append(near.ra.deg, everywhere.ra.deg),
                    np.append(near.dec.deg, everywhere.dec.deg), unit="deg")  # fmt: skip


def test_a_cone_finds_exactly_what_is_in_it(database: Database) -> None:
    places = scatter(np.random.default_rng(3))
    pairs = list(zip(places.ra.deg.tolist(), places.dec.deg.tolist(), strict=True))
    rows = [
        {"rootname": f"r{number}", "ra_deg": ra, "dec_deg": dec, "sky_cell": cell}
        for number, ((ra, dec), cell) in enumerate(zip(pairs, index_places(pairs), strict=True))
    ]
    with database.write() as writer:
        writer.upsert(Observation, rows)
        writer.upsert(Observation, [{"rootname": "nowhere"}])
    table = Observation
    for ra, dec in CENTRES:
        away = places.separation(SkyCoord(ra, dec, unit="deg")).deg
        for radius in RADII_DEG:
            cone = Cone(ra, dec, radius)
            condition = within(cone, table.sky_cell, table.ra_deg, table.dec_deg)
            found = {row[0] for row in database.read(select(table.rootname).where(condition))}
            sure = np.abs(away - radius) > 1e-11
            for number in np.flatnonzero(sure):
                assert (f"r{number}" in found) == (away[number] < radius), (cone, pairs[number])
            assert "nowhere" not in found


def test_few_cells_hold_a_cone() -> None:
    for ra, dec in CENTRES:
        for radius in RADII_DEG:
            ranges = find_ranges(Cone(ra, dec, radius))
            assert len(ranges) < 30
            area = sum(last - first + 1 for first, last in ranges) / (12 * 4**29)
            cap = (1 - np.cos(np.radians(min(radius, 180)))) / 2
            assert area < max(30 * cap, 1e-15)


def test_the_index_is_used(database: Database) -> None:
    with database.write() as writer:
        writer.execute(text(
            "INSERT INTO observations (rootname, ra_deg, dec_deg, sky_cell) "
            "SELECT 'x' || i, 1, 1, i::bigint * 100000000000007 FROM generate_series(1, 20000) AS i"
        ))  # fmt: skip
        writer.execute(text("ANALYZE observations"))
    condition = within(
        Cone(5, 5, 1e-3), Observation.sky_cell, Observation.ra_deg, Observation.dec_deg
    )
    asked = select(Observation.rootname).where(condition)
    sql = asked.compile(database.engine, compile_kwargs={"literal_binds": True})
    plan = "\n".join(str(row[0]) for row in database.read(text(f"EXPLAIN {sql}")))
    assert "observations_sky_cell_idx" in plan, plan


@pytest.mark.parametrize(
    ("ra", "dec"), [(None, 1.0), (1.0, None), (float("nan"), 1.0), (1.0, 90.5), (1.0, float("inf"))]
)
def test_what_is_no_place_has_no_cell(ra: float | None, dec: float | None) -> None:
    assert index_place(ra, dec) is None


def test_right_ascensions_of_a_turn_more_are_the_same_place() -> None:
    assert index_place(361.0, 5.0) == index_place(1.0, 5.0) == index_place(-359.0, 5.0)
