"""Open the transactions of the site: each for one person, who sees and writes what they may."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from sqlalchemy import URL, Connection, Engine, create_engine, func, select

STATEMENT_LIMIT_S = 15
_CONNECTIONS = 10
# A page looks a few rows up by indexes that are in memory for the most part: to read a whole table
# instead, or to compile a plan, takes longer. Nobody gets both cores for what takes long.
_OPEN = f"""
SET LOCAL hstql.person = %s; SET LOCAL hstql.is_local = %s; SET LOCAL hstql.undated = %s;
SET LOCAL statement_timeout = '{STATEMENT_LIMIT_S}s';
SET LOCAL random_page_cost = 1.1; SET LOCAL jit = off;
SET LOCAL max_parallel_workers_per_gather = 0;
SELECT site_role(), site_sees_all()
"""


@dataclass(frozen=True)
class Viewer:
    """Who asks.

    Attributes
    ----------
    name : str
        Of the person, as the sign-in tells it.
    is_local : bool
        Whether they are on the host of the site, which is their own then.
    role : str or None
        reader, flagger or admin; None for one who is not in the table of people.
    sees_all : bool
        Whether nothing is closed to them.
    """

    name: str
    is_local: bool = False
    role: str | None = None
    sees_all: bool = False

    @property
    def may_flag(self) -> bool:
        """Whether they may say what is wrong with an exposure."""
        return self.role in ("flagger", "admin")

    @property
    def is_admin(self) -> bool:
        """Whether they may say who may what."""
        return self.role == "admin"


class Site:
    """The database as the site has it.

    Parameters
    ----------
    address : sqlalchemy.URL
        With the login of the site.
    undated : str
        `public` if exposures without a release date are open, else `closed`.
    """

    def __init__(self, address: URL, undated: str) -> None:
        self.engine: Engine = create_engine(
            address, pool_pre_ping=True, pool_size=_CONNECTIONS, max_overflow=_CONNECTIONS
        )
        self._undated = undated

    @contextmanager
    def open(self, viewer: Viewer, *, writes: bool = False) -> Iterator[tuple[Connection, Viewer]]:
        """Open a transaction for a person; yield it with what the tables say of them."""
        mode = {} if writes else {"postgresql_readonly": True}
        engine = self.engine.execution_options(**mode)
        with engine.begin() as connection:
            values = (viewer.name, "yes" if viewer.is_local else "", self._undated)
            role, sees_all = connection.exec_driver_sql(_OPEN, values).one()
            yield connection, replace(viewer, role=role, sees_all=sees_all)

    def find_key_person(self, digest: str) -> str | None:
        """Return who made the key of a program that has a digest; None where none holds."""
        with self.engine.connect() as connection:
            person: str | None = connection.scalar(select(func.site_key_person(digest)))
        return person

    def dispose(self) -> None:
        """Close all connections that nobody uses."""
        self.engine.dispose()
