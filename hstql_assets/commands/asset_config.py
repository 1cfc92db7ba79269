"""Read the configuration of assets from a file, and check it before anything is run."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from hstql_assets.batching.asset_nodes import AssetNode
from hstql_assets.lightcurves.assets import ExtractionConfig
from hstql_assets.lightcurves.extractions.assets import ExtractionsConfig
from hstql_assets.observations.assets import CalibrationConfig, RetrievalConfig
from hstql_assets.orchestration.planning import PlanError, resolve_assets

CONFIGS: Mapping[str, Any] = {  # by name of the asset its class of configuration
    "raw_files": RetrievalConfig,
    "calibrated_files": CalibrationConfig,
    "lightcurves": ExtractionConfig,
    "composites": ExtractionConfig,
    "extractions": ExtractionsConfig,
}


def read_configuration(path: Path | None, nodes: Sequence[AssetNode]) -> dict[str, Any]:
    """Return the configuration of assets by the names of their ops.

    Parameters
    ----------
    path : Path or None
        YAML that maps assets, with or without instrument, to their values.
    nodes : sequence of AssetNode
        The assets of the graph.

    Raises
    ------
    PlanError
        If the file is no such YAML, names another asset or field, or a value makes no sense.
    """
    if path is None:
        return {}
    try:
        content = yaml.safe_load(path.read_text())
    except (yaml.YAMLError, OSError, UnicodeDecodeError) as error:
        raise PlanError(f"{path} cannot be read: {' '.join(str(error).split())}.") from None
    if not isinstance(content, Mapping):
        raise PlanError(f"{path} has to map assets to values, as in 'lightcurves: {{bin_s: 1}}'.")
    config = {}
    for name, values in content.items():
        for asset in resolve_assets([str(name)], nodes):
            _check(path, asset, values)
            config[asset.replace("/", "__")] = {"config": dict(values)}
    return config


def _check(path: Path, asset: str, values: object) -> None:
    model = CONFIGS.get(asset.split("/")[-1])
    if model is None:
        raise PlanError(f"{path}: {asset} has nothing to configure.")
    if not isinstance(values, Mapping):
        raise PlanError(f"{path}: the values of {asset} have to be named, as in {{bin_s: 1}}.")
    if unknown := sorted(str(name) for name in values if name not in model.model_fields):
        known = ", ".join(model.model_fields)
        raise PlanError(f"{path}: {asset} has no {', '.join(unknown)}; there are {known}.")
    try:
        model(**{str(name): value for name, value in values.items()}).to_settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise PlanError(f"{path}: {asset}: {name}: {first['msg']}.") from None
    except ValueError as error:
        raise PlanError(f"{path}: {asset}: {error}") from None
