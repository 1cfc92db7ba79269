"""The graph that the tests of hstql_assets work on, to be attacked."""

from tests.hstql_assets.conftest import (
    add_to_made as add_to_made,
)
from tests.hstql_assets.conftest import (
    begun as begun,
)
from tests.hstql_assets.conftest import (
    made as made,
)
from tests.hstql_assets.conftest import (
    simulated as simulated,
)
from tests.hstql_assets.conftest import (
    workers as workers,
)
