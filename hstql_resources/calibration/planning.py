"""Plan the runs: which exposures are calibrated together, from which files.

An association is one run that makes its products and those of its members. An exposure is a run
of its own, of COS with its wavecals if it has no lamp flashes.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

from hstql_resources.calibration.associations import Member, read_members
from hstql_resources.calibration.errors import CalibrationError
from hstql_resources.calibration.expected import expect_of_exposure, expect_of_products
from hstql_resources.calibration.exposures import Exposure, find_table, read_exposure
from hstql_resources.calibration.pipelines import PIPELINES
from hstql_resources.calibration.units import CalibrationUnit, Fault, Plan
from hstql_resources.filenames import stored_name

Holdings = Mapping[str, Sequence[Path]]


def plan_units(instrument: str, names: Sequence[str], holdings: Holdings) -> Plan:
    """Plan the runs for what is asked for.

    Parameters
    ----------
    instrument : str
        `cos`, `stis`, `acs` or `wfc3`.
    names : sequence of str
        Rootnames of exposures and associations whose products are wanted.
    holdings : mapping
        By rootname the files at hand: raw files, association tables, support files. Members
        and wavecals that were not asked for are taken from here too; a `Fault` names those that
        are not.

    Returns
    -------
    Plan
    """
    return _Planner(instrument, holdings).plan(names)


class _Planner:
    def __init__(self, instrument: str, holdings: Holdings) -> None:
        self.pipeline = PIPELINES[instrument]
        self.holdings = holdings
        self.units: list[CalibrationUnit] = []
        self.faults: list[Fault] = []
        self.nothing: dict[str, str] = {}
        self.made: set[str] = set()

    def plan(self, names: Sequence[str]) -> Plan:
        wanted = list(dict.fromkeys(names))
        tables = {name: table for name in wanted if (table := self._find_table(name)) is not None}
        for name, table in tables.items():
            self._attempt(name, partial(self._add_association, name, table))
        for name in wanted:
            if name not in tables and name not in self.made:
                self._attempt(name, partial(self._add_exposure, name))
        return Plan(tuple(self.units), tuple(self.faults), self.nothing)

    def _attempt(self, name: str, add: Callable[[], None]) -> None:
        try:
            add()
        except CalibrationError as error:
            self.faults.append(Fault(name, str(error)))

    def _find_table(self, name: str) -> Path | None:
        # calstis takes a raw file that has the name of its association.
        if self.pipeline.instrument == "stis":
            return None
        return find_table(name, self.holdings.get(name, ()))

    def _read(self, rootname: str) -> Exposure | None:
        return read_exposure(self.pipeline, rootname, self.holdings.get(rootname, ()))

    def _add_association(self, name: str, table: Path) -> None:
        members = read_members(table)
        exposures = self._read_members(name, [m for m in members if not m.is_product])
        if exposures is None:
            return
        reasons = [exposure.why_nothing() for exposure in exposures]
        if None not in reasons:
            self.nothing[name] = f"Of all members of {name}: {reasons[0]}"
            return
        products = [member for member in members if member.is_product]
        makes = [name, *(m.rootname for m in products), *(e.rootname for e in exposures)]
        expected = expect_of_products(members, exposures)
        self._add(name, f"{name}_asn.fits", exposures, makes, expected, table=table)

    def _read_members(self, name: str, members: Sequence[Member]) -> list[Exposure] | None:
        """Return the exposures of an association; None if some are not at hand, noted."""
        present = [member.rootname for member in members if member.is_present]
        exposures = {rootname: self._read(rootname) for rootname in present}
        lacks = tuple(rootname for rootname, exposure in exposures.items() if exposure is None)
        if lacks or not present:
            sentence = (
                f"Association {name} cannot be calibrated: there is no raw file of "
                f"{', '.join(lacks)}."
                if lacks
                else f"Association {name} has no members."
            )
            self.faults.append(Fault(name, sentence, lacks))
            return None
        return [exposure for exposure in exposures.values() if exposure is not None]

    def _add_exposure(self, name: str) -> None:
        exposure = self._read(name)
        if exposure is None:
            self.faults.append(Fault(name, f"There is no raw file of {name}.", (name,)))
            return
        reason = exposure.why_nothing()
        if reason is not None:
            self.nothing[name] = reason
        elif needs_wavecals(exposure):
            self._add_with_wavecals(exposure)
        else:
            self._add(name, stored_name(exposure.raws[0].path.name), [exposure], [name])

    def _add_with_wavecals(self, exposure: Exposure) -> None:
        name = exposure.rootname
        association = str(exposure.raws[0].header.get("ASN_ID", "")).strip().lower()
        table = find_table(association, self.holdings.get(association, ()))
        if table is None:
            self.faults.append(
                Fault(
                    name,
                    f"{name} has no lamp flashes, and the table of its association {association}, "
                    "which names its wavecals, is not at hand.",
                    (association,),
                )
            )
            return
        members = [m for m in read_members(table) if m.rootname == name or m.is_wavecal]
        exposures = self._read_members(name, members)
        if exposures is not None:
            self._add(name, f"{name}_asn.fits", exposures, [name], generated=tuple(members))

    def _add(
        self,
        name: str,
        entry: str,
        exposures: Sequence[Exposure],
        makes: Iterable[str],
        products: tuple[tuple[str, ...], ...] = (),
        *,
        table: Path | None = None,
        generated: tuple[Member, ...] = (),
    ) -> None:
        raws = [raw for exposure in exposures for raw in exposure.raws]
        largest = max(raw.size_bytes for raw in raws)  # or one of them cannot be read
        kept = tuple(rootname for rootname in dict.fromkeys(makes) if rootname not in self.made)
        self.made.update(kept)
        detector = str(raws[0].header.get("DETECTOR", "")).strip()
        expected = tuple(names for exposure in exposures for names in expect_of_exposure(exposure))
        self.units.append(
            CalibrationUnit(
                name=name,
                instrument=self.pipeline.instrument,
                entry=entry,
                inputs=tuple(path for exposure in exposures for path in exposure.paths)
                + ((table,) if table else ()),
                raws=tuple(raw.path for raw in raws),
                makes=kept,
                expected=expected + products,
                memory_bytes=self.pipeline.memory_need(detector, largest),
                generated_members=tuple(member for member in generated if member.is_present),
            )
        )


def needs_wavecals(exposure: Exposure) -> bool:
    """Tell whether the wavelengths of a COS exposure come from lamp exposures besides it."""
    header = exposure.raws[0].header
    words = {key: str(header.get(key, "NONE")).strip() for key in ("TAGFLASH", "EXPTYPE", "ASN_ID")}
    return (
        exposure.rootname[0] == "l"
        and str(header.get("OBSTYPE", "")).strip() == "SPECTROSCOPIC"
        and exposure.raws[0].switches().get("WAVECORR") == "PERFORM"
        and words["TAGFLASH"] in {"NONE", "N/A", ""}
        and words["EXPTYPE"].startswith("EXTERNAL")
        and words["ASN_ID"] not in {"NONE", "N/A", ""}
    )
