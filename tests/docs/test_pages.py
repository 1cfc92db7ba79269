"""What the documentation says exists: commands, options, links, pages, one version."""

import contextlib
import json
import tomllib
from importlib.metadata import version
from pathlib import Path

import click
import pytest
import yaml

from builders.pages_of_docs import (
    DOCS,
    PAGES,
    TEXTS,
    read_commands,
    read_links,
    read_listed,
)
from builders.places import PROJECT
from hstql_assets.commands.cli import main

WRITTEN_BY_SPHINX = "generated"


@pytest.mark.parametrize("page", TEXTS, ids=lambda page: page.name)
def test_each_command_and_each_option_of_a_page_is_known(page: Path) -> None:
    for name, *words in read_commands(page):
        command: click.Command = main.commands[name]
        if isinstance(command, click.Group):
            command = command.commands[words.pop(0)] if words else command
        with contextlib.suppress(click.BadOptionUsage):  # without its value, as in "with `--where`"
            command.make_parser(click.Context(command)).parse_args(words)


def test_commands_are_found_in_all_their_forms() -> None:
    found = [" ".join(words) for page in TEXTS for words in read_commands(page)]
    assert len(found) > 100
    assert "demo" in found
    assert any(words.startswith("materialize lightcurve_plots") for words in found)


@pytest.mark.parametrize("page", TEXTS, ids=lambda page: page.name)
def test_each_link_to_a_file_leads_somewhere(page: Path) -> None:
    lost = [
        link.name
        for link in read_links(page)
        if WRITTEN_BY_SPHINX not in link.parts and not link.exists()
    ]
    assert lost == []


def test_each_page_is_in_a_table_of_contents() -> None:
    names = {page.relative_to(DOCS).with_suffix("").as_posix() for page in PAGES}
    listed = {name for name in read_listed() if not name.startswith(WRITTEN_BY_SPHINX)}
    assert names - {"index"} == listed


def test_the_version_is_one_everywhere() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    citation = yaml.safe_load((PROJECT / "CITATION.cff").read_text())
    about = json.loads((PROJECT / "codemeta.json").read_text())
    named = {project["version"], citation["version"], about["version"], version("hstql")}
    assert named == {project["version"]}
    assert about["description"] == project["description"]
    assert citation["license"] == project["license"]
