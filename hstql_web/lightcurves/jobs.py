"""Keep the lightcurves that are made on the spot: each in a process of its own, one of a person.

A person who asks for another gives the former one up. What was made is kept until then, or until
more have come than are kept; all of it is gone when the site ends.
"""

import logging
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from pathlib import Path

from hstql_resources.filesystem import Filesystem
from hstql_resources.fits.errors import UnusableFileError
from hstql_resources.workers import LocalWorkers
from hstql_web.lightcurves.making import MOST_MEMORY, MOST_S, Made, Task, limit_process, make

_log = logging.getLogger(__name__)
MOST_AT_ONCE = 4
_MOST_KEPT = 50
BUSY = "Others have lightcurves made at the moment: try again in a minute."
TOO_LONG = f"It took more than {MOST_S} s and was stopped: choose fewer exposures or wider bins."
TOO_LARGE = (
    f"It was stopped: it may need more memory than {MOST_MEMORY >> 30} GB. Choose fewer exposures "
    "or wider bins."
)
FAULT = "Something went wrong here; the log of the site says what."
MakeTask = Callable[[Path], Task]


class BusyError(Exception):
    """As many lightcurves are made as may be at once."""


class Job:
    """One lightcurve that is being made, or was.

    Parameters
    ----------
    person : str
        Who asked for it.
    title : str
        What it is of.
    form : dict of str to str
        The fields of the form.
    task : Task
        What is to be made.
    """

    def __init__(self, person: str, title: str, form: dict[str, str], task: Task) -> None:
        self.number = secrets.token_hex(16)
        self.person, self.title, self.form = person, title, form
        self.rootnames = tuple(member.rootname for member in task.members)
        self._lock, self._is_late = threading.Lock(), False
        self._workers = LocalWorkers(1, limit_process)
        self._timer = threading.Timer(MOST_S, self._stop_late)
        self._timer.daemon = True
        self._future: Future[Made | str] = self._workers.submit(make, task)
        self._timer.start()
        # Not in the thread that calls back: it may hold the lock that the end of a pool waits for.
        ended = threading.Thread(target=self.stop, daemon=True)
        self._future.add_done_callback(lambda _: ended.start())

    @property
    def is_running(self) -> bool:
        """Whether it is still being made."""
        return not self._future.done()

    def result(self) -> Made | str:
        """Return what was made, or in a sentence why there is nothing."""
        try:
            return self._future.result()
        except (BrokenProcessPool, CancelledError):
            return TOO_LONG if self._is_late else TOO_LARGE
        except MemoryError:
            return TOO_LARGE
        except UnusableFileError as error:
            return f"A file cannot be used: {error.detail}."
        except OSError as error:
            return f"{Path(str(error.filename or '')).name}: {error.strerror or error}."
        except Exception as error:
            _log.error("A lightcurve of %s", ", ".join(self.rootnames), exc_info=error)
            return FAULT

    def stop(self) -> None:
        """End its process."""
        self._timer.cancel()
        with self._lock:
            self._workers.shutdown(wait=False, cancel_futures=True)

    def _stop_late(self) -> None:
        self._is_late = True
        self.stop()


class Jobs:
    """The lightcurves of all people.

    Parameters
    ----------
    filesystem : Filesystem
        Under which they are written as long as they are kept.
    """

    def __init__(self, filesystem: Filesystem) -> None:
        self._filesystem = filesystem
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[Job, ExitStack]] = {}

    def start(self, person: str, title: str, form: dict[str, str], make_task: MakeTask) -> Job:
        """Begin to make a lightcurve, in place of the former one of a person.

        Raises
        ------
        BusyError
            If as many are being made as may be at once.
        """
        with self._lock:
            self._drop(person)
            if sum(job.is_running for job, _ in self._kept.values()) >= MOST_AT_ONCE:
                raise BusyError
            while len(self._kept) >= _MOST_KEPT:
                self._drop(next(iter(self._kept)))
            with ExitStack() as stack:
                folder = stack.enter_context(self._filesystem.scratch())
                job = Job(person, title, form, make_task(folder))
                self._kept[person] = job, stack.pop_all()
            return job

    def find(self, person: str, number: str) -> Job | None:
        """Return the lightcurve of a person, if it is still kept."""
        job, _ = self._kept.get(person, (None, None))
        return job if job is not None and secrets.compare_digest(job.number, number) else None

    def close(self) -> None:
        """Give all of them up."""
        with self._lock:
            for person in list(self._kept):
                self._drop(person)

    def _drop(self, person: str) -> None:
        job, stack = self._kept.pop(person, (None, None))
        if job is not None and stack is not None:
            job.stop()
            stack.close()
