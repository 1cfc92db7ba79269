"""Name what triggers note of changes: the transaction that wrote a row, and that rows were deleted.

Apart from the models, for no step writes it, and it is no part of a result or a backup: by it
sensors ask what is new.
"""

from sqlalchemy import BigInteger, Column, MetaData, Table, Text

METADATA = MetaData()


def _name(table: str, *columns: str) -> Table:
    texts = [Column(name, Text) for name in columns]
    return Table(table, METADATA, *texts, Column("transaction_id", BigInteger))


OUTCOMES = _name("outcomes", "asset", "key").c
FILES = _name("files", "rootname").c
PRODUCTS = _name("products", "rootname", "dataset").c
DELETIONS = _name("deletions", "name").c  # assets, and files/ with the first letter of rootnames
