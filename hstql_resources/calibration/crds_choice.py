"""Choose the best reference files for raw files, by the crds client.

crds reads its variables when it is imported, and ends the process when it finds neither rules nor
server, so it runs in a process of its own. Nothing is asked of a server that does not answer.
"""

import importlib.util
import json
import logging
import os
import re
import socket
import subprocess
import sys
import tempfile
import urllib.parse
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hstql_resources.calibration import crds_worker
from hstql_resources.calibration.errors import CrdsError
from hstql_resources.calibration.reference_files import choose_values, wanted_references
from hstql_resources.filenames import instrument_of, stored_name
from hstql_resources.fits.whole_files import open_hdus, read_primary
from hstql_resources.http_retry import RetryPolicy

_log = logging.getLogger(__name__)

TIMEOUT_S = 1800.0  # the rules of a new cache and the files of a batch have to come over the net
_POLICY = RetryPolicy()
# Of the client of crds: it asks so often, and waits as long each time.
_RETRIES = {
    "CRDS_CLIENT_RETRY_COUNT": f"{_POLICY.attempts}",
    "CRDS_CLIENT_RETRY_DELAY_SECONDS": f"{_POLICY.first_wait_s:.0f}",
}
_PASSED_ON = ("PATH", "HOME", "LANG", "PYTHONPATH", "HTTPS_PROXY", "SSL_CERT_FILE")
_FATAL = re.compile(r"CRDS - ERROR -\s*(?:\(FATAL\))?\s*(.*)")


@dataclass(frozen=True)
class CrdsChoice:
    """What crds has chosen.

    Attributes
    ----------
    choices : dict
        By name of a raw file, plain, filenames by keyword; for `assemble_references`.
    paths : dict
        By filename where it is in the cache.
    """

    choices: dict[str, dict[str, str]]
    paths: dict[str, Path]

    def find_with(self, find: Callable[[str], Path | None]) -> Callable[[str], Path | None]:
        """Return a function that looks into the cache first, then where `find` looks."""

        def find_chosen(value: str) -> Path | None:
            return self.paths.get(value.rpartition("$")[2]) or find(value)

        return find_chosen


def is_configured(environment: Mapping[str, str] = os.environ) -> bool:
    """Tell whether crds is installed and has a cache named by CRDS_PATH."""
    return importlib.util.find_spec("crds") is not None and bool(environment.get("CRDS_PATH"))


def choose_references(
    raws: Sequence[Path],
    environment: Mapping[str, str] = os.environ,
    timeout_s: float = TIMEOUT_S,
) -> CrdsChoice:
    """Choose the best reference files for raw files, and bring those needed into the cache.

    What could not be brought is not among the paths, and is then looked for elsewhere. Each
    call of CRDS takes `timeout_s` seconds at most.

    Raises
    ------
    CrdsError
        If they cannot be chosen.
    """
    headers = {stored_name(raw.name): _read(raw) for raw in raws}
    job: dict[str, Any] = {"headers": headers, "fetch": None}
    answer = _ask(job, environment, timeout_s)
    lacking = {
        stored_name(raw.name): kinds for raw in raws if (kinds := _find_lacking(raw, answer))
    }
    if lacking and environment.get("CRDS_SERVER_URL"):
        job = {"headers": {name: headers[name] for name in lacking}, "fetch": lacking}
        try:
            answer["paths"].update(_ask(job, environment, timeout_s)["paths"])
        except CrdsError as error:
            _log.warning("Reference files are missing from the cache of crds: %s", error)
    return CrdsChoice(
        {name: _by_keyword(kinds) for name, kinds in answer["chosen"].items()},
        {filename: Path(path) for filename, path in answer["paths"].items()},
    )


def _find_lacking(raw: Path, answer: dict[str, Any]) -> list[str]:
    """Return the kinds of reference files that a raw file needs and the cache lacks."""
    instrument = instrument_of(stored_name(raw.name))
    choice = _by_keyword(answer["chosen"][stored_name(raw.name)])
    header, _ = choose_values(instrument, read_primary(raw), choice)
    wanted = wanted_references(instrument, header)
    return [
        keyword.lower()
        for keyword, value in wanted.items()
        if keyword in choice and value.rpartition("$")[2] not in answer["paths"]
    ]


def _by_keyword(kinds: Mapping[str, str]) -> dict[str, str]:
    """Return what was chosen by keyword; where crds found nothing, the header decides."""
    named = {kind.upper(): filename.strip() for kind, filename in kinds.items()}
    return {
        keyword: "N/A" if "n/a" in filename.lower() else filename
        for keyword, filename in named.items()
        if "n/a" in filename.lower() or "NOT FOUND" not in filename.upper()
    }


def _read(raw: Path) -> dict[str, Any]:
    """Return the keywords of the primary header and the first extension; the first one wins."""
    try:
        with open_hdus(raw) as hdus:
            first = _plain(hdus[1].header) if len(hdus) > 1 else {}
            return first | _plain(hdus[0].header)
    except (OSError, EOFError, ValueError) as error:
        raise CrdsError(f"{raw.name} cannot be read: {error}.") from None


def _plain(header: Mapping[str, Any]) -> dict[str, Any]:
    return {
        keyword: value
        for keyword, value in header.items()
        if keyword and isinstance(value, (str, bool, int, float))
    }


def _ask(job: dict[str, Any], environment: Mapping[str, str], timeout_s: float) -> dict[str, Any]:
    variables = _check(environment)
    with tempfile.TemporaryDirectory(prefix="hstql-crds-") as folder:
        answer = Path(folder) / "answer.json"
        try:
            completed = subprocess.run(  # noqa: S603
                [sys.executable, "-P", crds_worker.__file__, str(answer)],
                input=json.dumps(job),
                env=variables,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=timeout_s,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise CrdsError(
                "The best reference files could not be chosen: crds took more than "
                f"{timeout_s:g} s."
            ) from None
        if completed.returncode or not answer.is_file():
            raise CrdsError(_name_failure(completed.stdout + completed.stderr))
        result: dict[str, Any] = json.loads(answer.read_bytes())
        return result


def _check(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that crds gets, without a server that does not answer.

    Raises
    ------
    CrdsError
        If it cannot work at all.
    """
    if importlib.util.find_spec("crds") is None:
        raise CrdsError("crds is not installed: pip install 'hstql[crds]'.")
    path, server = environment.get("CRDS_PATH"), environment.get("CRDS_SERVER_URL")
    if not path:
        raise CrdsError(
            "crds is not configured: set CRDS_PATH to the folder of its cache, and CRDS_SERVER_URL "
            "to https://hst-crds.stsci.edu."
        )
    has_rules = (Path(path) / "config" / "hst" / "server_config").is_file()
    answers = server is not None and _answers(server)
    if not has_rules and not answers:
        reason = f"{server} does not answer" if server else "CRDS_SERVER_URL is not set"
        raise CrdsError(f"crds has no rules to choose by: {path} holds none, and {reason}.")
    kept = _RETRIES | {name: environment[name] for name in _PASSED_ON if name in environment}
    kept |= {name: value for name, value in environment.items() if name.startswith("CRDS_")}
    if not answers:
        kept.pop("CRDS_SERVER_URL", None)
    return kept | {"CRDS_OBSERVATORY": "hst"}


def _answers(server: str) -> bool:
    address = urllib.parse.urlsplit(server)
    port = address.port or (80 if address.scheme == "http" else 443)
    try:
        with socket.create_connection((address.hostname or "", port), timeout=_POLICY.connect_s):
            return True
    except OSError:
        return False


def _name_failure(output: str) -> str:
    lines: Iterable[str] = [line.strip() for line in output.splitlines() if line.strip()]
    fatal = [match[1] for line in lines if (match := _FATAL.match(line))]
    reason = (fatal or list(lines) or ["it wrote nothing"])[-1]
    return f"The best reference files could not be chosen: {reason.rstrip('.')}."
