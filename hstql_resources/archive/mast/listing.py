"""List the files of MAST under a data set, and which observation each belongs to."""

import logging
from collections.abc import Iterable, Sequence

from hstql_resources.archive.mast.client import Client, Row, TooLargeError
from hstql_resources.archive.mast.values import read_count, read_text
from hstql_resources.archive.protocol import Product
from hstql_resources.filenames import FileName, exposure_of, is_rootname, parse_filename

_log = logging.getLogger(__name__)

DATASETS_PER_QUESTION = 1000  # MAST takes no more
JITTER_TYPES = frozenset({"jif", "jit"})


def list_products(client: Client, datasets: Sequence[str]) -> dict[str, list[Product]]:
    """Return the files of each data set, sorted by name; an empty list where there are none.

    Parameters
    ----------
    client : Client
        Asks MAST.
    datasets : sequence of str
        Names, lower case.

    Raises
    ------
    ArchiveError
        If MAST does not answer.
    """
    names = sorted(set(datasets))
    rows: dict[str, list[Row]] = {name: [] for name in names}
    for start in range(0, len(names), DATASETS_PER_QUESTION):
        chunk = names[start : start + DATASETS_PER_QUESTION]
        what = f"the files of {chunk[0]}" + (f" and {len(chunk) - 1} more" if chunk[1:] else "")
        for row in _ask(client, what, [name.upper() for name in chunk]):
            name = (read_text(row.get("dataset")) or "").lower()
            if name in rows:
                rows[name].append(row)
    return {name: read_products(name, rows[name]) for name in names}


def _ask(client: Client, what: str, names: Sequence[str]) -> list[Row]:
    """Ask for lists, in halves where all of them are too much for one answer."""
    try:
        return client.list_products(what, names)
    except TooLargeError:
        if len(names) == 1:
            raise
        half = len(names) // 2
        return [*_ask(client, what, names[:half]), *_ask(client, what, names[half:])]


def read_products(dataset: str, rows: Iterable[Row]) -> list[Product]:
    """Read what is listed under one data set.

    Parameters
    ----------
    dataset : str
        Its name, lower case.
    rows : iterable of mapping
        As MAST lists them: each file once or more often, previews and later products among them.

    Returns
    -------
    list of Product
        Files of HST's naming, of the instrument of the data set. A name that no file can have
        here becomes a product without a file name, with the fault.
    """
    faulty: dict[str, Product] = {}
    named: dict[str, tuple[FileName, Row]] = {}
    for row in rows:
        # Not `read_text`: a name with a line break in it is to be refused, not to be mended.
        filename = str(row.get("filename") or "").strip(" ").lower()
        if not _is_plain(filename):
            faulty[filename] = _refuse(dataset, filename)
            continue
        parsed = parse_filename(filename)
        if parsed is None or not _is_held(parsed, dataset):
            continue
        _warn_of_other_size(named.get(filename), row)
        named[filename] = parsed, row
    owners = _find_owners(dataset, [parsed for parsed, _ in named.values()])
    products = [
        _read_product(dataset, owners.get(parsed.rootname, parsed.rootname), filename, row)
        for filename, (parsed, row) in sorted(named.items())
    ]
    return products + list(faulty.values())


def _is_plain(filename: str) -> bool:
    """Tell whether a name is one part of a path, and can be printed."""
    return (
        filename.isprintable()
        and not set(filename) & {"/", "\\"}
        and filename not in ("", ".", "..")
    )


def _refuse(dataset: str, filename: str) -> Product:
    fault = (
        f"MAST lists {filename!r} under {dataset}, which is no name of a file: it is not fetched; "
        "report it to the archive."
    )
    return Product(dataset, "", dataset=dataset, fault=fault)


def _is_held(parsed: FileName, dataset: str) -> bool:
    return (
        parsed.is_fits
        and is_rootname(parsed.rootname)
        and parsed.rootname[0] == dataset[:1]  # the instrument
    )


def _warn_of_other_size(before: tuple[FileName, Row] | None, row: Row) -> None:
    if before is not None and before[1].get("size") != row.get("size"):
        _log.warning(
            "MAST lists %s with %s and with %s bytes; the last is believed.",
            row.get("filename"),
            before[1].get("size"),
            row.get("size"),
        )


def _find_owners(dataset: str, files: Sequence[FileName]) -> dict[str, str]:
    """Return the observation of each jitter file: the other with the same first eight characters.

    One that fits none belongs to the data set, under which it is listed.
    """
    others = {file.rootname for file in files if file.filetype not in JITTER_TYPES} | {dataset}
    by_exposure = {exposure_of(name): name for name in sorted(others)}
    return {
        file.rootname: by_exposure.get(exposure_of(file.rootname), dataset)
        for file in files
        if file.filetype in JITTER_TYPES and file.rootname not in others
    }


def _read_product(dataset: str, rootname: str, filename: str, row: Row) -> Product:
    access = (read_text(row.get("access")) or "PUBLIC").upper()
    return Product(
        rootname,
        filename,
        location=read_text(row.get("uri")) or f"{dataset.upper()}/{filename}",
        size_bytes=read_count(row.get("size")),
        dataset=dataset,
        is_public=access == "PUBLIC",
    )
