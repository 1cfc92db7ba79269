"""Put a plan into words, for the dry run, the question, and the user interface."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hstql_assets.orchestration.reprocessing.planning import ReprocessingPlan

NAMED = 20  # keys that are named; the others are counted

Row = tuple[int, str, int, str]
COLUMNS = ("step", "asset", "keys", "names")


def tabulate_plan(plan: "ReprocessingPlan") -> list[Row]:
    """Return a row for each asset in the order in which they are made: see `COLUMNS`."""
    return [
        (number, name, len(step.keys), name_some(step.keys))
        for number, step in enumerate(plan.steps, 1)
        for name in step.assets
    ]


def list_remarks(plan: "ReprocessingPlan") -> list[str]:
    """Return what is to be said about a plan besides, a sentence each."""
    remarks = [_tell_source(plan)] if plan.files else []
    if plan.download is not None and plan.files:
        remarks.append(f"Download: {plan.download.describe()}.")
    if plan.brought:
        remarks.append(f"Associations of exposures that were chosen: {name_some(plan.brought)}.")
    if plan.left_out:
        number, names = len(plan.left_out), name_some(plan.left_out)
        remarks.append(
            f"Left out, for nothing was ever made of them ('hstql materialize' does it): {number}: "
            f"{names}."
        )
    return remarks


def name_some(keys: Iterable[str]) -> str:
    """Return the first keys, and how many there are besides."""
    names = list(keys)
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def _tell_source(plan: "ReprocessingPlan") -> str:
    fetched = "are fetched again" if plan.how.is_fetched else "stay"
    if plan.how.is_calibrated:
        return f"Raw files {fetched}; calibrated files are made here by the calibration pipeline."
    return f"Files {fetched}; calibrated files are the archive's."
