"""The files of a raw exposure: event lists, and the table of an association.

Support and jitter files are those of all exposures, see `simulated.support`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hstql_resources.archive.simulated.cos.headers import file_keywords
from hstql_resources.archive.simulated.cos.instrument import TICK_S, Readout
from hstql_resources.archive.simulated.cos_raw.catalogue import RawExposure
from hstql_resources.archive.simulated.cos_raw.events import RawEvents, draw_raw_events
from hstql_resources.archive.simulated.cos_raw.headers import (
    raw_extension_keywords,
    raw_primary_keywords,
)
from hstql_resources.archive.simulated.sky.fitsfile import Column, Table, Value, make_file

MEMBER_NAME_LENGTH = 14


@dataclass(frozen=True)
class RawSimulation:
    """The events of an exposure, readout by readout."""

    exposure: RawExposure
    events: tuple[RawEvents, ...]

    @classmethod
    def run(cls, exposure: RawExposure) -> "RawSimulation":
        """Draw all events of an exposure."""
        readouts = exposure.configuration.readouts
        return cls(exposure, tuple(draw_raw_events(exposure, one) for one in readouts))


def rawtag_names(exposure: RawExposure) -> dict[str, Readout]:
    """Return the event files of an exposure, and what each is read from."""
    return {
        f"{exposure.rootname}_rawtag{readout.suffix}.fits": readout
        for readout in exposure.configuration.readouts
    }


def make_rawtag(simulation: RawSimulation, readout: Readout, filename: str) -> bytes:
    """Return the event list of one readout: events and good times, as CalCOS wants exactly."""
    exposure = simulation.exposure
    readouts = exposure.configuration.readouts
    events = simulation.events[readouts.index(readout)]
    counts = {
        one.segment: drawn.tick.size for one, drawn in zip(readouts, simulation.events, strict=True)
    }
    columns = [
        Column("TIME", "1E", events.tick * TICK_S, "s"),
        Column("RAWX", "1I", events.x.astype(np.int16), "pixel"),
        Column("RAWY", "1I", events.y.astype(np.int16), "pixel"),
    ]
    if exposure.place.detector == "FUV":
        columns.append(Column("PHA", "1B", events.pulse_height))
    good = [
        Column("START", "1D", [0.0], "seconds"),
        Column("STOP", "1D", [exposure.duration_s], "seconds"),
    ]
    names = {"ROOTNAME": exposure.rootname, "EXPNAME": exposure.rootname}
    return make_file(
        raw_primary_keywords(exposure, filename, readout.segment),
        [
            Table("EVENTS", columns, raw_extension_keywords(exposure, counts)),
            Table("GTI", good, names),
        ],
    )


def make_association_table(members: Sequence[RawExposure], filename: str) -> bytes:
    """Return the asn file of the exposures of a visit, with the product that CalCOS makes."""
    first = members[0]
    product = first.place.association
    names = [*(member.rootname for member in members), product]
    primary: dict[str, Value] = {
        **file_keywords(first, filename, "ASN_TABLE"),
        "ROOTNAME": product,
        "ASN_ID": product.upper(),
        "ASN_TAB": filename,
        "ASN_PROD": False,
    }
    columns = [
        Column("MEMNAME", f"{MEMBER_NAME_LENGTH}A", [name.upper() for name in names]),
        Column("MEMTYPE", f"{MEMBER_NAME_LENGTH}A", [*["EXP-FP"] * len(members), "PROD-FP"]),
        Column("MEMPRSNT", "1L", [*[b"T"] * len(members), b"F"]),
    ]
    return make_file(primary, [Table("ASN", columns)])
