"""Declare the assets of named extractions, one per instrument."""

from collections.abc import Sequence

import dagster as dg
from pydantic import Field

from hstql_assets.batching.batch_asset import BatchStep, Tasks
from hstql_assets.batching.ownership import ROOTNAME, OwnedFiles, OwnedTable, Ownership
from hstql_assets.batching.partitions import TIMETAG_ROOTNAMES
from hstql_assets.lightcurves.extractions.definitions import NAME, load_definitions
from hstql_assets.lightcurves.extractions.inputs import locate_extractions
from hstql_assets.lightcurves.extractions.making import decide_extractions
from hstql_assets.targets.assignment import settle_targets
from hstql_resources.clients import Clients
from hstql_resources.tables import Extraction

OWNED = Ownership(
    (OwnedTable(Extraction),),
    files=(
        OwnedFiles(
            "products/lightcurves", rf"[^/]+/{ROOTNAME}_{NAME}_curve\.fits", (Extraction.path,)
        ),
    ),
)
ABOUT = """Lightcurves with a name beside the default one: bands, bins, day and night ...

    Made from the corrtag and x1d files whenever they change, or the file of definitions does, which
    says what each is: extractions.toml under HSTQL_HOME, or the one that comes with hstql. Each has
    a row of `extractions` and a file of its own; why there is none is told in its row.
    """


class ExtractionsConfig(dg.Config):
    """Which extractions are made."""

    names: list[str] = Field(
        [],
        description="Extractions to make besides those by default and those that an exposure has.",
    )

    def to_settings(self) -> tuple[str, ...]:
        """Return the names."""
        return tuple(self.names)


def declare_extractions(instrument: str) -> BatchStep:
    """Declare `extractions` of an instrument."""

    def locate(clients: Clients, keys: Sequence[str], names: tuple[str, ...]) -> Tasks:
        definitions = load_definitions(clients.filesystem.home)
        return locate_extractions(
            clients.database,
            clients.filesystem,
            instrument,
            keys,
            settle_targets(clients).slugs,
            definitions,
            names,
        )

    return BatchStep(
        f"{instrument}/extractions",
        ABOUT,
        partitions=TIMETAG_ROOTNAMES[instrument],
        upstream=(f"{instrument}/header_tables",),
        owns=OWNED,
        locate=locate,
        decide=decide_extractions,
        group="lightcurves",
        kinds={"fits", "numpy"},
        config=ExtractionsConfig,
    )
