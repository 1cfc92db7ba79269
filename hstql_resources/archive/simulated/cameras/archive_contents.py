"""List the files of exposures and associations of the cameras, and what makes each."""

from collections.abc import Callable
from functools import partial

from hstql_resources.archive.simulated.archive_contents import Contents, Makers
from hstql_resources.archive.simulated.cameras import catalogue, jitter, products, support, truth
from hstql_resources.archive.simulated.cameras.blob_catalogue import BlobPlace
from hstql_resources.archive.simulated.cameras.bowtie_catalogue import (
    FLATS,
    MOST_FLATS,
    BowtiePlace,
    guess_bowtie,
)
from hstql_resources.archive.simulated.cameras.combining import (
    Combination,
    make_drizzled,
    make_rejected,
)
from hstql_resources.archive.simulated.cameras.dark_catalogue import (
    ANNEALS,
    DARKS_PER_CYCLE,
    DarkPlace,
    guess_dark,
)
from hstql_resources.archive.simulated.cameras.flat_catalogue import (
    EperPlace,
    FlatPlace,
    count_flats,
    guess_flat,
)
from hstql_resources.archive.simulated.cameras.persistence_catalogue import (
    SufferingPlace,
    count_suffering,
    guess_suffering,
)
from hstql_resources.archive.simulated.cameras.settings import PERSISTENCE
from hstql_resources.archive.simulated.cameras.standard_stars import StandardPlace
from hstql_resources.archive.simulated.cameras.telegraph import (
    IrDarkPlace,
    count_ir_darks,
    guess_ir_dark,
)
from hstql_resources.archive.simulated.sky.truth import Truth, write_truth


def _of_one(
    make: Callable[[products.Simulation, str], bytes],
) -> Callable[[Combination, str], bytes]:
    return lambda combination, filename: make(combination.members[0], filename)


def _of_plan(
    make: Callable[[catalogue.Exposure, str], bytes],
) -> Callable[[Combination, str], bytes]:
    return lambda combination, filename: make(combination.exposure, filename)


def _state(combination: Combination) -> Truth:
    if combination.exposure.slot.is_association:
        return truth.state_association(combination.exposure)
    return truth.state_truth(combination.members[0])


_MAKERS: Makers[Combination] = {
    "raw": _of_one(products.make_raw),
    "flt": _of_one(products.make_calibrated),
    "flc": _of_one(partial(products.make_calibrated, has_cte=True)),
    "ima": _of_one(products.make_ima),
    "drz": make_drizzled,
    "drc": partial(make_drizzled, has_cte=True),
    "crj": make_rejected,
    "crc": partial(make_rejected, has_cte=True),
    "spt": _of_plan(support.make_spt),
    "jit": _of_plan(jitter.make_jit),
    "jif": _of_plan(jitter.make_jif),
    "asn": _of_plan(support.make_asn),
}


def _list_makers(place: catalogue.Place) -> Makers[Combination]:
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
    return {**makers, "truth.json": lambda combination, _: write_truth(_state(combination))}


def _list_contents(
    instrument: str, share: tuple[int, int]
) -> Contents[catalogue.Place, Combination]:
    return Contents(
        partial(catalogue.Place, instrument),
        partial(catalogue.guess_index, instrument),
        catalogue.count_observations(instrument),
        lambda seed, place: Combination(catalogue.make_exposure(seed, place)),
        _list_makers,
        share,
    )


def _list_flats(
    instrument: str, place: type[FlatPlace] = FlatPlace
) -> Contents[catalogue.Place, Combination]:
    """Return the flats of a camera, of one kind of place; how many there are is by epochs."""
    flats = len(place(instrument, 0).plan)
    return Contents(
        partial(place, instrument),
        partial(guess_flat, flats),
        count_flats(flats),
        lambda seed, one: Combination(catalogue.make_exposure(seed, one)),
        _list_makers,
        share=(flats, 1),
    )


def _list_darks(instrument: str) -> Contents[catalogue.Place, Combination]:
    """Return the darks of a camera between anneals; how many there are is by epochs."""
    return Contents(
        partial(DarkPlace, instrument),
        partial(guess_dark, instrument),
        len(ANNEALS) * DARKS_PER_CYCLE,
        lambda seed, place: Combination(catalogue.make_exposure(seed, place)),
        _list_makers,
        share=(DARKS_PER_CYCLE, 1),
    )


ACS = _list_contents("acs", share=(1, 1))
WFC3 = _list_contents("wfc3", share=(2, 3))
ACS_FLATS = _list_flats("acs")
WFC3_FLATS = _list_flats("wfc3")
WFC3_PERSISTENCE: Contents[catalogue.Place, Combination] = Contents(
    partial(SufferingPlace, "wfc3"),
    guess_suffering,
    count_suffering(),
    lambda seed, place: Combination(catalogue.make_exposure(seed, place)),
    _list_makers,
    share=(len(PERSISTENCE["wfc3"]), 1),
)
ACS_EPER = _list_flats("acs", EperPlace)
WFC3_EPER = _list_flats("wfc3", EperPlace)
WFC3_DARKS = _list_darks("wfc3")
WFC3_BLOBS = _list_flats("wfc3", BlobPlace)
WFC3_BOWTIE: Contents[catalogue.Place, Combination] = Contents(
    partial(BowtiePlace, "wfc3"),
    guess_bowtie,
    MOST_FLATS,
    lambda seed, place: Combination(catalogue.make_exposure(seed, place)),
    _list_makers,
    share=(FLATS, 1),
)
WFC3_IR_DARKS: Contents[catalogue.Place, Combination] = Contents(
    partial(IrDarkPlace, "wfc3"),
    guess_ir_dark,
    count_ir_darks(),
    lambda seed, place: Combination(catalogue.make_exposure(seed, place)),
    _list_makers,
    share=(DARKS_PER_CYCLE, 1),
)
ACS_STANDARDS = _list_flats("acs", StandardPlace)
WFC3_STANDARDS = _list_flats("wfc3", StandardPlace)
