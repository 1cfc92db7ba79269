"""List the files of STIS exposures, and what makes each."""

from hstql_resources.archive.simulated.archive_contents import Contents
from hstql_resources.archive.simulated.sky.truth import write_truth
from hstql_resources.archive.simulated.stis.catalogue import (
    MAXIMUM_OBSERVATIONS,
    guess_index,
    locate,
    make_exposure,
)
from hstql_resources.archive.simulated.stis.products import (
    Simulation,
    make_raw,
    make_spt,
    make_tag,
    make_wav,
    make_x1d,
)
from hstql_resources.archive.simulated.stis.truth import state_truth

_MAKERS = {
    "raw.fits": make_raw,
    "spt.fits": lambda simulation, name: make_spt(simulation.exposure, name),
    "tag.fits": make_tag,
    "truth.json": lambda simulation, _: write_truth(state_truth(simulation.exposure)),
    "wav.fits": lambda simulation, name: make_wav(simulation.exposure, name),
    "x1d.fits": make_x1d,
}

STIS = Contents(
    locate,
    guess_index,
    MAXIMUM_OBSERVATIONS,
    lambda seed, place: Simulation(make_exposure(seed, place)),
    lambda _: _MAKERS,
    share=(1, 3),
)
