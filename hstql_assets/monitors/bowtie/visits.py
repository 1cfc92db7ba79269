"""Tell which flats of a visit stand before and after a saturated one, and why others do not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, product

from hstql_assets.monitors.flat_gains.pairs import ALONE, Flat, Unused, list_differences

NO_SATURATED = "no saturated flat"
NONE_BEFORE = "no flat before"
NONE_AFTER = "no flat after"
UNLIKE = "another set-up"
SPARE = "not next to it"


@dataclass(frozen=True)
class Triple:
    """A saturated flat, and the two of one set-up next to it."""

    before: Flat
    saturated: Flat
    after: Flat


def find_triples(
    flats: Sequence[Flat], is_saturated: Mapping[str, bool]
) -> tuple[list[Triple], list[Unused]]:
    """Return the triples of a visit by time, and the flats that are in none.

    Parameters
    ----------
    flats : sequence of Flat
        That can be used, each with a start.
    is_saturated : mapping of str to bool
        By rootname.
    """
    ordered = sorted(flats, key=lambda one: (one.start_mjd or 0.0, one.rootname))
    if not any(is_saturated[one.rootname] for one in ordered):
        return [], _name_all(ordered)
    runs = [(full, list(own)) for full, own in
            groupby(ordered, key=lambda one: is_saturated[one.rootname])]  # fmt: skip
    triples: list[Triple] = []
    why: dict[str, Unused] = {}
    for place, (is_full, run) in enumerate(runs):
        if not is_full:
            continue
        before = runs[place - 1][1] if place else []
        after = runs[place + 1][1] if place + 1 < len(runs) else []
        found = _choose(before, run, after)
        if isinstance(found, Triple):
            triples.append(found)
        else:
            why |= {one.rootname: one for one in found}
    used = {one.rootname for triple in triples
            for one in (triple.before, triple.saturated, triple.after)}  # fmt: skip
    left = [one for one in ordered if one.rootname not in used]
    spare = "It is not the nearest to a saturated flat of its visit."
    return triples, [why.get(one.rootname, Unused(one.rootname, SPARE, spare)) for one in left]


def _choose(
    before: Sequence[Flat], run: Sequence[Flat], after: Sequence[Flat]
) -> Triple | list[Unused]:
    """Return the nearest flats of one set-up on both sides of saturated ones, or why not."""
    pairs = product(reversed(before), after)
    nearest = next((pair for pair in pairs if pair[0].setup == pair[1].setup), None)
    if nearest is not None:
        first, last = nearest
        return Triple(first, run[-1], last)
    names = ", ".join(one.rootname for one in run)
    if not before or not after:
        reason, side = (NONE_AFTER, "after") if before else (NONE_BEFORE, "before")
        detail = f"In the visit there is no flat {side} {names}, which is saturated."
        return [Unused(one.rootname, reason, detail) for one in (*before, *run, *after)]
    unlike = " and ".join(list_differences(before[-1], after[0]))
    detail = (
        f"{before[-1].rootname} and {after[0].rootname}, before and after {names}, have another "
        f"{unlike}."
    )
    return [Unused(one.rootname, UNLIKE, detail) for one in (*before, *run, *after)]


def _name_all(flats: Sequence[Flat]) -> list[Unused]:
    if len(flats) == 1:
        return [Unused(flats[0].rootname, ALONE, "It is the only flat of its visit.")]
    detail = "None of the flats of its visit is saturated."
    return [Unused(one.rootname, NO_SATURATED, detail) for one in flats]
