"""Resolve one target per place of the sky, one name per target: the rules, put together.

The answer depends on the set of exposures only, not on their order or on who asks when.

1. The override file wins. A name that it gives or lists is one target wherever it is.
2. Of a name, repetition marks of proposals are left out (`names`); separators do not count.
3. What moves over the sky goes by its name only: MTFLAG says so, or the name is a planet's or
   moon's. An exposure without MTFLAG moves if another of its name does.
4. Everything else goes by its place: what is within 2 arcsec of each other, through others too,
   is one target whatever its names; one name at two places is two targets. Stars move: within 2
   arcsec at J2000, by the proper motion in the header, is one place too.
5. Without a position (none in the header, none by Sesame) an exposure is of the one target of its
   name; if there are several or none, those without a position are a target of their own.
6. A target is called what its earliest exposure is called, so that new data rarely rename it.
7. Of two targets with one slug the earlier keeps it; the other gets a hash of its place.
"""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from hstql_assets.targets.exposures import (
    UNNAMED,
    Positions,
    TargetExposure,
    TargetExposures,
    group_alike,
    read_target_exposures,
)
from hstql_assets.targets.overrides import Overrides
from hstql_assets.targets.reasons import Membership, explain
from hstql_assets.targets.sky_groups import group_places, merge_groups
from hstql_assets.targets.slugs import make_slug, make_slug_of_place

NO_OVERRIDES = Overrides()
NO_POSITIONS: Positions = MappingProxyType({})

Label = tuple[str, Hashable]


@dataclass(frozen=True)
class Resolution:
    """The decision about one exposure.

    Attributes
    ----------
    resolved_name : str
        The name of its target.
    target : str
        The slug of its target, which no other target has.
    reason : str
        Which rules led there, one sentence.
    """

    resolved_name: str
    target: str
    reason: str


def resolve_targets(
    target_exposures: Sequence[TargetExposure],
    overrides: Overrides = NO_OVERRIDES,
    positions: Positions = NO_POSITIONS,
) -> dict[str, Resolution]:
    """Decide of which target each exposure is.

    Parameters
    ----------
    target_exposures : sequence of TargetExposure
        All exposures, in any order; one per rootname.
    overrides : Overrides
        What people decided.
    positions : mapping of str to (float, float) [deg]
        Right ascension and declination by cleaned name, for names without a position in headers.

    Returns
    -------
    dict of str to Resolution
        By rootname.
    """
    alike = group_alike(target_exposures)
    seen = read_target_exposures([group[0] for group in alike], overrides, positions)
    labels = _label(seen)
    members: dict[Label, list[int]] = defaultdict(list)
    for index, label in enumerate(labels):
        members[label].append(index)
    named_by = {label: _find_naming(seen, label, indices) for label, indices in members.items()}
    slugs = _make_slugs(seen, members, named_by)
    namesakes = _count_namesakes(seen, labels)
    decisions: dict[str, Resolution] = {}
    for index, (target_exposure, label) in enumerate(
        zip(seen.target_exposures, labels, strict=True)
    ):
        membership = Membership(label[0], named_by[label], namesakes[seen.read[index].key])
        decisions[target_exposure.rootname] = Resolution(
            seen.read[named_by[label]].name, slugs[label], explain(seen, index, membership)
        )
    return {
        target_exposure.rootname: decisions[group[0].rootname]
        for group in alike
        for target_exposure in group
    }


def _label(seen: TargetExposures) -> list[Label]:
    """Return what tells the target of each exposure from all others.

    ("name", key) goes by name, ("place", n) is a place, ("unplaced", key) has a name only.
    """
    by_place = _label_places(seen)
    places_of_name: dict[str, set[Label]] = defaultdict(set)
    for index, label in by_place.items():
        places_of_name[seen.read[index].key].add(label)
    labels: list[Label] = []
    for index, name in enumerate(seen.read):
        if seen.is_moving[index] or name.is_anywhere:
            labels.append(("name", name.key))
        elif index in by_place:
            labels.append(by_place[index])
        else:
            known = places_of_name.get(name.key, ()) if name.name != UNNAMED else ()
            labels.append(next(iter(known)) if len(known) == 1 else ("unplaced", name.key))
    return labels


def _label_places(seen: TargetExposures) -> dict[int, Label]:
    """Return the label of each exposure that has a place.

    If one at its place, the nearest, goes by name, so does it.
    """
    indices = list(seen.places)
    if not indices:
        return {}
    groups = merge_groups(
        group_places(np.array(list(seen.places.values()))),
        group_places(np.array(list(seen.places_j2000.values()))),
    )
    labels: dict[int, Label] = {
        index: ("place", group) for index, group in zip(indices, groups.tolist(), strict=True)
    }
    pinned: dict[Label, list[int]] = defaultdict(list)
    for index, label in labels.items():
        if seen.read[index].is_anywhere:
            pinned[label].append(index)
    for index, label in labels.items() if pinned else ():
        if label in pinned:
            labels[index] = ("name", seen.read[_nearest(seen, index, pinned[label])].key)
    return labels


def _nearest(seen: TargetExposures, index: int, others: Sequence[int]) -> int:
    vectors = np.array([seen.places[other] for other in others])
    distances = np.linalg.norm(vectors - seen.places[index], axis=1)
    return others[int(np.argmin(distances))]


def _find_naming(seen: TargetExposures, label: Label, indices: Sequence[int]) -> int:
    """Return the exposure that names a target: the earliest of those that can."""
    names = seen.read
    if label[0] == "name":
        indices = [index for index in indices if names[index].key == label[1]]
        return min(indices, key=lambda index: (not names[index].is_decided, index))
    return next((index for index in indices if names[index].name != UNNAMED), indices[0])


def _make_slugs(
    seen: TargetExposures, members: Mapping[Label, Sequence[int]], named_by: Mapping[Label, int]
) -> dict[Label, str]:
    """Return a slug for each target; the order of targets is that of their first exposures."""
    owners: dict[str, Label] = {}
    for label, index in named_by.items():
        owners.setdefault(make_slug(seen.read[index].name), label)
    slugs = {label: slug for slug, label in owners.items()}
    for label, index in named_by.items():
        if label in slugs:
            continue
        name, place = seen.read[index].name, _describe_place(seen, label, members[label])
        slug = make_slug_of_place(name, place)
        while slug in owners:
            place += "'"
            slug = make_slug_of_place(name, place)
        owners[slug] = label
        slugs[label] = slug
    return slugs


def _describe_place(seen: TargetExposures, label: Label, indices: Sequence[int]) -> str:
    """Return the place of the earliest exposure that has one, to an arcsecond."""
    for index in indices:
        if index in seen.places:
            return ",".join(f"{coordinate:.5f}" for coordinate in seen.places[index])
    return f"{label[0]} {label[1]}"


def _count_namesakes(seen: TargetExposures, labels: Sequence[Label]) -> dict[str, int]:
    """Return of how many targets there are exposures with a name, by its key."""
    found: dict[str, set[Label]] = defaultdict(set)
    for name, label in zip(seen.read, labels, strict=True):
        found[name.key].add(label)
    return {key: len(targets) for key, targets in found.items()}
