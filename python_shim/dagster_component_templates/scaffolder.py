"""`dg scaffold defs dagster_component_templates.TikTokAdsIngestionComponent NAME`: commented, and working."""

import json
import re

import click
import yaml
from dagster.components import Scaffolder, ScaffoldRequest
from pydantic import BaseModel, Field, field_validator

from dagster_component_templates._validation import check_attribute

CREDENTIALS = {
    "duckdb": ("tiktok_ads_warehouse.duckdb", ()),
    "postgres": ("postgresql://loader:${POSTGRES_PASSWORD}@localhost:5432/warehouse", ("POSTGRES_PASSWORD",)),
    "redshift": ("redshift://loader:${REDSHIFT_PASSWORD}@cluster.example.com:5439/warehouse", ("REDSHIFT_PASSWORD",)),
    "snowflake": ("snowflake://loader:${SNOWFLAKE_PASSWORD}@account/database", ("SNOWFLAKE_PASSWORD",)),
    "bigquery": ("bigquery://project", ("GOOGLE_APPLICATION_CREDENTIALS",)),
}
"""For each destination an example of credentials, and the variables it needs."""


class ScaffoldParams(BaseModel):
    """Options of the scaffolder."""

    destination: str = Field(default="duckdb", description=f"Warehouse to load into: {', '.join(CREDENTIALS)}.")
    asset_name: str | None = Field(default=None, description="Asset key; the folder's name if left out.")

    @field_validator("destination")
    @classmethod
    def _is_known(cls, destination: str) -> str:
        if destination not in CREDENTIALS:
            # dg shows this error in one line, and pydantic's own with a traceback.
            raise click.BadParameter(
                f"no destination is called {destination}; there are {', '.join(CREDENTIALS)}",
                param_hint="--destination",
            )
        return destination

    @field_validator("asset_name")
    @classmethod
    def _is_a_key(cls, asset_name: str | None) -> str | None:
        for issue in check_attribute("asset_name", asset_name) if asset_name else ():
            raise click.BadParameter(f"{issue.message}. Allowed: {issue.allowed}", param_hint="--asset-name")
        return asset_name


class TikTokAdsScaffolder(Scaffolder[ScaffoldParams]):
    """Writes defs.yaml or component.py, and the names of its environment variables into .env.example."""

    @classmethod
    def get_scaffold_params(cls) -> type[ScaffoldParams]:
        """The options."""
        return ScaffoldParams

    def scaffold(self, request: ScaffoldRequest[ScaffoldParams]) -> None:
        """Writes the files."""
        destination = request.params.destination
        credentials, variables = CREDENTIALS[destination]
        asset_name = request.params.asset_name or request.target_path.stem
        text = _yaml(request.type_name, asset_name, destination, credentials, variables)
        if request.scaffold_format == "python":
            text = _python(request.type_name, asset_name, destination, credentials)
            (request.target_path / "component.py").write_text(text, encoding="utf-8")
        elif request.append:
            with request.target_path.open("a", encoding="utf-8") as file:
                file.write(f"---\n{text}")
        else:
            (request.target_path / "defs.yaml").write_text(text, encoding="utf-8")
        _add_variables(request, ("TIKTOK_ACCESS_TOKEN", *variables))


def _yaml(type_name: str, asset_name: str, destination: str, credentials: str, variables: tuple[str, ...]) -> str:
    listed = "".join(f"    - {name}\n" for name in ("TIKTOK_ACCESS_TOKEN", *variables))
    return f"""\
type: {type_name}

attributes:
  asset_name: {_plain(asset_name)}
  # Read from the environment when a run starts; Dagster never stores it.
  access_token: ${{TIKTOK_ACCESS_TOKEN}}
  # Your accounts, as a list or separated by commas. Without an account, `mode: simulate` answers in TikTok's place.
  advertiser_ids: "1234567890"
  # mode: simulate

  # advertisers, campaigns, ad_groups, ads, videos, images, reports
  resources: campaigns,reports
  # AUCTION_ADVERTISER, AUCTION_CAMPAIGN, AUCTION_ADGROUP, AUCTION_AD
  data_level: AUCTION_CAMPAIGN
  # `tiktok-ads catalog` lists the metrics; left out, a set that suits the level.
  # metrics: spend,impressions,clicks,conversions

  destination: {destination}
  destination_config:
    credentials: {credentials}

  # One partition a day; a backfill of any range is one run.
  # partition_type: daily
  # partition_start: "2024-01-01"

  # per_resource: one asset per table.
  asset_layout: single
  group_name: tiktok_ads

requirements:
  env:
{listed}"""


def _plain(text: str) -> str:
    """The text as YAML reads it back: quoted if it would take it for something else, such as a number or `on`."""
    is_plain = re.fullmatch(r"[\w./-]+", text) and yaml.safe_load(text) == text
    return text if is_plain else json.dumps(text)


def _python(type_name: str, asset_name: str, destination: str, credentials: str) -> str:
    module, _, name = type_name.rpartition(".")
    return f"""\
import dagster as dg
from {module} import {name}


@dg.component_instance
def load(context: dg.ComponentLoadContext) -> {name}:
    return {name}(
        asset_name={json.dumps(asset_name)},
        # Read from the environment when a run starts; Dagster never stores it.
        access_token="${{TIKTOK_ACCESS_TOKEN}}",
        # Your accounts, as a list or separated by commas. Without any, mode="simulate" answers in place of TikTok.
        advertiser_ids="1234567890",
        resources="campaigns,reports",
        data_level="AUCTION_CAMPAIGN",
        destination="{destination}",
        destination_config={{"credentials": "{credentials}"}},
        group_name="tiktok_ads",
    )
"""


def _add_variables(request: ScaffoldRequest[ScaffoldParams], names: tuple[str, ...]) -> None:
    file = (request.project_root or request.target_path) / ".env.example"
    present = file.read_text(encoding="utf-8") if file.exists() else ""
    known = {line.partition("=")[0].strip() for line in present.splitlines()}
    missing = [f"{name}=\n" for name in names if name not in known]
    separator = "" if not present or present.endswith("\n") else "\n"
    file.write_text(present + separator + "".join(missing), encoding="utf-8")
