"""Start hstql so that it can be stopped from its first moment, while it is still being imported."""

from hstql_resources.stopping import stoppable


def main() -> None:
    """Run the command of the command line."""
    with stoppable():
        # Here, for it takes a while, and can be stopped.
        from hstql_assets.commands.cli import main as hstql

        hstql()
