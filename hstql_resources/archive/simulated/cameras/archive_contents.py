"""List the files of exposures and associations of the cameras, and what makes each."""

from collections.abc import Callable
from functools import partial

from hstql_resources.archive.simulated.archive_contents import Contents, Makers
from hstql_resources.archive.simulated.cameras.catalogue import (
    Exposure,
    Place,
    count_observations,
    guess_index,
    make_exposure,
)
from hstql_resources.archive.simulated.cameras.combining import (
    Combination,
    make_drizzled,
    make_rejected,
)
from hstql_resources.archive.simulated.cameras.jitter import make_jif, make_jit
from hstql_resources.archive.simulated.cameras.products import (
    Simulation,
    make_calibrated,
    make_ima,
    make_raw,
)
from hstql_resources.archive.simulated.cameras.support import make_asn, make_spt
from hstql_resources.archive.simulated.cameras.truth import state_association, state_truth


def _of_one(make: Callable[[Simulation, str], bytes]) -> Callable[[Combination, str], bytes]:
    return lambda combination, filename: make(combination.members[0], filename)


def _of_plan(make: Callable[[Exposure, str], bytes]) -> Callable[[Combination, str], bytes]:
    return lambda combination, filename: make(combination.exposure, filename)


def _state(combination: Combination) -> str:
    if combination.exposure.slot.is_association:
        return state_association(combination.exposure)
    return state_truth(combination.members[0]).to_json()


_MAKERS: Makers[Combination] = {
    "raw": _of_one(make_raw),
    "flt": _of_one(make_calibrated),
    "flc": _of_one(partial(make_calibrated, has_cte=True)),
    "ima": _of_one(make_ima),
    "drz": make_drizzled,
    "drc": partial(make_drizzled, has_cte=True),
    "crj": make_rejected,
    "crc": partial(make_rejected, has_cte=True),
    "spt": _of_plan(make_spt),
    "jit": _of_plan(make_jit),
    "jif": _of_plan(make_jif),
    "asn": _of_plan(make_asn),
}


def _list_makers(place: Place) -> Makers[Combination]:
    slot, detector = place.slot, place.slot.detector
    two_chips = len(detector.chips) > 1
    if slot.is_association:
        types = ["asn", "drz", "spt", "jit", "jif", *(["drc", "crj", "crc"] if two_chips else [])]
    else:
        types = ["raw", "flt", "spt"]
        if detector.name == "IR":
            types.append("ima")
        if slot.is_external:
            types += ["jit", "jif"]
            types += ["flc"] if two_chips else []
            types += [] if slot.member or two_chips else ["drz"]
    makers = {f"{kind}.fits": _MAKERS[kind] for kind in types}
    return {**makers, "truth.json": lambda combination, _: _state(combination).encode()}


def _list_contents(instrument: str, share: tuple[int, int]) -> Contents[Place, Combination]:
    return Contents(
        partial(Place, instrument),
        partial(guess_index, instrument),
        count_observations(instrument),
        lambda seed, place: Combination(make_exposure(seed, place)),
        _list_makers,
        share,
    )


ACS = _list_contents("acs", share=(1, 1))
WFC3 = _list_contents("wfc3", share=(2, 3))
