"""Events of Dagster in few bytes: read as they were, also those that were written long ago."""

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hstql_resources import postgres
from hstql_resources.postgres.packed_events import MARK, pack, unpack

WORDS = Path(postgres.__file__).parent / "event_words.txt"
PLANNED = (
    '{"__class__": "EventLogEntry", "dagster_event": {"__class__": "DagsterEvent", '
    '"event_specific_data": {"__class__": "AssetMaterializationPlannedData", "asset_key": '
    '{"__class__": "AssetKey", "path": ["cos", "raw_files"]}, "partition": "ls000502q", '
    '"partitions_subset": null}, "event_type_value": "ASSET_MATERIALIZATION_PLANNED", '
    '"logging_tags": {}, "message": "cos_files intends to materialize asset [\\"cos\\", '
    '\\"raw_files\\"]", "pid": null, "pipeline_name": "cos_files", "solid_handle": null, '
    '"step_handle": null, "step_key": "cos__raw_files", "step_kind_value": null}, "error_info": '
    'null, "level": 10, "message": "", "pipeline_name": "cos_files", "run_id": '
    '"3a8db468-d142-41ae-ae46-64a0aa0fa485", "step_key": "cos__raw_files", "timestamp": '
    '1796021741.0328267, "user_message": ""}'
)


def test_the_words_have_never_changed() -> None:
    digest = "8cb2b2bca89ed195293f9d8a5c13455e1ea83a1383254cc2945799271c1e7527"
    assert hashlib.sha256(WORDS.read_bytes()).hexdigest() == digest


def test_what_was_packed_long_ago_can_be_read() -> None:
    packed = (
        "z1:3dldCoAwCADgExnqzNlxjK37H6GHwSzYwyCC6AT+oPCJ//JBXDIf0kH70U7boNcwLYNW8UM"
        "XROveV0GPEwOf3MoualBIGIS8gldRUHF0x8PF1uFS3PK+rgTlTZEpCy2Y2Fjz0BEn ls000502q"
    )
    assert unpack(packed) == PLANNED


def test_a_plan_takes_a_fifth_and_its_key_can_be_found_and_replaced() -> None:
    packed = pack(PLANNED)
    assert packed.startswith(MARK)
    assert len(packed) < len(PLANNED) / 5
    renamed = packed.replace("ls000502q", "lz000001q")
    assert unpack(renamed) == PLANNED.replace("ls000502q", "lz000001q")


@given(st.text(), st.dictionaries(st.text(), st.text() | st.integers() | st.none(), max_size=5))
def test_any_event_is_read_as_it_was(key: str, entries: dict[str, object]) -> None:
    event = json.dumps({"partition": key, **entries, "again": [f"path/{key}", entries]})
    assert unpack(pack(event)) == event


@pytest.mark.parametrize(
    "text", ["", "{}", '{"a": 1}', "not\tJSON", '{"partition": "a\tb"}', "\u00e9"]
)
def test_any_text_is_read_as_it_was(text: str) -> None:
    assert unpack(pack(text)) == text
    assert unpack(text) == text
