"""Keep Dagster's own records: the classes that `dagster.yaml` names.

They find the database and the folders in the settings of hstql, so that every Dagster command
works without a server started by hand; and they write the events of a whole batch of partitions
at once. What assets write is not here.

Dagster's storage classes are subclassed, private members included. That is why pyproject.toml
pins Dagster exactly; raise the pin after running tests/hstql_resources/test_dagster_storage.py.
"""

import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Self
from weakref import WeakSet

import click
from dagster import AssetExecutionContext, DagsterEventType
from dagster._config.config_schema import UserConfigSchema
from dagster._core.events import ASSET_CHECK_EVENTS, ASSET_EVENTS
from dagster._core.events.log import EventLogEntry
from dagster._core.execution.context.metadata_logging import (
    AssetMetadataHandle,
    OutputMetadataAccumulator,
)
from dagster._core.storage.compute_log_manager import CapturedLogContext
from dagster._core.storage.event_log import SqlEventLogStorageTable
from dagster._core.storage.local_compute_log_manager import LocalComputeLogManager
from dagster._core.storage.root import LocalArtifactStorage
from dagster._serdes import ConfigurableClassData
from dagster_postgres import PostgresEventLogStorage, PostgresRunStorage, PostgresScheduleStorage
from dagster_postgres.utils import set_pg_statement_timeout
from pydantic import SecretStr
from sqlalchemy import (
    Connection,
    Engine,
    NullPool,
    create_engine,
    event,
    insert,
    make_url,
    text,
)

from hstql_resources.dagster_counts import PartitionCounts
from hstql_resources.dagster_pools import PatientClaims
from hstql_resources.dagster_small_events import SmallEvents
from hstql_resources.filesystem import apply_umask
from hstql_resources.postgres.address import dagster_database_url, render_address
from hstql_resources.postgres.home import require_home
from hstql_resources.postgres.presence import stay_present
from hstql_resources.settings import SettingsError, load_settings
from hstql_resources.stopping import starting_deaf_children

EVENT_BATCH_SIZE = 1000
TICK_TIMEOUT_S = 300
_NEVER_STORED = DagsterEventType.ASSET_FAILED_TO_MATERIALIZE  # as in the stock class
_CREATION_LOCK = 0x6873_746C_0003  # any number that nobody else locks in the same database
_ENGINES: "WeakSet[Engine]" = WeakSet()


class _Unconfigured:
    """A class that takes nothing from `dagster.yaml`."""

    @classmethod
    def config_type(cls) -> UserConfigSchema:
        """Return the empty schema."""
        return {}


class _PooledStorage(_Unconfigured):
    """What the three storages have in common: the address, a pool, and one creation at a time."""

    _engine: Engine
    postgres_url: str

    @classmethod
    def from_config_value(
        cls,
        inst_data: ConfigurableClassData | None,
        config_value: object,  # noqa: ARG003
    ) -> Self:
        """Make the storage; the embedded server is started if it does not run."""
        with _in_one_sentence():
            settings = load_settings()
            apply_umask(settings)
            _require_home(settings.home, settings.database_url)
            url = dagster_database_url(settings).render_as_string(hide_password=False)
        # Dagster asks the environment at each event whether it may hand events over in batches,
        # and the default is not to. The processes that it starts inherit the answer.
        if not int(os.environ.get("DAGSTER_EVENT_BATCH_SIZE") or 0):
            os.environ["DAGSTER_EVENT_BATCH_SIZE"] = str(EVENT_BATCH_SIZE)
        # Likewise how long a tick may take: a poll of a whole archive takes more than a minute.
        os.environ.setdefault("DAGSTER_SENSOR_GRPC_TIMEOUT_SECONDS", str(TICK_TIMEOUT_S))
        if settings.database_url is not None:
            stay_present(render_address(make_url(url), hide_password=False))
        with _one_at_a_time(url):
            storage = cls(url, inst_data=inst_data)  # type: ignore[call-arg]
        storage._engine = _pooled_engine(url)
        return storage

    def optimize_for_webserver(
        self, statement_timeout: int, pool_recycle: int, max_overflow: int
    ) -> None:
        """Serve the many threads of the webserver, none of them for ever."""
        self._engine.dispose()
        self._engine = _pooled_engine(
            self.postgres_url, pool_recycle=pool_recycle, max_overflow=max_overflow
        )
        event.listen(
            self._engine,
            "connect",
            lambda connection, _: set_pg_statement_timeout(connection, statement_timeout),
        )

    def dispose(self) -> None:
        super().dispose()  # type: ignore[misc]
        self._engine.dispose()


class RunStorage(_PooledStorage, PostgresRunStorage):
    """Dagster's runs."""


class ScheduleStorage(_PooledStorage, PostgresScheduleStorage):
    """Dagster's schedules and sensors."""


class EventLogStorage(
    _PooledStorage, PatientClaims, PartitionCounts, SmallEvents, PostgresEventLogStorage
):
    """Dagster's events, written in batches, packed; what `event_pruning` leaves of them will do.

    A run over a thousand partitions has two thousand events: each partition is planned, then
    materialized. The stock class writes a batch of planned events one by one, in several statements
    each over new connections.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._batch = threading.local()
        self._tables: set[str] = set()
        super().__init__(*arguments, **options)

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """Store events in one transaction: all of them, or none.

        None matters: Dagster answers an error by storing the same events one by one.
        """
        events = [entry for entry in events if entry.dagster_event_type != _NEVER_STORED]
        if not events:
            return
        with self._batch_transaction() as connection:
            stored = list(zip(events, self._insert(connection, events), strict=True))
            assets = [pair for pair in stored if pair[0].dagster_event_type in ASSET_EVENTS]
            self._store_asset_event_tags(connection, *_columns(assets))
            for entry, event_id in _last_of_each_asset(assets):
                self._store_asset_event(connection, entry, event_id)
            for entry, event_id in stored:
                if entry.dagster_event_type in ASSET_CHECK_EVENTS:
                    self.store_asset_check_event(entry, event_id)

    def index_connection(self) -> Any:
        """Yield a connection; in a batch always that of its transaction."""
        connection = getattr(self._batch, "connection", None)
        return super().index_connection() if connection is None else _unchanged(connection)

    @contextmanager
    def _batch_transaction(self) -> Iterator[Connection]:
        with self.index_transaction() as connection:
            self._batch.connection = connection
            try:
                yield connection
            finally:
                del self._batch.connection

    def _insert(self, connection: Connection, events: Sequence[EventLogEntry]) -> list[int]:
        """Insert events in a few statements and return their ids in the same order."""
        statement = insert(SqlEventLogStorageTable).returning(
            SqlEventLogStorageTable.c.id, sort_by_parameter_order=True
        )
        rows = [self._event_to_row(entry) for entry in events]
        return [int(row[0]) for row in connection.execute(statement, rows)]

    def has_table(self, table_name: str) -> bool:
        """Return whether a table is there, asking only until it is; each operation asks."""
        if table_name not in self._tables and super().has_table(table_name):
            self._tables.add(table_name)
        return table_name in self._tables


class _InHome(_Unconfigured):
    """A class that keeps files in a folder under HSTQL_HOME, and not beside `dagster.yaml`."""

    _folder: str

    @classmethod
    def from_config_value(
        cls,
        inst_data: ConfigurableClassData | None,
        config_value: object,  # noqa: ARG003
    ) -> Self:
        """Make it for the home of the settings."""
        folder = load_settings().home.resolve() / cls._folder
        return cls(str(folder), inst_data=inst_data)  # type: ignore[call-arg]


class ArtifactStorage(_InHome, LocalArtifactStorage):
    """What Dagster keeps in files."""

    _folder = "dagster"


class ComputeLogManager(_InHome, LocalComputeLogManager):
    """What steps print."""

    _folder = "logs/dagster"

    @contextmanager
    def capture_logs(self, log_key: Sequence[str]) -> Iterator[CapturedLogContext]:
        """Have what is printed copied by processes that leave Ctrl-C to this one."""
        with ExitStack() as stack:
            with starting_deaf_children():
                captured = stack.enter_context(super().capture_logs(log_key))
            yield captured


def add_metadata_by_partition(
    context: AssetExecutionContext, metadata: Mapping[str, Mapping[str, Any]]
) -> None:
    """Give each partition of the run its own metadata, all at once.

    The same as `context.add_asset_metadata(values, partition_key=key)` for each key, which reads
    all keys of the partition set and copies all metadata given before, each time: 20 ms for one
    key of 10,000, and ten times that for one of 100,000.

    Parameters
    ----------
    context : dagster.AssetExecutionContext
        Of an asset with partitions.
    metadata : mapping of str to mapping
        By partition key; all keys must be among `context.partition_keys`.

    Raises
    ------
    ValueError
        If the run does not make one of the keys.
    """
    if foreign := metadata.keys() - set(context.partition_keys):
        raise ValueError(f"The run does not make {', '.join(sorted(foreign))}.")
    step = context.op_execution_context._step_execution_context
    merged = dict(step._metadata_accumulator.per_output_metadata)
    for key, values in metadata.items():
        handle = AssetMetadataHandle(asset_key=context.asset_key, partition_key=key)
        merged[handle] = {**merged.get(handle, {}), **values}
    step._metadata_accumulator = OutputMetadataAccumulator(per_output_metadata=merged)


_Stored = tuple[EventLogEntry, int]


def _columns(stored: Sequence[_Stored]) -> tuple[list[EventLogEntry], list[int]]:
    return [entry for entry, _ in stored], [event_id for _, event_id in stored]


def _last_of_each_asset(stored: Sequence[_Stored]) -> list[_Stored]:
    """Return the last event of each asset and type.

    They are sorted by asset, so that two runs that update the same assets wait for each other
    and do not deadlock.
    """
    last: dict[tuple[str, DagsterEventType | None], _Stored] = {}
    for entry, event_id in stored:
        asset_key = entry.get_dagster_event().asset_key
        if asset_key is not None:
            last[asset_key.to_string(), entry.dagster_event_type] = (entry, event_id)
    return sorted(last.values(), key=lambda pair: str(pair[0].get_dagster_event().asset_key))


@contextmanager
def _unchanged(connection: Connection) -> Iterator[Connection]:
    yield connection


class _StartError(SettingsError, click.ClickException):
    """What Dagster's own commands show in one line, and no traceback; so do those of hstql."""

    def __init__(self, message: str) -> None:
        click.ClickException.__init__(self, message)


@contextmanager
def _in_one_sentence() -> Iterator[None]:
    try:
        yield
    except SettingsError as error:
        raise _StartError(str(error)) from None


@cache
def _require_home(_home: Path, _database: SecretStr | None) -> None:
    """See once in each process that this host has what hosts share."""
    require_home(load_settings())


@contextmanager
def _one_at_a_time(url: str) -> Iterator[None]:
    """Let only one process make Dagster's tables; ten at once run out of its retries."""
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _CREATION_LOCK})
        yield


@cache
def _pooled_engine(url: str, *, pool_recycle: int = -1, max_overflow: int = 20) -> Engine:
    """Return a pool that survives a restart of the server and a fork of the process.

    The three storages of a process share it: a server may have few connections for many processes.
    """
    _prepare_for_forks()
    engine = create_engine(
        url,
        isolation_level="AUTOCOMMIT",
        pool_size=2,
        max_overflow=max_overflow,
        pool_recycle=pool_recycle,
        pool_pre_ping=True,
    )
    _ENGINES.add(engine)
    return engine


@cache
def _prepare_for_forks() -> None:
    os.register_at_fork(after_in_child=_forget_connections)


def _forget_connections() -> None:
    """In a forked child leave the connections to the parent."""
    for engine in _ENGINES:
        engine.dispose(close=False)
