"""Run one program, and end it when the process that asked for it is gone.

Started as a script, by path, as leader of its own process group:

    python -I -S supervisor.py REPORT PROGRAM [ARGUMENT ...]

Standard input is a pipe whose other end only the parent has, so its end is the parent's end. What
became of the program is written to REPORT as JSON: status, peak memory, seconds.
"""

import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

_NICE = 10
_LOOK_S = 1.0


def main() -> int:
    """Run the program of the command line; the exit status is only that of the supervisor."""
    report, *command = sys.argv[1:]
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    os.nice(_NICE)
    started = time.monotonic()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603
    _, status, usage = os.wait4(process.pid, 0)
    # Kilobytes on Linux, bytes on macOS.
    unit = 1 if sys.platform == "darwin" else 1024
    Path(report).write_text(
        json.dumps(
            {
                "status": os.waitstatus_to_exitcode(status),
                "peak_memory_bytes": usage.ru_maxrss * unit,
                "seconds": time.monotonic() - started,
            }
        )
    )
    return 0


def _end_with_parent(parent: int) -> None:
    # A process forked from the parent holds the pipe open too, so its number is looked at as well.
    while os.getppid() == parent:
        readable, _, _ = select.select([0], [], [], _LOOK_S)
        if readable and not os.read(0, 1):
            break
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
