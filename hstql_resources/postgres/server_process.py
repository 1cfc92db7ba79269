"""Find the processes of the embedded server, and what it complained about last."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from socket import gethostname

import psutil

HOST = "postgres.host"  # a file beside the data, where its account cannot write
# How kinds of file systems begin that hosts share.
SHARED = ("nfs", "cifs", "smb", "lustre", "gpfs", "ceph", "gluster", "beegfs", "afs", "sshfs")


def find_postmaster(data: Path) -> psutil.Process | None:
    """Return the first process of the server that holds a data folder; None if there is none."""
    try:
        pid = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
        process = psutil.Process(pid)
        return process if _is_at_work_in(data, process) else None
    except psutil.AccessDenied:
        return process  # Rather no start than a second server over the same data.
    except (OSError, ValueError, psutil.NoSuchProcess):
        return None


def find_orphans(data: Path) -> Iterator[psutil.Process]:
    """Yield what is left of a server over a data folder that was killed."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if _is_at_work_in(data, process):
                yield process


def find_other_host(data: Path) -> str | None:
    """Return the host whose server holds a data folder on a disk that hosts share.

    On a disk of this machine nobody else's can: its name may have changed, as that of containers.
    """
    with suppress(OSError):
        host = data.with_name(HOST).read_text(encoding="utf-8")
        if (data / "postmaster.pid").exists() and host != gethostname() and _is_shared(data):
            return host
    return None


def last_complaint(log: Path) -> str:
    """Return the last complaint in the log of the server, as the end of a sentence."""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 4096))
        lines = file.read().decode(errors="replace").splitlines()
    complaints = [line for line in lines if "FATAL:" in line or "error:" in line]
    return f"{complaints[-1] if complaints else 'no reason given'} (see {log})."


def _is_shared(folder: Path) -> bool:
    """Return whether a folder is on a disk of the network."""
    mounted = {part.mountpoint: part.fstype for part in psutil.disk_partitions(all=True)}
    above = (str(path) for path in (folder, *folder.parents))
    kind = next((mounted[path] for path in above if path in mounted), "")
    return kind.removeprefix("fuse.").startswith(SHARED)


def _is_at_work_in(data: Path, process: psutil.Process) -> bool:
    return process.name() == "postgres" and Path(process.cwd()) == data
