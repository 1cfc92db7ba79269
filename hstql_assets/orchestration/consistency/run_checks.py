"""Run the checks by name: each asks for what it needs, compares, and says what it found.

How Dagster is told is in `checks`, how a user is, in `command`.
"""

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from hstql_assets.batching.asset_nodes import list_owned_files
from hstql_assets.batching.key_forms import describe_wrong_key, is_key, show_key
from hstql_assets.observations.discovery import discover
from hstql_assets.orchestration.asset_list import list_nodes
from hstql_assets.orchestration.consistency.archive_diff import ArchiveState, compare_with_archive
from hstql_assets.orchestration.consistency.disk_listing import list_files
from hstql_assets.orchestration.consistency.duplicates import (
    find_duplicates,
    find_suspects,
    settle_copies,
)
from hstql_assets.orchestration.consistency.findings import (
    STRAY,
    WRONG_KEY,
    Examination,
    Finding,
    examine,
)
from hstql_assets.orchestration.consistency.fingerprints import Paths
from hstql_assets.orchestration.consistency.header_mismatch import (
    find_header_mismatches,
    find_split_programs,
)
from hstql_assets.orchestration.consistency.header_mismatch_query import (
    read_mismatched_headers,
    read_split_programs,
)
from hstql_assets.orchestration.consistency.inputs import (
    FILES_AT_ONCE,
    HeldFiles,
    batched,
    read_decision_times,
    read_first_running,
    read_memory,
    read_named,
    read_retrievals,
    stream_files,
    stream_recorded,
)
from hstql_assets.orchestration.consistency.orphan_files import find_makers, find_orphan_files
from hstql_assets.orchestration.consistency.orphan_proof import Memory, keep_unproven
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
from hstql_resources.filenames import stored_name

Notes = dict[str, int]
OnFinding = Callable[[Finding], None]
Examinations = Mapping[tuple[str, str], Examination]  # by instrument and name of the check
MADE_FOLDERS = ("files", "products", "previews")  # under HSTQL_HOME, whose files have rows


@dataclass(frozen=True)
class Check:
    """A check: `claim` is what holds when nothing is found.

    `find` yields what it finds, and notes meanwhile what it compared.
    """

    name: str
    claim: str
    find: Callable[[Scope, Notes], Iterator[Finding]]

    def run(self, scope: Scope, on_finding: OnFinding = lambda _finding: None) -> Examination:
        """Examine; an archive that does not answer is an error, and nothing is said of it."""
        notes: Notes = {}
        try:
            return examine(_tell(self.find(scope, notes), on_finding), notes)
        except ArchiveError as error:
            return Examination(error=str(error))


def _tell(findings: Iterable[Finding], on_finding: OnFinding) -> Iterator[Finding]:
    for finding in findings:
        on_finding(finding)
        yield finding


def examine_all(
    clients: Clients,
    registered: Mapping[str, Sequence[str]],
    checksums: ChecksumPlan,
    names: Collection[str] = (),
    on_finding: Callable[[str, str, Finding], None] = lambda *_: None,
) -> dict[tuple[str, str], Examination]:
    """Run every check, or those of some names.

    Parameters
    ----------
    on_finding : callable
        Called with instrument, name of the check and each finding, in no order.

    Returns
    -------
    dict of (instrument, name of the check) to Examination
    """
    return {
        (instrument, check.name): check.run(
            Scope(clients, instrument, keys, checksums), partial(on_finding, instrument, check.name)
        )
        for instrument, keys in registered.items()
        for check in CHECKS
        if not names or check.name in names
    }


def _find_in_archive(scope: Scope, notes: Notes) -> Iterator[Finding]:
    clients, instrument = scope.clients, scope.instrument
    found = discover(clients.archive, Search(instrument))
    held = HeldFiles(clients.database, instrument)
    retrievals = read_retrievals(clients.database, instrument)
    # In the order of the rows, which are read a part at a time.
    products = dict.fromkeys(sorted(held.keys() | retrievals), tuple[Product, ...]())
    for product in found.products:
        if product.rootname in products:
            products[product.rootname] += (product,)
    notes["observations_in_archive"] = len(found.rootnames)
    notes["observations_compared"] = len(products)
    notes["not_registered"] = len(set(found.rootnames) - set(scope.registered))
    yield from compare_with_archive(
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


def _find_missing(scope: Scope, notes: Notes) -> Iterator[Finding]:
    notes["rows_compared"] = 0
    for held in stream_recorded(scope.clients.database, scope.instrument):
        notes["rows_compared"] += len(held)
        yield from find_missing_files(held, list_files(file.path for file in held))


def _find_strays(scope: Scope, notes: Notes) -> Iterator[Finding]:
    """Yield what no row names; rows are read again last, of what got its row meanwhile."""
    clients, owned = scope.clients, list_owned_files(list_nodes())
    recorded = Paths(
        file.path for held in stream_recorded(clients.database, scope.instrument) for file in held
    )
    memory = read_memory(clients.database, clients.filesystem.logs)
    notes |= {"files_compared": 0, "too_new_to_tell": 0}
    for found in batched(walk_home(scope, MADE_FOLDERS), FILES_AT_ONCE):
        notes["files_compared"] += len(found)
        others = [file for file in found if file.path not in recorded]
        paths = [file.path for file in others]
        named = read_named(clients.database, paths, owned) if paths else ()
        others = [file for file in others if file.path not in named]
        findings = find_orphan_files(scope.home, others, recorded, owned)
        findings = _require_proof(scope, findings, memory)
        running = read_first_running(clients.database, clients.log.run_id)
        settled = [finding for finding in findings if not _is_newer(finding, running)]
        notes["too_new_to_tell"] += len(findings) - len(settled)
        yield from settled


def _require_proof(scope: Scope, findings: Sequence[Finding], memory: Memory) -> list[Finding]:
    """Let only those strays be removed that the database has not merely forgotten."""
    strays = [finding for finding in findings if finding.kind == STRAY]
    if not strays:
        return list(findings)
    nodes = [
        node for node in list_nodes() if node.name.split("/")[0] in (scope.instrument, node.name)
    ]
    makers = {one.path: (one.key, find_makers(scope.home, one.path, nodes)) for one in strays}
    return keep_unproven(findings, memory, read_decision_times(scope.clients.database, makers))


def _is_newer(finding: Finding, running: datetime | None) -> bool:
    """Tell whether a file came after the start of a run that may write its row yet."""
    if running is None or finding.kind != STRAY:
        return False
    try:
        return os.stat(finding.path).st_ctime >= running.timestamp()  # noqa: PTH116, few
    except OSError:  # gone meanwhile
        return True


def _find_other_contents(scope: Scope, notes: Notes) -> Iterator[Finding]:
    notes |= {"sizes_compared": 0, "checksums_compared": 0}
    plan, chosen = scope.checksums, list[RecordedFile]()
    for held in stream_files(scope.clients.database, scope.instrument):
        notes["sizes_compared"] += len(held)
        findings = find_wrong_sizes(held, list_files((one.path for one in held), with_sizes=True))
        yield from findings
        wrong = {finding.path for finding in findings}
        right = [one for one in held if one.sha256 is not None and one.path not in wrong]
        if plan.is_everything:
            yield from _find_wrong_contents(scope, notes, right)
        else:
            chosen = choose_sample(
                [*chosen, *right], plan.files, plan.size_bytes, f"{datetime.now(UTC):%Y-%m-%d}"
            )
    yield from _find_wrong_contents(scope, notes, chosen)


def _find_wrong_contents(
    scope: Scope, notes: Notes, chosen: Sequence[RecordedFile]
) -> list[Finding]:
    notes["checksums_compared"] += len(chosen)
    return find_wrong_checksums(
        chosen, hash_files(scope.clients.workers, [file.path for file in chosen])
    )


def _find_duplicates(scope: Scope, notes: Notes) -> Iterator[Finding]:
    own, mirror = partial(walk_home, scope, ("files",)), partial(walk_mirror, scope)
    notes["files_compared"] = 0
    for walk in (own, mirror):
        number, suspects = find_suspects(walk)
        notes["files_compared"] += number
        names = {stored_name(file.name) for file in suspects}
        batches = stream_files(scope.clients.database, scope.instrument) if names else ()
        used = {
            file.path
            for held in batches
            for file in held
            if stored_name(file.path.rpartition("/")[2]) in names
        }
        findings = find_duplicates(suspects, used)
        yield from settle_copies(findings, used, scope.home) if walk is own else findings


def _find_in_headers(scope: Scope, notes: Notes) -> Iterator[Finding]:
    database = scope.clients.database
    suspects = read_mismatched_headers(database, scope.instrument)
    findings = find_header_mismatches(suspects)
    findings += find_split_programs(read_split_programs(database, scope.instrument))
    harmless = len(suspects) - len({finding.path for finding in findings})
    notes["harmless_differences"] = max(harmless, 0)
    yield from findings


def _find_wrong_keys(scope: Scope, notes: Notes) -> Iterator[Finding]:
    name = f"{scope.instrument}_rootname"
    notes["keys_looked_at"] = len(scope.registered)
    for key in scope.registered:
        if not is_key(name, key):
            yield Finding(WRONG_KEY, show_key(key), "", describe_wrong_key(name, key))


CHECKS = (
    Check(
        "agrees_with_archive",
        "What the archive lists of the registered observations has rows, and the reverse.",
        _find_in_archive,
    ),
    Check(
        "files_are_there",
        "Every file that a row names (of the archive, lightcurve, composite, preview) is on disk.",
        _find_missing,
    ),
    Check(
        "no_stray_files",
        "Every file under HSTQL_HOME in files, products and previews is named by a row.",
        _find_strays,
    ),
    Check(
        "sizes_and_checksums",
        "Files have the size of their rows; of a sample, or of all if asked for, the SHA-256 too.",
        _find_other_contents,
    ),
    Check(
        "no_duplicates",
        "No observation is in two folders, no file in two places or in the folder of another.",
        _find_duplicates,
    ),
    Check(
        "headers_agree_with_names",
        "No header names another exposure, instrument, detector or proposal than its file.",
        _find_in_headers,
    ),
    Check(
        "keys_are_rootnames",
        "Every partition key of the instrument is one of its rootnames.",
        _find_wrong_keys,
    ),
)
