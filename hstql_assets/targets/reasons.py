"""Say why an exposure is of its target, in one sentence for a human reader."""

from typing import NamedTuple

from hstql_assets.targets.exposures import TargetExposures
from hstql_assets.targets.sky_groups import SAME_PLACE_ARCSEC, separation_arcsec


class Membership(NamedTuple):
    """How an exposure belongs to its target.

    Attributes
    ----------
    kind : str
        `name` if the target goes by name, `place` by place, `unplaced` if it has none.
    named_by : int
        The exposure that names the target.
    namesakes : int
        Of how many targets there are exposures with this one's name.
    """

    kind: str
    named_by: int
    namesakes: int


def explain(seen: TargetExposures, index: int, membership: Membership) -> str:
    """Return the sentence about one exposure.

    Returns
    -------
    str
        Such as `GW-LIB-COPY2: suffix -COPY2 left out; same place (0.3 arcsec) as GWLIB.`
    """
    read = seen.read[index]
    parts = [f"{read.name} by the override file"] if read.is_decided else list(read.notes)
    parts += _explain_place(seen, index, membership)
    if membership.namesakes > 1:
        parts.append(f"one of {membership.namesakes} targets with exposures of that name")
    name = seen.target_exposures[index].target_name.strip() or "No name"
    return f"{name}: {'; '.join(parts) or 'as in the header'}."


def _explain_place(seen: TargetExposures, index: int, membership: Membership) -> list[str]:
    read, naming = seen.read[index], seen.read[membership.named_by]
    if seen.is_moving[index]:
        return ["moves over the sky, so goes by name only"]
    if membership.kind == "name" and read.key == naming.key:
        return [] if read.is_decided else ["one target wherever it is, by the override file"]
    if index not in seen.places:
        if membership.kind == "unplaced":
            return ["no position"]
        return [f"no position, and one target of that name{_also_called(read.name, naming.name)}"]
    source = ["position by Sesame"] if index in seen.by_sesame else []
    if read.name == naming.name:
        return source
    return [*source, _compare_places(seen, index, membership.named_by, naming.name)]


def _also_called(name: str, target: str) -> str:
    return "" if name == target else f", {target}"


def _compare_places(seen: TargetExposures, index: int, named_by: int, target: str) -> str:
    if named_by not in seen.places:
        return f"same place as others of {target}"
    angle = float(separation_arcsec(seen.places[index], seen.places[named_by]))
    if angle <= SAME_PLACE_ARCSEC:
        return f"same place ({angle:.1f} arcsec) as {target}"
    j2000 = float(separation_arcsec(seen.places_j2000[index], seen.places_j2000[named_by]))
    if j2000 <= SAME_PLACE_ARCSEC:
        return f"same place at J2000 ({j2000:.1f} arcsec) as {target}, by its proper motion"
    return f"linked through others to the place of {target}, {angle:.1f} arcsec away"
