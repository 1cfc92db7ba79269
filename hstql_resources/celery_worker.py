"""Work on runs that Dagster's daemon gives to Celery: `python -m hstql_resources.celery_worker`.

One process works on one run at a time, and that run takes as many processes as HSTQL_WORKERS says.
"""

import contextlib
import logging
import os
import signal
import sys
import threading
import time
from typing import Any

import dagster as dg
from celery import Celery
from celery.signals import task_postrun, task_prerun
from celery.worker import state
from dagster._grpc.types import ExecuteRunArgs
from dagster._serdes import unpack_value
from dagster_celery.make_app import make_app
from dagster_celery.tasks import create_execute_job_task

from hstql_resources.celery_launcher import CeleryLauncher
from hstql_resources.postgres.faults import describe_fault
from hstql_resources.processes import PROCESS_TAG, process_name
from hstql_resources.settings import SettingsError, load_settings

# Several hosts may run several workers each. In `solo` a run may have processes of its own, and a
# worker that is busy neither chats with others nor sends signs of life.
OPTIONS = (
    "worker", "--pool=solo", "--concurrency=1", "--without-gossip", "--without-mingle",
    "--without-heartbeat", "--loglevel=INFO",
)  # fmt: skip
_log = logging.getLogger(__name__)

LOOK_S = 3
PAUSES_S = (1, 10, 60, 60, 60)
UNWANTED = (
    dg.DagsterRunStatus.CANCELING,
    dg.DagsterRunStatus.CANCELED,
    dg.DagsterRunStatus.FAILURE,
    None,  # the run is gone
)


class _Run:
    """Note whose process works on a run, and look meanwhile whether the run is still wanted."""

    def __init__(self) -> None:
        self._end = threading.Event()
        self._signals, told = os.pipe()
        os.set_blocking(self._signals, False)
        os.set_blocking(told, False)
        signal.set_wakeup_fd(told, warn_on_full_buffer=False)

    def begin(self, kwargs: dict[str, Any], **_: object) -> None:
        """Begin to look, before the run begins."""
        args = unpack_value(kwargs["execute_job_args_packed"], as_type=ExecuteRunArgs)
        with dg.DagsterInstance.get() as instance:
            instance.add_run_tags(args.run_id, {PROCESS_TAG: process_name()})
        self._end = threading.Event()
        threading.Thread(target=_watch, args=(args.run_id, self._end), daemon=True).start()

    def end(self, kwargs: dict[str, Any], retval: object, **_: object) -> None:
        """Look no more; stop the worker if it was told to while Dagster took its signals."""
        self._end.set()
        if isinstance(retval, Exception):
            _report(unpack_value(kwargs["execute_job_args_packed"], as_type=ExecuteRunArgs), retval)
        with contextlib.suppress(BlockingIOError):
            if signal.SIGTERM in os.read(self._signals, 64):
                state.should_stop = os.EX_OK


def _report(args: ExecuteRunArgs, error: Exception) -> None:
    """Mark a run as failed that could not even begin, as soon as the database can be asked."""
    for pause_s in (*PAUSES_S, None):
        try:
            with dg.DagsterInstance.get() as instance:
                run = instance.get_run_by_id(args.run_id)
                if run is not None and not run.is_finished:
                    instance.report_run_failed(run, describe_fault(error) or str(error))
                return
        except Exception:
            if pause_s is None:
                raise
            time.sleep(pause_s)


def _watch(run_id: str, end: threading.Event) -> None:
    """Interrupt the run, in the main thread, once somebody cancels it or takes it for lost.

    It comes again while the run is only being canceled: Python drops what is raised in a callback.
    """
    unwanted: tuple[dg.DagsterRunStatus | None, ...] = UNWANTED
    while not end.wait(LOOK_S):
        # The server is away, or has no connection to spare: the next look may find it.
        with contextlib.suppress(Exception), dg.DagsterInstance.get() as instance:
            while not end.is_set():
                run = instance.get_run_by_id(run_id)
                if (None if run is None else run.status) in unwanted and not end.is_set():
                    _log.info("%s is interrupted: nobody wants it any more", run_id)
                    os.kill(os.getpid(), signal.SIGINT)
                    unwanted = (dg.DagsterRunStatus.CANCELING,)
                end.wait(LOOK_S)


def build_app() -> Celery:
    """Return the application of a worker.

    Raises
    ------
    SettingsError
        If there is no broker.
    """
    broker = load_settings().broker
    if broker is None:
        raise SettingsError("HSTQL_BROKER is not set: a worker takes its runs from there.")
    app: Celery = make_app(CeleryLauncher(broker.get_secret_value()).app_args())  # type: ignore[no-untyped-call]
    create_execute_job_task(app)
    return app


def main() -> None:
    """Work until a signal comes."""
    try:
        app = build_app()
        with dg.DagsterInstance.get() as instance:  # connects, and says what this host lacks
            instance.run_storage  # noqa: B018
    except SettingsError as error:
        sys.exit(f"Error: {error}")
    run = _Run()
    task_prerun.connect(run.begin)
    task_postrun.connect(run.end)
    app.worker_main([*OPTIONS, *sys.argv[1:]])


if __name__ == "__main__":
    main()
