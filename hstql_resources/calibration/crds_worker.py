"""Ask the crds client; a script of its own, for crds reads its variables when imported.

    python -P crds_worker.py ANSWER

Standard input is JSON: `headers` by name, and `fetch`, by name the kinds of reference files that
have to be brought into the cache; null to choose only. ANSWER gets JSON: `chosen`, by name the
filenames by kind, and `paths`, by filename where it is.
"""

import json
import sys
from pathlib import Path
from typing import Any

_OBSERVATORY = "hst"


def main() -> int:
    """Answer the job of standard input; crds itself ends the process where it cannot go on."""
    # Here, for the module is imported, too, where only its path is wanted.
    import crds
    from crds.core.config import locate_file

    job: dict[str, Any] = json.load(sys.stdin)
    chosen: dict[str, dict[str, str]] = {}
    paths: dict[str, str] = {}
    for name, header in job["headers"].items():
        found = crds.getrecommendations(header, observatory=_OBSERVATORY)
        chosen[name] = {kind: str(filename) for kind, filename in found.items()}
        kinds = (job["fetch"] or {}).get(name)
        if kinds:
            crds.getreferences(header, reftypes=kinds, observatory=_OBSERVATORY)
        for filename in chosen[name].values():
            if filename.endswith(".fits"):
                place = locate_file(filename, _OBSERVATORY, parameters=header)
                paths |= {filename: place} if Path(place).is_file() else {}
    Path(sys.argv[1]).write_text(json.dumps({"chosen": chosen, "paths": paths}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
