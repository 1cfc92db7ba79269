"""Declare what is measured of the reference pixels of WFC3 IR, and what is made of it."""

from hstql_assets.batching.ownership import OwnedTable
from hstql_assets.monitors.framework.monitor import Measurement, Monitor, Source, Trend
from hstql_assets.monitors.framework.selection import SelectionTable
from hstql_assets.monitors.ir_bias_levels.limits import LEVEL, STEPS
from hstql_assets.monitors.ir_bias_levels.measure import FILETYPES, measure_reference_pixels
from hstql_assets.monitors.ir_bias_levels.read import ASSET, read_level_history
from hstql_assets.monitors.ir_bias_levels.selection import TABLE, load_ramps
from hstql_assets.monitors.ir_bias_levels.trend import summarize_levels
from hstql_resources.tables import IrBiasLevel

MONITOR = Monitor(
    measurements=(
        Measurement(
            name=ASSET,
            about=(
                "Level of the reference pixels of WFC3 IR in each read, by amplifier, the steps "
                "between reads, and the zeroth read. Made after the headers of each exposure that "
                "ir_bias.toml selects, from its raw file, or else from its ima file."
            ),
            partition_set="wfc3_rootname",
            source=Source(FILETYPES, what="raw or ima files"),
            measure=measure_reference_pixels,
            owned=(OwnedTable(IrBiasLevel),),
            upstream=("wfc3/header_tables",),
            code_version="2",
            selection=SelectionTable(TABLE, load_ramps),
        ),
    ),
    trends=(
        Trend(
            name="ir_bias_monitor",
            title="Reference pixels of WFC3 IR",
            about=(
                "Level of the reference pixels of the infrared detector over time, how it moves "
                "within a ramp, and the zeroth read of darks. Its checks say which amplifier has "
                "left its level, and which exposure has a step."
            ),
            upstream=(ASSET,),
            read=read_level_history,
            summarize=summarize_levels,
            limits=(LEVEL, STEPS),
            stale_days=90.0,
        ),
    ),
)
