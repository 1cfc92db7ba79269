"""Write raw exposures, associations and their reference files in a folder, without an archive.

For what the archive does not list: the FUV detector, associations, and exposures of other lengths.
"""

from collections.abc import Sequence
from pathlib import Path

from hstql_resources.archive.simulated.cards import fill_cards
from hstql_resources.archive.simulated.cos.headers import exposure_values
from hstql_resources.archive.simulated.cos_raw.archive_contents import RAW
from hstql_resources.archive.simulated.cos_raw.catalogue import RawExposure
from hstql_resources.archive.simulated.cos_raw.detector_references import make_bad_times
from hstql_resources.archive.simulated.cos_raw.products import RawSimulation
from hstql_resources.archive.simulated.cos_raw.references import (
    detector_references,
    make_raw_reference,
    reference_names,
)
from hstql_resources.archive.simulated.sky.fitsfile import Column, Table, make_file

MEMBER_NAME_LENGTH = 14


def write_raw_exposure(exposure: RawExposure, folder: Path) -> list[Path]:
    """Write the files of an exposure into a folder that exists, and return them, sorted."""
    make = RAW.open_files(exposure.place, RawSimulation(exposure))
    paths = [folder / filename for filename in RAW.name_files(exposure.place)]
    for path in paths:
        path.write_bytes(make(path.name))
    return paths


def write_association(members: Sequence[RawExposure], folder: Path) -> Path:
    """Write the files of the exposures of a visit, and their asn file; return that.

    Raises
    ------
    ValueError
        If they are of different visits, or none of an association.
    """
    associations = {member.place.association for member in members}
    if len(associations) != 1 or not all(member.is_member for member in members):
        raise ValueError("An association has exposures of one visit, made with is_member=True.")
    for member in members:
        write_raw_exposure(member, folder)
    path = folder / f"{associations.pop()}_asn.fits"
    path.write_bytes(make_association_table(members, path.name))
    return path


def make_association_table(members: Sequence[RawExposure], filename: str) -> bytes:
    """Return the asn file of the exposures of a visit, with the product that CalCOS makes."""
    first = members[0]
    product = first.place.association
    names = [*(member.rootname for member in members), product]
    primary = {
        **exposure_values(first, filename),
        "ROOTNAME": product,
        "ASN_ID": product.upper(),
        "ASN_TAB": filename,
    }
    columns = [
        Column("MEMNAME", f"{MEMBER_NAME_LENGTH}A", [name.upper() for name in names]),
        Column("MEMTYPE", f"{MEMBER_NAME_LENGTH}A", [*["EXP-FP"] * len(members), "PROD-FP"]),
        Column("MEMPRSNT", "1L", [*[b"T"] * len(members), b"F"]),
    ]
    return make_file(fill_cards("cos_raw/asn_primary", primary), [Table("ASN", columns)])


def write_references(exposures: Sequence[RawExposure], folder: Path) -> list[Path]:
    """Write the reference files of exposures into a folder that exists, and return them."""
    contents: dict[str, bytes] = {}
    for exposure in exposures:
        place = exposure.place
        for filename in detector_references(place.detector).values():
            if filename not in contents:
                contents[filename] = make_raw_reference(filename, exposure.seed) or b""
        visit = [one for one in exposures if one.place.visit_name == place.visit_name]
        bad_times = reference_names(place)["BADTTAB"]
        contents[bad_times] = make_bad_times(visit).to_bytes(bad_times, place.detector)
    for filename, content in contents.items():
        (folder / filename).write_bytes(content)
    return sorted(folder / filename for filename in contents)
