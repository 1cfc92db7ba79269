"""Declare how snowballs are found in ramps of WFC3 IR, and what is made of them."""

from hstql_assets.batching.ownership import OwnedTable
from hstql_assets.monitors.framework.monitor import Measurement, Monitor, Source, Trend
from hstql_assets.monitors.framework.selection import SelectionTable
from hstql_assets.monitors.snowballs.measure import FILETYPES, find_snowballs
from hstql_assets.monitors.snowballs.read import ASSET, read_snowball_history
from hstql_assets.monitors.snowballs.selection import TABLE, load_snowballs
from hstql_assets.monitors.snowballs.trend import RATE, summarize_snowballs
from hstql_resources.tables import SnowballEvent, SnowballSearch

MONITOR = Monitor(
    measurements=(
        Measurement(
            name=ASSET,
            about=(
                "Snowballs in the differences of the reads of WFC3 IR: large round events among "
                "cosmic rays, with size and charge, and how many made ones are found. Made after "
                "the headers of each exposure that snowballs.toml selects, from its raw file, or "
                "else from its ima file."
            ),
            partition_set="wfc3_rootname",
            source=Source(FILETYPES, what="raw or ima files"),
            measure=find_snowballs,
            owned=(OwnedTable(SnowballSearch), OwnedTable(SnowballEvent)),
            upstream=("wfc3/header_tables",),
            code_version="2",
            selection=SelectionTable(TABLE, load_snowballs),
        ),
    ),
    trends=(
        Trend(
            name="snowball_monitor",
            title="Snowballs in WFC3 IR",
            about=(
                "Rate of snowballs per hour over the years with Poisson errors, their sizes and "
                "charges, which share of made ones is found, and the rate of cosmic rays. Its "
                "check says whether the rate is too high."
            ),
            upstream=(ASSET,),
            read=read_snowball_history,
            summarize=summarize_snowballs,
            limits=(RATE,),
            stale_days=90.0,
        ),
    ),
)
