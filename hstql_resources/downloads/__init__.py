"""Fetch many files over HTTP at once, each whole under its final name or not at all.

What a file is asked for and what became of it (`download`), the threads (`fetching`), one file
with its repeats (`retry`), one request (`attempt`, `answers`, `redirects`, `resuming`), when
a host may be asked (`rate_limit`). No archive is known here, and `http_retry` says how long to wait
after a failure.

It is code of its own because the downloaders for Python (parfive, pooch, pypdl, and astroquery's)
either do not resume or take the answer to a Range request on trust, and none of them can tell
whether FITS is whole before the file gets its name. `urllib3` does the rest.
"""

from hstql_resources.downloads.download import Download, Downloaded, Policy
from hstql_resources.downloads.fetching import fetch_all

__all__ = ["Download", "Downloaded", "Policy", "fetch_all"]
