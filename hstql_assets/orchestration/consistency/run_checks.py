"""Run the checks by name: each asks for what it needs, compares, and says what it found.

How Dagster is told is in `checks`, how a user is, in `command`.
"""

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain

from hstql_assets.batching.asset_nodes import list_owned_files
from hstql_assets.batching.key_forms import describe_wrong_key, is_key, show_key
from hstql_assets.observations.discovery import discover
from hstql_assets.orchestration.asset_list import list_nodes
from hstql_assets.orchestration.consistency.archive_diff import ArchiveState, compare_with_archive
from hstql_assets.orchestration.consistency.disk_listing import list_files
from hstql_assets.orchestration.consistency.duplicates import find_duplicates, settle_copies
from hstql_assets.orchestration.consistency.findings import (
    STRAY,
    WRONG_KEY,
    Examination,
    Finding,
    examine,
)
from hstql_assets.orchestration.consistency.header_mismatch import (
    find_header_mismatches,
    find_split_programs,
)
from hstql_assets.orchestration.consistency.header_mismatch_query import (
    read_mismatched_headers,
    read_split_programs,
)
from hstql_assets.orchestration.consistency.inputs import (
    group_by_key,
    read_decision_times,
    read_files,
    read_first_running,
    read_memory,
    read_products,
    read_retrievals,
    stream_files,
)
from hstql_assets.orchestration.consistency.orphan_files import find_makers, find_orphan_files
from hstql_assets.orchestration.consistency.orphan_proof import keep_unproven
from hstql_assets.orchestration.consistency.recorded_files import (
    RecordedFile,
    choose_sample,
    find_missing_files,
    find_wrong_checksums,
    find_wrong_sizes,
    hash_files,
)
from hstql_assets.orchestration.consistency.scope import (
    ChecksumPlan,
    Scope,
    walk_home,
    walk_mirror,
)
from hstql_resources.archive import ArchiveError, Product, Search
from hstql_resources.clients import Clients

Examinations = Mapping[tuple[str, str], Examination]  # by instrument and name of the check
MADE_FOLDERS = ("files", "products", "previews")  # under HSTQL_HOME, whose files have rows


@dataclass(frozen=True)
class Check:
    """A check: `claim` is what holds when nothing is found."""

    name: str
    claim: str
    examine: Callable[[Scope], Examination]

    def run(self, scope: Scope) -> Examination:
        """Examine; an archive that does not answer is an error, and nothing is said of it."""
        try:
            return self.examine(scope)
        except ArchiveError as error:
            return Examination(error=str(error))


def examine_all(
    clients: Clients,
    registered: Mapping[str, Sequence[str]],
    checksums: ChecksumPlan,
    names: Collection[str] = (),
) -> dict[tuple[str, str], Examination]:
    """Run every check, or those of some names.

    Returns
    -------
    dict of (instrument, name of the check) to Examination
    """
    return {
        (instrument, check.name): check.run(Scope(clients, instrument, keys, checksums))
        for instrument, keys in registered.items()
        for check in CHECKS
        if not names or check.name in names
    }


def _examine_archive(scope: Scope) -> Examination:
    clients, instrument = scope.clients, scope.instrument
    found = discover(clients.archive, Search(instrument))
    held = group_by_key(read_files(clients.database, instrument))
    retrievals = read_retrievals(clients.database, instrument)
    products: dict[str, list[Product]] = {key: [] for key in held.keys() | retrievals.keys()}
    for product in found.products:
        if product.rootname in products:
            products[product.rootname].append(product)
    findings = compare_with_archive(
        ArchiveState(
            archive=clients.archive.name,
            instrument=instrument,
            offered=frozenset(found.rootnames),
            registered=frozenset(scope.registered),
            products=products,
            held=held,
            reasons={key: reason for key, reason in retrievals.items() if reason},
            is_in_place=clients.archive.in_place,
        )
    )
    notes = {
        "observations_in_archive": len(found.rootnames),
        "observations_compared": len(products),
        "not_registered": len(set(found.rootnames) - set(scope.registered)),
    }
    return examine(findings, notes)


def _examine_presence(scope: Scope) -> Examination:
    database, instrument = scope.clients.database, scope.instrument
    findings: list[Finding] = []
    number = 0
    for held in chain(stream_files(database, instrument), [read_products(database, instrument)]):
        findings += find_missing_files(held, list_files(file.path for file in held))
        number += len(held)
    return examine(findings, {"rows_compared": number})


def _examine_strays(scope: Scope) -> Examination:
    """Read rows last: a file that gets its row meanwhile is none of the findings."""
    found = list(walk_home(scope, MADE_FOLDERS))
    database, instrument = scope.clients.database, scope.instrument
    held = chain(stream_files(database, instrument), [read_products(database, instrument)])
    named = {file.path for some in held for file in some}
    findings = find_orphan_files(scope.home, found, named, list_owned_files(list_nodes()))
    findings = _require_proof(scope, findings)
    running = read_first_running(scope.clients.database, scope.clients.log.run_id)
    settled = [finding for finding in findings if not _is_newer(finding, running)]
    notes = {"files_compared": len(found), "too_new_to_tell": len(findings) - len(settled)}
    return examine(settled, notes)


def _require_proof(scope: Scope, findings: Sequence[Finding]) -> list[Finding]:
    """Let only those strays be removed that the database has not merely forgotten."""
    strays = [finding for finding in findings if finding.kind == STRAY]
    if not strays:
        return list(findings)
    nodes = [
        node for node in list_nodes() if node.name.split("/")[0] in (scope.instrument, node.name)
    ]
    makers = {one.path: (one.key, find_makers(scope.home, one.path, nodes)) for one in strays}
    memory = read_memory(scope.clients.database, scope.clients.filesystem.logs)
    return keep_unproven(findings, memory, read_decision_times(scope.clients.database, makers))


def _is_newer(finding: Finding, running: datetime | None) -> bool:
    """Tell whether a file came after the start of a run that may write its row yet."""
    if running is None or finding.kind != STRAY:
        return False
    try:
        return os.stat(finding.path).st_ctime >= running.timestamp()  # noqa: PTH116, few
    except OSError:  # gone meanwhile
        return True


def _examine_sizes(scope: Scope) -> Examination:
    findings: list[Finding] = []
    chosen: list[RecordedFile] = []
    number = 0
    for held in stream_files(scope.clients.database, scope.instrument):
        findings += find_wrong_sizes(held, list_files((one.path for one in held), with_sizes=True))
        chosen = _choose([*chosen, *held], scope.checksums)
        number += len(held)
    told = {finding.path for finding in findings}
    sample = [file for file in chosen if file.path not in told]
    hashed = hash_files(scope.clients.workers, [file.path for file in sample])
    findings += find_wrong_checksums(sample, hashed)
    return examine(findings, {"sizes_compared": number, "checksums_compared": len(sample)})


def _choose(held: Sequence[RecordedFile], plan: ChecksumPlan) -> list[RecordedFile]:
    if plan.is_everything:
        return [file for file in held if file.sha256 is not None]
    return choose_sample(held, plan.files, plan.size_bytes, f"{datetime.now(UTC):%Y-%m-%d}")


def _examine_duplicates(scope: Scope) -> Examination:
    batches = stream_files(scope.clients.database, scope.instrument)
    used = {file.path for held in batches for file in held}
    own = list(walk_home(scope, ("files",)))
    findings = settle_copies(find_duplicates(own, used), used, scope.home)
    mirror = list(walk_mirror(scope))
    findings += find_duplicates(mirror, used)
    return examine(findings, {"files_compared": len(own) + len(mirror)})


def _examine_headers(scope: Scope) -> Examination:
    database = scope.clients.database
    suspects = read_mismatched_headers(database, scope.instrument)
    findings = find_header_mismatches(suspects)
    findings += find_split_programs(read_split_programs(database, scope.instrument))
    harmless = len(suspects) - len({finding.path for finding in findings})
    return examine(findings, {"harmless_differences": max(harmless, 0)})


def _examine_keys(scope: Scope) -> Examination:
    name = f"{scope.instrument}_rootname"
    findings = [
        Finding(WRONG_KEY, show_key(key), "", describe_wrong_key(name, key))
        for key in scope.registered
        if not is_key(name, key)
    ]
    return examine(findings, {"keys_looked_at": len(scope.registered)})


CHECKS = (
    Check(
        "agrees_with_archive",
        "What the archive lists of the registered observations has rows, and the reverse.",
        _examine_archive,
    ),
    Check(
        "files_are_there",
        "Every file that a row names (of the archive, lightcurve, composite, preview) is on disk.",
        _examine_presence,
    ),
    Check(
        "no_stray_files",
        "Every file under HSTQL_HOME in files, products and previews is named by a row.",
        _examine_strays,
    ),
    Check(
        "sizes_and_checksums",
        "Files have the size of their rows; of a sample, or of all if asked for, the SHA-256 too.",
        _examine_sizes,
    ),
    Check(
        "no_duplicates",
        "No observation is in two folders, no file in two places or in the folder of another.",
        _examine_duplicates,
    ),
    Check(
        "headers_agree_with_names",
        "No header names another exposure, instrument, detector or proposal than its file.",
        _examine_headers,
    ),
    Check(
        "keys_are_rootnames",
        "Every partition key of the instrument is one of its rootnames.",
        _examine_keys,
    ),
)
