"""Launch the runs of Dagster; `dagster.yaml` names the class."""

from typing import Any, Self

from dagster._core.launcher import DefaultRunLauncher
from dagster._serdes import ConfigurableClassData

from hstql_resources.dagster_runs import WatchedRuns
from hstql_resources.settings import SettingsError, load_settings


class Launcher(WatchedRuns, DefaultRunLauncher):
    """Starts runs on the host of the code server; where there is a broker, gives them to Celery."""

    @classmethod
    def from_config_value(
        cls,
        inst_data: ConfigurableClassData,
        config_value: Any,  # noqa: ARG003, there is none
    ) -> Self:
        """Make the launcher of the settings."""
        broker = load_settings().broker
        if broker is None:
            return cls(inst_data)
        try:
            from hstql_resources.celery_launcher import CeleryLauncher  # an extra
        except ImportError:
            raise SettingsError(
                "HSTQL_BROKER is set, but Celery is not installed: pip install 'hstql[celery]'."
            ) from None
        return CeleryLauncher(broker.get_secret_value(), inst_data)  # type: ignore[return-value]
