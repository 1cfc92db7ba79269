"""List the files of raw COS exposures, and what makes each; the archive has those of the NUV."""

from functools import partial

from hstql_resources.archive.simulated.archive_contents import Contents, Makers
from hstql_resources.archive.simulated.cos.support import make_jit, make_spt
from hstql_resources.archive.simulated.cos_raw.catalogue import (
    MAXIMUM_RAW,
    RawPlace,
    guess_number,
    locate,
    make_exposure,
)
from hstql_resources.archive.simulated.cos_raw.products import RawSimulation, make_rawtag
from hstql_resources.archive.simulated.cos_raw.truth import state_raw_truth
from hstql_resources.archive.simulated.sky.truth import write_truth


def _list_makers(place: RawPlace) -> Makers[RawSimulation]:
    events = {
        f"rawtag{readout.suffix}.fits": partial(make_rawtag, number)
        for number, readout in enumerate(place.configuration.readouts)
    }
    return {
        **events,
        "jit.fits": lambda simulation, name: make_jit(simulation.exposure, name),
        "spt.fits": lambda simulation, name: make_spt(simulation.exposure, name),
        "truth.json": lambda simulation, _: write_truth(state_raw_truth(simulation.exposure)),
    }


RAW = Contents(
    locate,
    guess_number,
    MAXIMUM_RAW,
    lambda seed, place: RawSimulation(make_exposure(seed, place)),
    _list_makers,
)
