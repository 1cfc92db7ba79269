"""Make the image files of a simulated exposure: raw, flt, flc and ima."""

from collections.abc import Mapping, Sequence
from functools import cached_property

from hstql_resources.archive.simulated.cameras.catalogue import Exposure
from hstql_resources.archive.simulated.cameras.frames import Frame
from hstql_resources.archive.simulated.cameras.image_values import describe_pixels
from hstql_resources.archive.simulated.cameras.pixels import Calibrated, Images, expose
from hstql_resources.archive.simulated.cameras.ramps import Ramp, Read, expose_ramp
from hstql_resources.archive.simulated.cameras.writing import Constant, Writer
from hstql_resources.archive.simulated.sky.fitsfile import Value, Values
from hstql_resources.times import SECONDS_PER_DAY


class Simulation:
    """The images of an exposure, drawn once and only if they are asked for."""

    def __init__(self, exposure: Exposure) -> None:
        self.exposure = exposure

    @cached_property
    def images(self) -> list[Images]:
        """What a CCD or the MAMA gives, one for each frame."""
        return expose(self.exposure)

    @cached_property
    def ramp(self) -> Ramp:
        """What the IR detector gives."""
        return expose_ramp(self.exposure)

    @property
    def is_ramp(self) -> bool:
        """Whether it is the IR detector."""
        return self.exposure.detector.name == "IR"

    @property
    def calibrated(self) -> Sequence[Calibrated]:
        """The calibrated image of each frame."""
        return [self.ramp] if self.is_ramp else self.images


def make_raw(simulation: Simulation, filename: str) -> bytes:
    """Return a raw file: for each chip, or each read, the counts, and constant errors and flags."""
    exposure = simulation.exposure
    writer = Writer(exposure, ("raw",), is_raw=True)
    parts: list[bytes] = []
    if simulation.is_ramp:
        frame = simulation.ramp.frame
        for extver, read in enumerate(simulation.ramp.reads, 1):
            values = {**_read_values(exposure, read), "EXTVER": extver}
            science = {**describe_pixels(read.raw), **values}
            parts.append(writer.extension(frame, "SCI", read.raw, "COUNTS", science))
            parts += writer.constants(frame, values)
            parts += _write_samples(writer, frame, read, values)
    else:
        for images in simulation.images:
            values = {"EXTVER": images.frame.extver}
            science = {**describe_pixels(images.raw), **values}
            parts.append(writer.extension(images.frame, "SCI", images.raw, "COUNTS", science))
            parts += writer.constants(images.frame, values)
    return writer.finish(filename, {}, parts)


def make_calibrated(simulation: Simulation, filename: str, has_cte: bool = False) -> bytes:
    """Return an flt file, or an flc file: for each chip science, error and flags."""
    exposure = simulation.exposure
    writer = Writer(exposure, _calibrated_tags(exposure, has_cte), is_raw=False)
    if simulation.is_ramp:
        ramp = simulation.ramp
        parts = _write_ramp(writer, exposure, ramp)
        return writer.finish(filename, {"PCTECORR": "OMIT"}, parts)
    unit = "COUNTS" if exposure.detector.name == "SBC" else "ELECTRONS"
    parts = []
    levels: Values = {}
    for images in simulation.images:
        measured = {
            "EXTVER": images.frame.extver,
            "MEANBLEV": _mean(images.levels_dn),
            "MEANDARK": _subtracted_dark(exposure, exposure.exposure_s),
            "MEANFLSH": exposure.slot.flash_e,
            "GLOBRATE": float(images.science.sum() / max(exposure.exposure_s, 1.0)),
        }
        parts += writer.triplet(
            images.frame, (images.science, images.error, images.flags), unit, measured
        )
        levels |= {f"BIASLEV{name}": level for name, level in images.levels_dn.items()}
    corrected: Values = {"PCTECORR": "COMPLETE" if has_cte else "OMIT", **levels}
    return writer.finish(filename, corrected, parts)


def make_ima(simulation: Simulation, filename: str) -> bytes:
    """Return an ima file: every read, with science, error, flags, samples and time."""
    exposure = simulation.exposure
    writer = Writer(exposure, ("calibrated",), is_raw=True)
    ramp = simulation.ramp
    parts: list[bytes] = []
    for extver, read in enumerate(ramp.reads, 1):
        values = {
            **_read_values(exposure, read),
            "EXTVER": extver,
            "MEANBLEV": read.level_dn,
            "MEANDARK": _subtracted_dark(exposure, read.time_s),
        }
        trio = (read.science, read.error, read.flags)
        parts += writer.triplet(ramp.frame, trio, "ELECTRONS/S", values)
        parts += _write_samples(writer, ramp.frame, read, values)
    return writer.finish(filename, {}, parts)


def _calibrated_tags(exposure: Exposure, has_cte: bool) -> tuple[str, ...]:
    aligned = ("aligned",) if exposure.slot.is_external else ()
    return ("calibrated", *aligned, *(("cte",) if has_cte else ()))


def _write_ramp(writer: Writer, exposure: Exposure, ramp: Ramp) -> list[bytes]:
    last = ramp.reads[0]
    values = {
        **_read_values(exposure, last),
        "EXTVER": 1,
        "MEANBLEV": last.level_dn,
        "MEANDARK": _subtracted_dark(exposure, last.time_s),
    }
    trio = (ramp.science, ramp.error, ramp.flags)
    parts = writer.triplet(ramp.frame, trio, "ELECTRONS/S", values)
    samples = len(ramp.reads) - 1
    return parts + _write_samples(writer, ramp.frame, last, values, ramp.science.shape, samples)


def _write_samples(
    writer: Writer,
    frame: Frame,
    read: Read,
    values: Mapping[str, Value],
    shape: tuple[int, int] | None = None,
    samples: int | None = None,
) -> list[bytes]:
    shape = shape or frame.raw_shape
    samples = samples if samples is not None else read.number
    return [
        writer.extension(frame, "SAMP", Constant(shape, samples), "SAMPLES", values),
        writer.extension(frame, "TIME", Constant(shape, read.time_s), "SECONDS", values),
    ]


def _read_values(exposure: Exposure, read: Read) -> Values:
    return {
        "SAMPNUM": read.number,
        "SAMPTIME": read.time_s,
        "DELTATIM": read.interval_s,
        "ROUTTIME": exposure.start_mjd + read.time_s / SECONDS_PER_DAY,
    }


def _subtracted_dark(exposure: Exposure, time_s: float) -> float:
    return exposure.dark_rate * time_s if exposure.slot.is_external else 0.0


def _mean(levels: Mapping[str, float]) -> float:
    return sum(levels.values()) / len(levels) if levels else 0.0
