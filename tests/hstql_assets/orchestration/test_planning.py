"""Which keys of which assets are made, on a small graph written by hand."""

from dataclasses import replace

import pytest

from hstql_assets.batching.asset_nodes import AssetNode
from hstql_assets.orchestration.planning import (
    FAILED,
    GraphState,
    PlanError,
    Request,
    Step,
    order_sets,
    plan_set,
    resolve_assets,
)

RAW, CALIBRATED, HEADERS = "cos/raw_files", "cos/calibrated_files", "cos/header_tables"
CURVES, PLOTS, OTHER = "cos/lightcurves", "cos/lightcurve_plots", "stis/raw_files"
NODES = (
    AssetNode(RAW, "rootname", ()),
    AssetNode(CALIBRATED, "rootname", ()),
    AssetNode(HEADERS, "rootname", (RAW, CALIBRATED)),
    AssetNode(OTHER, "stis", ()),
    AssetNode(CURVES, "timetag", (HEADERS,)),
    AssetNode(PLOTS, "timetag", (CURVES,)),
)
FILES = NODES[:3]
KEYS = ("c", "a", "b")  # in the order of their registration


def make_state(**statuses: dict[str, str]) -> GraphState:
    """Return a state in which Dagster and the table `outcomes` agree."""
    named = {RAW: "raw", CALIBRATED: "calibrated", HEADERS: "headers"}
    decided = {asset: statuses.get(name, {}) for asset, name in named.items()}
    return GraphState(
        KEYS,
        {asset: frozenset(KEYS) - keys.keys() for asset, keys in decided.items()},
        {
            asset: frozenset(key for key, status in keys.items() if status in FAILED)
            for asset, keys in decided.items()
        },
    )


def all_made(*keys: str) -> dict[str, str]:
    return dict.fromkeys(keys or KEYS, "made")


FRESH = make_state()
DONE = make_state(raw=all_made(), calibrated=all_made(), headers=all_made())


def name(state: GraphState, *keys: str) -> GraphState:
    """Return a state in which the user has named some keys."""
    return replace(state, named=frozenset(keys))


def plan(request: Request, state: GraphState) -> list[Step]:
    nodes = [node for group in order_sets(request, NODES) for node in group]
    return plan_set(request, [node for node in nodes if node in FILES], state)


def test_a_name_without_prefix_means_that_of_every_instrument() -> None:
    assert resolve_assets(["raw_files"], NODES) == (RAW, OTHER)
    assert resolve_assets(["cos/raw_files", "raw_files"], NODES) == (RAW, OTHER)


def test_an_unknown_asset_is_refused_with_the_known_names() -> None:
    with pytest.raises(PlanError, match=r"no asset 'raw'. There are calibrated_files, header_"):
        resolve_assets(["raw"], NODES)


def test_upstream_sets_come_first_and_unrelated_ones_not_at_all() -> None:
    request = Request((PLOTS,))
    names = [[node.name for node in group] for group in order_sets(request, NODES)]
    assert names == [[RAW, CALIBRATED, HEADERS], [CURVES, PLOTS]]
    assert order_sets(replace(request, only=True), NODES) == [[NODES[-1]]]


def test_all_that_is_missing_is_one_step_in_the_order_of_registration() -> None:
    assert plan(Request((HEADERS,)), FRESH) == [Step((RAW, CALIBRATED, HEADERS), KEYS)]


def test_nothing_is_planned_where_everything_is_decided() -> None:
    assert plan(Request((HEADERS,)), DONE) == []
    bad = make_state(raw=all_made(), calibrated=all_made(), headers=dict.fromkeys(KEYS, "bad"))
    assert plan(Request((HEADERS,)), bad) == []


def test_only_what_is_missing_upstream_is_made_upstream() -> None:
    state = make_state(raw=all_made(), calibrated=all_made("a"))
    assert plan(Request((HEADERS,)), state) == [
        Step((CALIBRATED,), ("c", "b")),
        Step((HEADERS,), KEYS),
    ]


def test_all_makes_the_assets_asked_for_again_and_leaves_upstream_ones() -> None:
    assert plan(Request((HEADERS,), "all"), DONE) == [Step((HEADERS,), KEYS)]
    assert plan(Request((RAW, HEADERS), "all"), DONE) == [Step((RAW, HEADERS), KEYS)]


def test_failed_makes_bad_and_missing_keys_and_what_they_came_from() -> None:
    state = make_state(
        raw={"a": "made", "b": "missing", "c": "none"},
        calibrated=all_made(),
        headers={"a": "bad", "b": "missing", "c": "none"},
    )
    assert plan(Request((HEADERS,), "failed"), state) == [
        Step((RAW,), ("b",)),
        Step((HEADERS,), ("a", "b")),
    ]
    assert plan(Request((HEADERS,), "failed"), DONE) == []


def test_a_key_that_is_named_is_made_again() -> None:
    assert plan(Request((HEADERS,)), name(DONE, "b")) == [Step((HEADERS,), ("b",))]


def test_named_keys_limit_what_is_made_upstream_too() -> None:
    request = Request((HEADERS,))
    assert plan(request, name(FRESH, "b", "c")) == [Step((RAW, CALIBRATED, HEADERS), ("c", "b"))]
    failed = make_state(raw=all_made(), calibrated=all_made(), headers=dict.fromkeys(KEYS, "bad"))
    failed = name(failed, "b", "c")
    assert plan(replace(request, mode="failed"), failed) == [Step((HEADERS,), ("c", "b"))]
    assert plan(replace(request, mode="all"), name(DONE, "b", "c")) == [
        Step((HEADERS,), ("c", "b"))
    ]


def test_a_limit_to_no_key_plans_nothing() -> None:
    for mode in ("missing", "all", "failed"):
        assert plan(Request((HEADERS,), mode), name(FRESH)) == []


def test_only_leaves_upstream_assets_alone() -> None:
    assert plan(Request((HEADERS,), only=True), FRESH) == [Step((HEADERS,), KEYS)]


def test_a_key_that_only_one_of_the_two_records_knows_is_not_done() -> None:
    state = make_state(raw=all_made(), calibrated=all_made(), headers=all_made())
    killed = replace(state, unmade={**state.unmade, HEADERS: frozenset({"b", "c"})})
    assert plan(Request((HEADERS,)), killed) == [Step((HEADERS,), ("c", "b"))]


def test_a_decision_about_a_key_that_is_no_longer_registered_is_no_work() -> None:
    state = make_state(raw=all_made(), calibrated=all_made(), headers={"gone": "bad"})
    assert plan(Request((HEADERS,), "failed"), state) == []


def test_what_was_decided_before_its_input_is_made_again() -> None:
    state = replace(DONE, unmade={**DONE.unmade, HEADERS: frozenset({"b"})})
    assert plan(Request((HEADERS,)), state) == [Step((HEADERS,), ("b",))]
    assert plan(Request((HEADERS,), "failed"), state) == []


def test_what_follows_from_what_is_made_now_is_made_too() -> None:
    state = make_state(raw=all_made("a", "b"), calibrated=all_made(), headers=all_made())
    assert plan(Request((HEADERS,)), state) == [Step((RAW, HEADERS), ("c",))]
