"""Hold the archive's lists against the rows of `files`."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from hstql_assets.orchestration.consistency.findings import (
    ARCHIVE_CLOSED,
    ARCHIVE_EMPTY,
    NEVER_RETRIEVED,
    NOT_RETRIEVED,
    OBSERVATION_GONE,
    PRODUCT_CHANGED,
    PRODUCT_GONE,
    PRODUCT_MISSING,
    Finding,
)
from hstql_assets.orchestration.consistency.recorded_files import RecordedFile
from hstql_resources.archive import Product
from hstql_resources.filenames import FileName, parse_filename


@dataclass(frozen=True)
class ArchiveState:
    """What an archive has of an instrument, and what was brought in.

    Attributes
    ----------
    archive : str
        Its name, for sentences.
    instrument : str
        Such as `cos`.
    offered : collection of str
        The rootnames that it lists.
    registered : collection of str
        The partition keys.
    products : mapping of rootname to sequence of Product
        Of every rootname that was ever decided or has rows.
    held : mapping of rootname to sequence of RecordedFile
        The rows of `files`.
    reasons : mapping of rootname to str
        Why the last retrieval of a rootname failed.
    is_in_place : bool
        Whether its files are read where they lie; then other checks look at their sizes.
    """

    archive: str
    instrument: str
    offered: Collection[str]
    registered: Collection[str]
    products: Mapping[str, Sequence[Product]]
    held: Mapping[str, Sequence[RecordedFile]]
    reasons: Mapping[str, str]
    is_in_place: bool


def compare_with_archive(state: ArchiveState) -> Iterator[Finding]:
    """Yield where an archive and the rows of `files` differ.

    What the archive has and nobody registered is no fault. An archive that has none of what the
    rows name is more likely not mounted than emptied, and is one finding.
    """
    if state.held and not any(state.products.values()):
        detail = (
            f"The {state.archive} archive has none of the {len(state.held)} observations of "
            f"{state.instrument} that have rows: is it mounted?"
        )
        yield Finding(ARCHIVE_EMPTY, "", "", detail)
        return
    yield from _find_never_retrieved(state)
    for rootname, products in state.products.items():
        yield from _compare_observation(state, rootname, products)


def _find_never_retrieved(state: ArchiveState) -> Iterator[Finding]:
    """Yield the keys that nothing was decided about; bringing them in is no healing."""
    for rootname in set(state.registered) & set(state.offered) - state.products.keys():
        detail = (
            f"It is registered and was never asked for: 'hstql materialize "
            f"{state.instrument}/header_tables --rootname {rootname}' brings it in."
        )
        yield Finding(NEVER_RETRIEVED, rootname, "", detail)


def _compare_observation(
    state: ArchiveState, rootname: str, products: Sequence[Product]
) -> Iterator[Finding]:
    held = {file.filename: file for file in state.held.get(rootname, ())}
    if not products:
        if held:
            detail = (
                f"The {state.archive} archive has it no longer; its {len(held)} rows stay, for "
                "an archive that has nothing proves nothing."
            )
            yield Finding(OBSERVATION_GONE, rootname, "", detail)
        return
    closed = [product.location for product in products if not product.filename]
    if closed:
        yield Finding(ARCHIVE_CLOSED, rootname, closed[0], "Check its permissions and links.")
        return
    # What is not public and not here was left out for that reason.
    listed = {
        name: product
        for name, product in map(_named, products)
        if name is not None and (product.is_public or name.name in held)
    }
    if listed and not held:
        yield _not_retrieved(state, rootname, listed)
        return
    yield from _compare_products(state, rootname, listed, held)


def _not_retrieved(
    state: ArchiveState, rootname: str, listed: Mapping[FileName, Product]
) -> Finding:
    because = state.reasons.get(rootname, "It has no rows.")
    detail = f"The {state.archive} archive has {len(listed)} files of it. {because}"
    makers = {_maker(state.instrument, name) for name in listed}
    return Finding(NOT_RETRIEVED, rootname, "", detail, can_heal=True, remade_by=max(makers))


def _compare_products(
    state: ArchiveState,
    rootname: str,
    listed: Mapping[FileName, Product],
    held: Mapping[str, RecordedFile],
) -> Iterator[Finding]:
    names = {name.name for name in listed}
    for name, product in listed.items():
        maker = _maker(state.instrument, name)
        if name.name not in held:
            detail = f"The {state.archive} archive has {product.filename}, and no row names it."
            yield Finding(PRODUCT_MISSING, rootname, product.location, detail, True, maker)
            continue
        file = held[name.name]
        if not state.is_in_place and _is_other_size(product, file):
            detail = (
                f"{product.filename} has {product.size_bytes} bytes in the {state.archive} "
                f"archive, and had {file.size_bytes}."
            )
            yield Finding(PRODUCT_CHANGED, rootname, file.path, detail, True, maker)
    for filename in sorted(held.keys() - names):
        file = held[filename]
        if file.is_made_here:
            continue
        detail = f"The {state.archive} archive has no {filename} any more."
        yield Finding(PRODUCT_GONE, rootname, file.path, detail, True, file.made_by)


def _is_other_size(product: Product, file: RecordedFile) -> bool:
    is_told = product.size_bytes is not None and not file.is_made_here
    return is_told and product.size_bytes != file.size_bytes


def _named(product: Product) -> tuple[FileName | None, Product]:
    return parse_filename(product.filename), product


def _maker(instrument: str, name: FileName) -> str:
    return f"{instrument}/{name.kind}_files"
