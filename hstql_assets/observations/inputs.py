"""Read what retrieval needs to know: the archive's products, and the files at hand."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from sqlalchemy import select

from hstql_assets.batching.decisions import any_of, find_unmade, read_decisions
from hstql_assets.batching.outcomes import BadFile, Outcome, Status
from hstql_assets.observations.currency import HeldFile
from hstql_assets.observations.listing import list_for_keys
from hstql_assets.observations.raw_changes import find_newer_raw
from hstql_assets.observations.retrieval import RetrievalTask
from hstql_assets.observations.sources import RetrievalSettings, choose_source
from hstql_assets.stis_events.corrtag_task import CORRTAG, TAG, CorrtagTask
from hstql_resources import tables
from hstql_resources.archive import Product
from hstql_resources.clients import Clients
from hstql_resources.filenames import instrument_of, parse_filename
from hstql_resources.filetypes import Kind
from hstql_resources.fits.errors import UNREADABLE
from hstql_resources.postgres.database import Database

DEFAULTS = RetrievalSettings()


def locate_retrievals(
    clients: Clients, kind: Kind, keys: Sequence[str], settings: RetrievalSettings = DEFAULTS
) -> list[RetrievalTask | Outcome]:
    """Return a task for each key of a batch; few queries, one question to the archive.

    Calibrated files come after the raw ones where they are made here from those: the events of
    STIS always, others if the settings say so.

    Raises
    ------
    ArchiveError
        If the archive does not answer.
    """
    listed = list_for_keys(clients.archive, clients.database, keys)
    had = _read_held(clients.database, kind, keys)
    last = _read_last(clients.database, kind, keys)
    datasets = {product.dataset for products in listed.values() for product in products}
    tasks: list[RetrievalTask] = [
        RetrievalTask(
            key=key,
            kind=kind,
            products=tuple(product for product in listed[key]
                           if product.unfit is None and _is_of_kind(product, kind)),
            obstacle=_find_obstacle(clients.archive.name, key, listed[key], datasets),
            had=tuple(had.get(key, ())),
            archive=clients.archive,
            filesystem=clients.filesystem,
            is_again=settings.is_again,
            faults=tuple(product.fault for product in listed[key] if product.fault),
            last=last.get(key),
            bad_files=tuple(_describe_unfit(product) for product in listed[key]
                            if product.unfit is not None and _is_of_kind(product, kind)),
        )
        for key in keys
    ]  # fmt: skip
    if kind == "raw":
        return list(tasks)
    return _add_what_is_made_here(clients, tasks, listed, settings)


def _add_what_is_made_here(
    clients: Clients,
    tasks: Sequence[RetrievalTask],
    listed: Mapping[str, Sequence[Product]],
    settings: RetrievalSettings,
) -> list[RetrievalTask | Outcome]:
    keys = [task.key for task in tasks]
    raw = _read_held(clients.database, "raw", keys)
    before = sorted({f"{instrument_of(key)}/raw_files" for key in keys})
    decisions = read_decisions(clients.database, before, keys)
    newer = find_newer_raw(clients.database, keys)
    decided: list[RetrievalTask | Outcome] = []
    for task in tasks:
        key = task.key
        chosen = choose_source(task, listed[key], settings, key in newer)
        chosen = replace(chosen, corrtag=_corrtag_task(clients, key, listed[key], raw.get(key, ())))
        is_after_raw = instrument_of(key) == "stis" or chosen.is_calibrated_here
        unmade = find_unmade(decisions, [f"{instrument_of(key)}/raw_files"], key)
        decided.append(unmade if is_after_raw and unmade is not None else chosen)
    return decided


def _corrtag_task(
    clients: Clients, key: str, products: Sequence[Product], raw: Sequence[HeldFile]
) -> CorrtagTask | None:
    """Corrected events are made where the archive has events, and none that are corrected."""
    if instrument_of(key) != "stis":
        return None
    types = {p.filetype for file in products if (p := parse_filename(file.filename))}
    if TAG not in types or CORRTAG in types:
        return None
    tags = [f.path for f in raw if (p := parse_filename(f.path.name)) and p.filetype == TAG]
    return CorrtagTask(key, tags[0] if tags else None, clients.references, clients.filesystem)


def _read_held(database: Database, kind: Kind, keys: Sequence[str]) -> dict[str, list[HeldFile]]:
    file = tables.File
    statement = select(file.rootname, file.path, file.sha256, file.archived_at, file.origin).where(
        file.rootname == any_of(keys), file.kind == kind
    )
    held: dict[str, list[HeldFile]] = defaultdict(list)
    for row in database.read(statement):
        held[row.rootname].append(HeldFile(Path(row.path), row.sha256, row.archived_at, row.origin))
    return held


def _read_last(
    database: Database, kind: Kind, keys: Sequence[str]
) -> dict[str, tuple[Status, str | None]]:
    names = sorted({f"{instrument_of(key)}/{kind}_files" for key in keys})
    return {key: last for (_, key), last in read_decisions(database, names, keys).items()}


def _is_of_kind(product: Product, kind: Kind) -> bool:
    parsed = parse_filename(product.filename)
    return parsed is not None and parsed.kind == kind and product.fault is None


def _describe_unfit(product: Product) -> BadFile:
    return BadFile(product.filename.lower(), UNREADABLE, f"{product.location} {product.unfit}.")


def _find_obstacle(
    archive: str, key: str, products: Sequence[Product], datasets: Collection[str]
) -> str | None:
    """Say that the archive has nothing of a key; an association may have files of members only."""
    is_known = products or key in datasets
    return None if is_known else f"The {archive} archive has no files of {key}."
