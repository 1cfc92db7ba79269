"""Keep the jobs of the asynchronous service (IVOA UWS 1.1): each of one person, in a thread.

They are gone when the site ends, a day after they were made, or when newer ones take their room.
"""

import logging
import secrets
import shutil
import tempfile
import threading
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from vo_models.uws.types import ExecutionPhase as Phase

_log = logging.getLogger(__name__)
FAULT = "Something went wrong here; the log of the site says what."
LIMIT_S = 300  # for a question
KEPT_FOR = timedelta(days=1)
_MOST_KEPT, _MOST_OF_PERSON = 200, 20
_AT_ONCE = 2
_OVER = frozenset({Phase.COMPLETED, Phase.ERROR, Phase.ABORTED})


class TooManyJobsError(Exception):
    """A person has as many jobs that are not over as they may."""


@dataclass
class Job:
    """A question that is answered some time.

    Attributes
    ----------
    person : str
        Whose it is; others do not learn that it exists.
    parameters : dict of str to str
        As they were sent, names in capitals.
    path : Path
        Where the answer is written.
    phase : Phase
    error : str
        Why there is no answer.
    """

    person: str
    parameters: dict[str, str]
    path: Path
    number: str = field(default_factory=lambda: secrets.token_hex(16))
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    phase: Phase = Phase.PENDING
    started: datetime | None = None
    ended: datetime | None = None
    error: str = ""

    @property
    def is_over(self) -> bool:
        """Whether nothing will become of it any more."""
        return self.phase in _OVER


class Jobs:
    """The jobs of all people."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="hstql_tap_"))
        self._remove_folder = weakref.finalize(self, shutil.rmtree, self._folder, True)
        self._lock, self._jobs = threading.Lock(), dict[str, Job]()
        self._threads = ThreadPoolExecutor(_AT_ONCE, "tap")

    def create(self, person: str, parameters: dict[str, str]) -> Job:
        """Make a job, which does not run yet.

        Raises
        ------
        TooManyJobsError
            If the person has too many.
        """
        with self._lock:
            self._sweep()
            own = [one for one in self._jobs.values() if one.person == person and not one.is_over]
            if len(own) >= _MOST_OF_PERSON:
                raise TooManyJobsError(f"You have {len(own)} jobs that are not over: delete some.")
            number = secrets.token_hex(16)
            job = Job(person, parameters, self._folder / number, number)
            self._jobs[number] = job
            return job

    def _sweep(self) -> None:
        now = datetime.now(UTC)
        old = [one for one in self._jobs.values() if one.created + KEPT_FOR < now]
        over = [one for one in self._jobs.values() if one.is_over and one not in old]
        room = max(0, len(self._jobs) - len(old) - _MOST_KEPT + 1)
        for one in (*old, *over[:room]):
            self._remove(one)

    def start(self, job: Job, answer: Callable[[Path], None]) -> None:
        """Have a job run that was not begun; `answer` writes a file, or raises ValueError."""
        with self._lock:
            if job.phase is not Phase.PENDING:
                return
            job.phase = Phase.QUEUED
        self._threads.submit(self._run, job, answer)

    def _run(self, job: Job, answer: Callable[[Path], None]) -> None:
        with self._lock:
            if job.phase is not Phase.QUEUED:
                return
            job.phase, job.started = Phase.EXECUTING, datetime.now(UTC)
        error = ""
        try:
            answer(job.path)
        except ValueError as problem:
            error = str(problem)
        except Exception:
            error = FAULT
            _log.exception("A job of TAP")
        with self._lock:
            job.ended = datetime.now(UTC)
            if job.phase is Phase.EXECUTING:
                job.phase, job.error = Phase.ERROR if error else Phase.COMPLETED, error

    def abort(self, job: Job) -> None:
        """Give a job up; what the database is at ends with its time."""
        with self._lock:
            if not job.is_over:
                job.phase, job.ended = Phase.ABORTED, datetime.now(UTC)

    def find(self, person: str, number: str) -> Job | None:
        """Return a job of a person, if it is still kept."""
        job = self._jobs.get(number)
        return job if job is not None and job.person == person else None

    def list_of(self, person: str) -> Iterator[Job]:
        """Yield the jobs of a person, the last first."""
        return (one for one in reversed(list(self._jobs.values())) if one.person == person)

    def remove(self, job: Job) -> None:
        """Forget a job and its answer."""
        self.abort(job)
        with self._lock:
            self._remove(job)

    def _remove(self, job: Job) -> None:
        self._jobs.pop(job.number, None)
        job.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Forget all of them."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._remove_folder()
