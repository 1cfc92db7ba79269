"""Write the pages of the reference from what is declared, each time that Sphinx starts.

Settings, commands, tables, and the graph: each is read from the object that the program itself
uses, so that no page can lag behind. The pages go to `docs/generated`, which is not kept in git.
"""

import warnings
from collections import defaultdict
from collections.abc import Iterable, Sequence
from inspect import cleandoc
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import click
import dagster as dg
from pydantic import SecretStr
from sphinx.application import Sphinx

from hstql_assets.commands.cli import main
from hstql_assets.definitions import build_definitions
from hstql_resources import tables
from hstql_resources.settings import Settings

Rows = Iterable[Sequence[object]]
# The modules that work without Dagster and database, on arrays, headers and files.
PACKAGES = (
    "hstql_assets.science",
    "hstql_assets.lightcurves",
    "hstql_assets.spectra",
    "hstql_assets.images",
    "hstql_assets.statistics",
    "hstql_resources.fits",
)
ROLES = frozenset({"assets", "checks", "inputs", "documentation"})  # those that are wiring


def setup(app: Sphinx) -> dict[str, Any]:
    """Have the pages written before Sphinx looks for what there is."""
    app.connect("builder-inited", write_pages)
    return {"version": "1", "parallel_read_safe": True}


def write_pages(app: Sphinx) -> None:
    """Write those pages that are not as they should be."""
    folder = Path(app.srcdir) / "generated"
    folder.mkdir(exist_ok=True)
    for name, make in PAGES.items():
        path, page = folder / f"{name}.md", make()
        if not path.is_file() or path.read_text() != page:
            path.write_text(page)


def describe_settings() -> str:
    """Return the page of all settings, from their model."""
    rows = []
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias
        variable = alias.choices[0] if alias is not None else f"HSTQL_{name.upper()}"
        rows.append((f"`{variable}`", _show_default(name, field), field.description))
    return _page(
        "Settings",
        "Read from the environment, then from `.env` beside `dagster.yaml`. A value that makes no "
        "sense is refused in one sentence, with exit status 2; a name that is none is warned of. "
        "`.env.example`, below, tells more of each.",
        _table(("variable", "default", "what it is"), rows),
        "## .env.example",
        "```{literalinclude} ../../.env.example\n:language: ini\n```",
    )


def _show_default(name: str, field: Any) -> str:
    if field.default_factory is not None:  # tells by where it runs
        return {"home": "`.hstql` beside `dagster.yaml`", "workers": "number of cores"}[name]
    value = field.default
    if value in (None, "", ()) or isinstance(value, SecretStr):
        return ""
    if isinstance(value, bool):
        return f"`{value}`".lower()
    if isinstance(value, tuple):
        return f"`{','.join(value)}`"
    return f"`0{value:o}`" if name == "file_mode" else f"`{value}`"


def describe_commands() -> str:
    """Return the page of all commands, which is the page of the manual too."""
    parts = []
    with click.Context(main, info_name="hstql") as context:
        for name, command in main.commands.items():
            parts += _describe_command(command, f"hstql {name}", context)
    return _page(
        "All commands",
        cleandoc(main.help or "").replace("\b", ""),
        "Selections, output and exit statuses are the same everywhere: see "
        "[commands](../commands.md).",
        *parts,
    )


def _describe_command(command: click.Command, path: str, parent: click.Context) -> list[str]:
    context = click.Context(command, info_name=path.split()[-1], parent=parent)
    usage = " ".join(command.collect_usage_pieces(context))
    parts = [f"## {path}", f"```text\n{path} {usage}\n```", _reflow(command.help)]
    if isinstance(command, click.Group):
        for name, one in command.commands.items():
            parts += _describe_command(one, f"{path} {name}", context)
        return parts
    rows = [
        (", ".join(f"`{one}`" for one in (*option.opts, *option.secondary_opts)), option.help or "")
        for option in command.params
        if isinstance(option, click.Option)
    ]
    if rows:
        parts.append(_table(("option", "what it does"), rows))
    if command.epilog:
        lines = command.epilog.replace("\b", "").strip().splitlines()[1:]
        parts.append("```text\n" + "\n".join(line.strip() for line in lines) + "\n```")
    return parts


def describe_tables() -> str:
    """Return the page of all tables with their columns, from their models."""
    parts = []
    for table in sorted(tables.Base.metadata.tables.values(), key=lambda one: one.name):
        keys = ", ".join(f"`{one.name}`" for one in table.primary_key.columns)
        rows = [
            (f"`{one.name}`", str(one.type).lower(), "" if one.nullable else "no", one.comment)
            for one in table.columns
        ]
        parts += [
            f"## {table.name}",
            f"{table.comment}. Key: {keys}.",
            _table(("column", "type", "NULL", "what it is"), rows),
        ]
    return _page(
        "Tables",
        "Every table of the schema `public` and each of its columns. Tables of headers come with "
        "the first file of their kind: [queries](../queries.md) tells what stands in them, and "
        "which views there are.",
        *parts,
    )


def describe_graph() -> str:
    """Return the page of all assets, jobs, sensors and schedules, from their definitions."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Dagster marks as beta what the graph is built on
        graph = build_definitions()
    specs: dict[str, list[dg.AssetSpec]] = defaultdict(list)
    configs: dict[str, Any] = {}
    for asset in graph.assets or ():
        if isinstance(asset, dg.AssetsDefinition):
            for spec in asset.specs:
                name = spec.key.path[-1]
                specs[name].append(spec)
                if asset.is_executable:
                    configs[name] = asset.op.config_schema.config_type
    parts = ["## Assets"]
    for name in specs:
        parts += _describe_asset(specs[name], configs.get(name))
    parts += ["## Jobs", _table(("job", "what it does"), _describe(graph.jobs))]
    ticking = [*(graph.sensors or ()), *(graph.schedules or ())]
    parts += ["## Sensors and schedules", _table(("name", "what it does"), _describe(ticking))]
    return _page(
        "Assets, jobs, sensors",
        "As Dagster's user interface shows them. [The graph](../graph.md) tells how they hang "
        "together.",
        *parts,
    )


def _describe_asset(specs: Sequence[dg.AssetSpec], config: Any) -> list[str]:
    first = specs[0]
    rows = [
        ("keys", ", ".join(f"`{one.key.to_user_string()}`" for one in specs)),
        ("partitioned by", ", ".join(dict.fromkeys(_show_partitions(one) for one in specs))),
        ("made from", ", ".join(dict.fromkeys(_show_inputs(specs))) or "the archive"),
        ("group", first.group_name),
        ("instruments", ", ".join(dict.fromkeys(one.tags["instrument"] for one in specs))),
        ("kinds", ", ".join(sorted(first.kinds - {first.key.path[0]}))),
        ("version of its code", first.code_version),
    ]
    about = (first.description or "").removeprefix(f"{first.key.path[0].upper()}: ")
    parts = [f"### {first.key.path[-1]}", about[0].upper() + about[1:], _table(("", ""), rows)]
    fields = getattr(config, "fields", None) or {}
    if fields:
        table = [
            (f"`{name}`", f"`{one.default_value}`" if one.default_provided else "", one.description)
            for name, one in fields.items()
        ]
        parts.append(_table(("configuration", "default", "what it is"), table))
    return parts


def _show_partitions(spec: dg.AssetSpec) -> str:
    return f"`{spec.partitions_def.name}`" if spec.partitions_def else "nothing"


def _show_inputs(specs: Sequence[dg.AssetSpec]) -> list[str]:
    return [f"`{dep.asset_key.to_user_string()}`" for spec in specs for dep in spec.deps]


def _describe(definitions: Any) -> Rows:
    return [
        (f"`{one.name}`", " ".join((one.description or "").split())) for one in definitions or ()
    ]


def describe_modules() -> str:
    """Return the page of the modules that work in a notebook, for autodoc to fill."""
    parts = []
    for package in PACKAGES:
        module = __import__(package, fromlist=["__path__"])
        names = [one.name for one in iter_modules(module.__path__) if not one.ispkg]
        parts.append(f"## {package}")
        for name in names:
            if name not in ROLES:
                directive = f".. automodule:: {package}.{name}\n   :members:"
                parts += [f"### {name}", f"```{{eval-rst}}\n{directive}\n```"]
    return _page(
        "Modules",
        "What works in a notebook without Dagster and without a database: arrays, headers and "
        "files go in, arrays and small objects come out. What begins with an underscore is left "
        "out.",
        *parts,
    )


def _reflow(text: str | None) -> str:
    return cleandoc(text or "").replace("\b\n", "").replace("\b", "")


def _table(head: Sequence[str], rows: Rows) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(_cell, row)) + " |" for row in lines)


def _cell(value: object) -> str:
    return "" if value is None else " ".join(str(value).replace("|", "\\|").split())


def _page(title: str, *parts: str) -> str:
    return "\n\n".join([f"# {title}", *parts]) + "\n"


PAGES = {
    "settings": describe_settings,
    "commands": describe_commands,
    "tables": describe_tables,
    "graph": describe_graph,
    "modules": describe_modules,
}
