"""The API simulator as a test sees it, the DuckDB file that a run fills, and what Dagster's event log says of the run."""

import json
import subprocess
import textwrap
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb

TOKEN = "simulated-access-token"
DENIED = "4000000000001"
"""The token may not read this account."""
IDLE = "4000000000002"
"""This account has no campaign."""
START_SECONDS = 20

OPTIONS = {
    "advertisers": [{"id": DENIED, "access": "denied"}, {"id": IDLE, "campaigns": 0, "videos": 0, "images": 0}],
    "anyAdvertiser": True,
    "quota": False,
    "frozen": True,
    "campaigns": 4,
    "adGroupsPerCampaign": 2,
    "adsPerAdGroup": 2,
    "videos": 5,
    "images": 5,
    "alwaysOn": True,
}
"""Small accounts that deliver on most days. Time stands still, so that truth does not move while a test reads it."""

UNLIMITED = "requests_per_second: 1000\nrequests_per_minute: 60000\nrequests_per_day: 86400000\n"
ATTRIBUTES = f'access_token: "${{TIKTOK_ACCESS_TOKEN}}"\n{UNLIMITED}'
"""What every component of these tests has: the token's name, and no quota."""

FILE = "tiktok_ads_warehouse.duckdb"
LEVEL_IDS = {
    "AUCTION_ADVERTISER": "advertiser_id",
    "AUCTION_CAMPAIGN": "campaign_id",
    "AUCTION_ADGROUP": "adgroup_id",
    "AUCTION_AD": "ad_id",
}
REPORT_PATH = "report/integrated/get/"


class World:
    """A running simulator."""

    def __init__(self, url: str, control_url: str) -> None:
        self.url = url
        """What `TIKTOK_ADS_API_BASE_URL` takes."""
        self._control_url = control_url

    def reset(self) -> None:
        """Back to the start: no faults, no statistics, the first moment."""
        self._ask("POST", "reset")

    def fault(self, effect: Mapping[str, Any], *, times: int | None = None, after: int = 0, **match: Any) -> None:
        """Adds a fault; `match` takes path, advertiserId, page, parameters."""
        rule = {"match": match, "effect": effect, "after": after}
        self._ask("POST", "faults", rule if times is None else {**rule, "times": times})

    def mend(self) -> None:
        """Removes all faults."""
        self._ask("DELETE", "faults")

    def forget(self) -> None:
        """Starts the statistics anew."""
        self._ask("DELETE", "stats")

    def calls(self, path: str | None = None) -> list[dict[str, Any]]:
        """The requests since the start or since `forget`, each with path, parameters and answer."""
        requests: list[dict[str, Any]] = self._ask("GET", "stats")["requests"]
        return [one for one in requests if path is None or one["path"] == path]

    def windows(self) -> list[tuple[str, str, str]]:
        """Account, start and end of each report call that read the rows, sorted.

        Left out are further pages, refused calls, and the pass for TopView campaigns that some levels need.
        """
        return sorted(
            (one["parameters"]["advertiser_id"], one["parameters"]["start_date"], one["parameters"]["end_date"])
            for one in self.calls(REPORT_PATH)
            if one["answer"] == "0"
            and one["parameters"].get("page", "1") == "1"
            and "buying_type" not in one["parameters"].get("filtering", "")
        )

    def truth(self, account: str, start: str, end: str, level: str = "AUCTION_CAMPAIGN", **more: Any) -> dict[str, Any]:
        """What really happened: rows, spend, impressions, clicks, conversion."""
        asked = {"advertiserId": account, "start": start, "end": end, "dataLevel": level, **more}
        found: dict[str, Any] = self._ask("POST", "truth", asked)
        return found

    def entities(self, account: str, resource: str) -> list[str]:
        """Ids of an account's campaigns, ad_groups, ads, videos or images, sorted."""
        return sorted(self._ask("POST", "truth", {"advertiserId": account, "resource": resource})["ids"])

    def set_clock(self, to: str) -> None:
        """Sets the simulated time, ISO 8601 in UTC: figures are then those that TikTok knew at that time."""
        self._ask("POST", "clock", {"now": to})

    def now(self) -> str:
        """The simulated time, ISO 8601 in UTC."""
        return str(self._ask("GET", "clock")["now"])

    def _ask(self, method: str, name: str, body: Any = None) -> Any:
        request = urllib.request.Request(
            self._control_url + name, None if body is None else json.dumps(body).encode(), method=method
        )
        with urllib.request.urlopen(request, timeout=START_SECONDS) as answer:
            return json.load(answer)


@contextmanager
def running_world(node: Path, main: Path, folder: Path) -> Iterator[World]:
    """Starts a simulator, and ends it afterwards."""
    options = folder / "simulator.json"
    options.write_text(json.dumps(OPTIONS))
    process = subprocess.Popen(
        [node, main, "simulate", "--options", options, "--json"], text=True, stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        assert said, "the simulator did not start"
        told = json.loads(said)
        yield World(told["url"], told["control_url"])
    finally:
        process.terminate()
        process.wait(START_SECONDS)


def attributes(text: str) -> str:
    """A component's attributes in YAML, on top of those that every one has."""
    return ATTRIBUTES + textwrap.dedent(text)


def query(sql: str, *parameters: Any, file: str = FILE) -> list[tuple[Any, ...]]:
    """Rows of a query on the warehouse."""
    with duckdb.connect(file, read_only=True) as connection:
        return connection.execute(sql, parameters).fetchall()


def change(sql: str, *, file: str = FILE) -> None:
    """Changes the warehouse behind the program's back."""
    with duckdb.connect(file) as connection:
        connection.execute(sql)


def tables(schema: str, *, file: str = FILE) -> dict[str, str]:
    """Name and kind (BASE TABLE or VIEW) of what a schema holds."""
    return dict(
        query("SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = ?", schema, file=file)
    )


def loaded(schema: str, account: str, start: str, end: str, table: str = "reports") -> dict[str, Any]:
    """The table's rows and sums of one account and window, spelt as `World.truth` spells them."""
    time = "stat_time_hour" if ("stat_time_hour",) in columns(schema, table) else "stat_time_day"
    [(rows, spend, impressions, clicks, conversion)] = query(
        f"SELECT count(*), sum(spend), sum(impressions), sum(clicks), sum(conversion) FROM {schema}.{table} "
        f"WHERE advertiser_id = ? AND {time}::DATE BETWEEN ?::DATE AND ?::DATE",
        account,
        start,
        end,
    )
    sums = {"impressions": impressions, "clicks": clicks, "conversion": conversion}
    return {"rows": rows, "spend": Decimal(spend or 0), **{name: int(value or 0) for name, value in sums.items()}}


def columns(schema: str, table: str) -> list[tuple[str]]:
    """The table's columns."""
    return query(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = ? AND table_name = ?", schema, table
    )


def assert_true(
    world: World,
    schema: str,
    accounts: Sequence[str],
    window: tuple[str, str],
    *,
    table: str = "reports",
    level: str = "AUCTION_CAMPAIGN",
    granularity: str = "day",
) -> None:
    """The table holds what happened in this window, to the cent, and the accounts did something."""
    start, end = window
    for account in accounts:
        truth = world.truth(account, start, end, level, granularity=granularity)
        true = {"rows": truth["rows"], "spend": Decimal(truth["spend"])}
        true |= {name: truth[name] for name in ("impressions", "clicks", "conversion")}
        assert true["rows"] > 0
        assert loaded(schema, account, start, end, table) == true, f"{table} of {account}, {start} to {end}"


def metadata(event: dg.DagsterEvent) -> dict[str, Any]:
    """A materialization's metadata as plain values."""
    return {label: value.value for label, value in event.materialization.metadata.items()}


def partition_rows(result: dg.ExecuteInProcessResult) -> dict[str, int]:
    """Each materialized partition's own row count."""
    return {
        str(event.partition): metadata(event)["dagster/partition_row_count"]
        for event in result.get_asset_materialization_events()
    }


def observations(result: dg.ExecuteInProcessResult) -> list[dg.AssetObservation]:
    """The observations that a run recorded."""
    return [
        event.asset_observation_data.asset_observation
        for event in result.all_events
        if event.event_type == dg.DagsterEventType.ASSET_OBSERVATION
    ]


def checks(result: dg.ExecuteInProcessResult) -> dict[str, dg.AssetCheckEvaluation]:
    """The verdicts by the check's name."""
    return {check.check_name: check for check in result.get_asset_check_evaluations()}


def summary(check: dg.AssetCheckEvaluation) -> str:
    """The cause in words."""
    return str(check.metadata["summary"].value)


def failure(result: dg.ExecuteInProcessResult) -> str:
    """All that Dagster shows of the step's failure: description and metadata."""
    assert not result.success
    [event] = result.filter_events(lambda one: one.is_step_failure)
    data = event.step_failure_data.user_failure_data
    assert data is not None, event.step_failure_data.error
    return "\n".join([data.description or "", *(f"{label}: {one.value}" for label, one in data.metadata.items())])


def attempts(result: dg.ExecuteInProcessResult) -> int:
    """How often the step was started."""
    return 1 + len(result.filter_events(lambda one: one.is_step_restarted))
