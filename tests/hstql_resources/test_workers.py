"""Worker processes behind the interface of an executor."""

import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import Connection
from pathlib import Path

import psutil
import pytest

from hstql_resources.workers import LocalWorkers


@pytest.fixture
def workers() -> Iterator[LocalWorkers]:
    pool = LocalWorkers(2)
    yield pool
    pool.shutdown()


def double(number: int) -> int:
    time.sleep(0.01 * (number % 3))
    return 2 * number


def test_results_come_in_the_order_of_the_tasks(workers: LocalWorkers) -> None:
    assert list(workers.map(double, range(20))) == list(range(0, 40, 2))


def test_tasks_run_in_other_processes(workers: LocalWorkers) -> None:
    assert workers.submit(os.getpid).result() != os.getpid()


def test_no_process_starts_before_the_first_task() -> None:
    before = psutil.Process().children(recursive=True)
    pool = LocalWorkers(2)
    assert psutil.Process().children(recursive=True) == before
    pool.shutdown()


def test_workers_start_anew_after_one_has_died(workers: LocalWorkers) -> None:
    with pytest.raises(BrokenProcessPool):
        workers.submit(os._exit, 1).result()
    assert workers.submit(double, 4).result() == 8


def test_workers_start_anew_after_a_shutdown(workers: LocalWorkers) -> None:
    first = workers.submit(os.getpid).result()
    workers.shutdown()
    assert workers.submit(os.getpid).result() != first


def test_an_exception_of_a_task_is_that_of_its_future(workers: LocalWorkers) -> None:
    with pytest.raises(ZeroDivisionError):
        workers.submit(divmod, 1, 0).result()
    assert workers.submit(double, 1).result() == 2


def test_workers_end_with_their_parent() -> None:
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    parent = context.Process(target=start_workers, args=(sender,))
    parent.start()
    worker = psutil.Process(receiver.recv())
    parent.kill()
    parent.join()
    parent.close()
    psutil.wait_procs([worker], timeout=300)
    assert not worker.is_running()


def test_workers_take_no_module_from_the_working_directory(tmp_path: Path) -> None:
    there = tmp_path / "there"
    (there / "hstql_resources").mkdir(parents=True)
    (there / "hstql_resources" / "__init__.py").write_text("raise SystemExit('The wrong one.')")
    script = tmp_path / "script.py"
    script.write_text(
        "from hstql_resources.filenames import is_rootname\n"
        "from hstql_resources.workers import LocalWorkers\n"
        "if __name__ == '__main__':\n"
        "    with LocalWorkers(1) as workers:\n"
        "        print(workers.submit(is_rootname, 'ls000101q').result())\n"
    )
    done = subprocess.run(
        [sys.executable, script],
        cwd=there,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("True\n", "")


def test_workers_do_not_inherit_the_token_of_mast() -> None:
    code = (
        "import os\n"
        "from hstql_resources.workers import LocalWorkers\n"
        "with LocalWorkers(1) as workers:\n"
        "    print(workers.submit(os.getenv, 'MAST_API_TOKEN').result())\n"
        "print(os.environ['MAST_API_TOKEN'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"MAST_API_TOKEN": "of-mast"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("None\nof-mast\n", "")


def start_workers(sender: Connection) -> None:
    workers = LocalWorkers(1)  # kept: without it the worker would end at once
    sender.send(workers.submit(os.getpid).result())
    time.sleep(3600)
