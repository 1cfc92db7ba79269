"""Run a command of hstql in this process as if it had one of its own.

Starting Python and importing what hstql needs takes most of the time of a short command.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
import traceback
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

from hstql_assets.commands.cli import main


def call(
    words: Sequence[str], environment: Mapping[str, str], folder: Path
) -> "subprocess.CompletedProcess[str]":
    """Run `hstql` with these words, in this environment and working folder.

    Of the process of the caller everything is afterwards as it was. What worker processes write is
    not in the output.
    """
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        with _surroundings(["hstql", *words], environment, folder), _streams(output, errors):
            status = _run(words)
        texts = [_read(stream) for stream in (output, errors)]
    return subprocess.CompletedProcess(("hstql", *words), status, *texts)


def _run(words: Sequence[str]) -> int:
    """Return the exit status that the interpreter would end with."""
    try:
        main.main(list(words), prog_name="hstql")
    except SystemExit as error:
        if error.code is None or isinstance(error.code, int):
            return error.code or 0
        sys.stderr.write(f"{error.code}\n")
    except BaseException:  # whatever it is, a process shows it and ends
        traceback.print_exc()
    return 1


@contextlib.contextmanager
def _surroundings(
    arguments: list[str], environment: Mapping[str, str], folder: Path
) -> Iterator[None]:
    before = dict(os.environ), sys.argv, os.umask(0o022)
    try:
        os.environ.clear()
        os.environ.update(environment)
        sys.argv = arguments
        with contextlib.chdir(folder), warnings.catch_warnings():
            # Those that Python begins with.
            warnings.resetwarnings()
            warnings.simplefilter("ignore", DeprecationWarning)
            warnings.simplefilter("ignore", PendingDeprecationWarning)
            warnings.simplefilter("ignore", ImportWarning)
            warnings.simplefilter("ignore", ResourceWarning)
            yield
    finally:
        os.umask(before[2])
        sys.argv = before[1]
        os.environ.clear()
        os.environ.update(before[0])


@contextlib.contextmanager
def _streams(output: IO[str], errors: IO[str]) -> Iterator[None]:
    """Take what is written to the streams; there is nobody to answer a question."""
    with (
        Path(os.devnull).open() as nothing,
        contextlib.redirect_stdout(output),
        contextlib.redirect_stderr(errors),
    ):
        before, sys.stdin = sys.stdin, nothing
        try:
            yield
        finally:
            sys.stdin = before


def _read(stream: IO[str]) -> str:
    stream.seek(0)
    return stream.read()
