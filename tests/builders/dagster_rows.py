"""The tables of Dagster that the site asks, with a run, a sensor and its ticks.

That they are like Dagster's own is for `test_dagster_history` to show.
"""

import json
from pathlib import Path

from sqlalchemy import text

from hstql_resources.postgres.dagster_history import DagsterHistory
from hstql_resources.postgres.database import Database
from hstql_resources.postgres.packed_events import pack
from hstql_resources.run_tags import LOG_TAG

RUN, COMMAND = "0a1b2c3d-run", "cos_files_2026-03-01T12-00-00.000000"
TABLES = """
CREATE SCHEMA dagster;
SET LOCAL search_path = dagster;
CREATE TABLE runs (id bigserial, run_id text, pipeline_name text, status text, run_body text,
    create_timestamp timestamp DEFAULT now(), start_time float, end_time float);
CREATE TABLE run_tags (run_id text, key text, value text);
CREATE TABLE event_logs (id bigserial, run_id text, event text, dagster_event_type text,
    asset_key text, partition text);
CREATE TABLE instigators (id bigserial, selector_id text, status text, instigator_type text,
    instigator_body text);
CREATE TABLE job_ticks (id bigserial, selector_id text, status text, timestamp timestamp,
    tick_body text)
"""


def fill_history(database: Database, home: Path, secret: str) -> DagsterHistory:
    """Write a run that failed, a sensor that asked for it, and their logs, all with a word.

    Parameters
    ----------
    database : Database
        Where to; the tables are in a schema of their own, as on a server that hosts share.
    home : Path
        Under which the logs are.
    secret : str
        The word.
    """
    fault = {"message": f"ValueError: {secret} <b>fault</b>", "stack": ["  at home\n"],
             "cause": {"message": "OSError: gone", "stack": []}}  # fmt: skip
    failure = {"event_specific_data": {"error": fault}, "message": "Execution failed."}
    events = [
        (None, None, 20, {"user_message": f"{secret} said"}),
        ("ASSET_MATERIALIZATION_PLANNED", "jpub01a1q", 10, {"user_message": f"{secret} key"}),
        ("STEP_FAILURE", None, 40, {"dagster_event": failure, "user_message": ""}),
    ]
    tick = {"job_name": "cos_news", "run_ids": [RUN], "end_timestamp": 1772366405.0,
            "log_key": ["repository", "cos_news", "7"]}  # fmt: skip
    with database.engine.begin() as connection:
        for statement in TABLES.split(";"):
            connection.execute(text(statement))
        connection.execute(
            text("INSERT INTO runs (run_id, pipeline_name, status, run_body, start_time, end_time)"
                 " VALUES (:run, 'cos_files', 'FAILURE', '{}', 1772366400, 1772366460.5)"),
            [{"run": RUN}],
        )  # fmt: skip
        connection.execute(
            text("INSERT INTO run_tags VALUES (:run, :key, :value)"),
            [{"run": RUN, "key": key, "value": value} for key, value in (
                (LOG_TAG, COMMAND), ("dagster/sensor_name", "cos_news"),
                ("dagster/asset_partition_range_start", "jpub01a1q"),
                ("dagster/asset_partition_range_end", "jsec01a1q"), ("password", secret))],
        )  # fmt: skip
        connection.execute(
            text("INSERT INTO event_logs (run_id, event, dagster_event_type, asset_key, partition)"
                 " VALUES (:run, :event, :kind, :asset, :key)"),
            [{"run": RUN, "kind": kind, "key": key,
              "asset": key and json.dumps(["acs", "previews"]),
              "event": pack(json.dumps({"timestamp": 1772366401.5, "level": level,
                                        "step_key": "a_step", **entry}))}
             for kind, key, level, entry in events],
        )  # fmt: skip
        connection.execute(
            text("INSERT INTO instigators (selector_id, status, instigator_type, instigator_body)"
                 " VALUES ('s', 'RUNNING', 'SENSOR', :body)"),
            [{"body": json.dumps({"origin": {"job_name": "cos_news"}})}],
        )  # fmt: skip
        connection.execute(
            text("INSERT INTO job_ticks (selector_id, status, timestamp, tick_body)"
                 " VALUES ('s', :status, :at, :body)"),
            [{"status": "SUCCESS", "at": "2026-03-01 12:00:00", "body": json.dumps(tick)},
             {"status": "SKIPPED", "at": "2026-03-01 12:01:00",
              "body": json.dumps({**tick, "run_ids": [], "skip_reason": f"{secret} no news"})}],
        )  # fmt: skip
    _write_logs(home / "logs", secret)
    address = database.engine.url.update_query_dict({"options": "-csearch_path=dagster"})
    return DagsterHistory(address)


def _write_logs(logs: Path, secret: str) -> None:
    record = {"levelname": "WARNING", "created": 1772366400.0, "msg": f"{secret} looked"}
    for path, content in (
        (f"{COMMAND}.log", f"{secret} postgresql://me:pass@host/x\n"),
        (f"dagster/{RUN}/compute_logs/a_step.err", f"{secret} printed\n"),
        (f"dagster/{RUN}/compute_logs/a_step.out", ""),
        ("dagster/repository/cos_news/7.err", json.dumps(record) + "\n"),
    ):
        (logs / path).parent.mkdir(parents=True, exist_ok=True)
        (logs / path).write_text(content)
