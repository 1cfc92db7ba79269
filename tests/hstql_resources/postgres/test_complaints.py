"""What a server refuses, as sentences that say what can be done."""

import pytest
from sqlalchemy import text

from builders.databases import open_as_superuser
from hstql_resources.postgres.database import Database, DatabaseError
from hstql_resources.postgres.server_access import READER, SUPERUSER


def refuse(database: Database, statement: str = "SELECT 1") -> str:
    """Ask what is refused; return the sentence."""
    with pytest.raises(DatabaseError) as refusal:
        database.read(text(statement))
    database.dispose()
    said = str(refusal.value)
    assert "\n" not in said
    assert said.endswith(".")
    return said


@pytest.mark.parametrize(
    ("options", "statement", "sentence"),
    [
        (f"role={READER}", "DELETE FROM outcomes", "permission denied for table outcomes: give "
         "the login of HSTQL_DATABASE_URL that right, see docs/database.md."),
        ("statement_timeout=50", "SELECT pg_sleep(10)", "The database refused the work: canceling "
         "statement due to statement timeout: raise statement_timeout for the login of "
         "HSTQL_DATABASE_URL."),
        ("default_transaction_read_only=on", "CREATE TABLE t ()", "HSTQL_DATABASE_URL has to name "
         "a server, and a login, that can write."),
    ],
)  # fmt: skip
def test_what_a_server_refuses_says_what_can_be_done(
    database: Database, options: str, statement: str, sentence: str
) -> None:
    limited = database.engine.url.set(username=SUPERUSER, query={
        **database.engine.url.query, "options": f"-c {options}"
    })  # fmt: skip
    assert sentence in refuse(Database(limited), statement)


@pytest.mark.parametrize("part", [{"username": "nobody_here"}, {"database": "nothing_here"}])
def test_a_wrong_address_names_the_setting(database: Database, part: dict[str, str]) -> None:
    wrong = Database(database.engine.url.set(**part))  # type: ignore[arg-type]
    assert "HSTQL_DATABASE_URL names the login, its password and the database" in refuse(wrong)


def test_a_server_that_takes_no_more_says_so(database: Database) -> None:
    root = open_as_superuser(database)
    name = database.engine.url.database
    with root.write() as writer:
        writer.execute(text(f"ALTER DATABASE {name} CONNECTION LIMIT 0"))
    said = refuse(Database(database.engine.url))
    with root.write() as writer:
        writer.execute(text(f"ALTER DATABASE {name} CONNECTION LIMIT -1"))
    root.dispose()
    assert "too many connections" in said
    assert "raise max_connections of the server, or close other programs" in said
