"""Word what people are told of a run that failed."""

from collections.abc import Mapping, Sequence

from hstql_resources.notifying import Notice
from hstql_resources.run_tags import END_TAG, PARTITION_TAG, START_TAG


def describe_failure(
    run_id: str, job: str, tags: Mapping[str, str], reasons: Sequence[str]
) -> Notice:
    """Return what people are told of a run that failed.

    Parameters
    ----------
    run_id, job : str
        Of Dagster.
    tags : mapping of str to str
        Those of the run.
    reasons : sequence of str
        What the run itself and each of its steps say.
    """
    keys = tags.get(PARTITION_TAG, "")
    if START_TAG in tags:
        keys = f"{tags[START_TAG]} to {tags.get(END_TAG, '')}"
    told = "\n".join(dict.fromkeys(one.strip() for one in reasons if one.strip()))
    return Notice(
        f"hstql: a run of {job} failed",
        f"The run {run_id} of {job} failed{f', of {keys}' if keys else ''}.\n\n{told}\n\n"
        "Its log is in the user interface of Dagster.\n",
        {"kind": "run", "name": job, "run": run_id, "keys": keys, "summary": told},
    )
