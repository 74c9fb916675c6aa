"""The component."""

import os
import warnings
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, ClassVar

import dagster as dg
from dagster.components.resolved.base import resolve_fields
from dagster.components.utils.translation import TranslationFn
from pydantic import BaseModel, ConfigDict, Field, model_validator

from dagster_component_templates import backfill, partitions, specs
from dagster_component_templates._validation import Issue, normalize
from dagster_component_templates.attributes import (
    AttributeMistakes,
    check,
    default,
    escaped,
    is_load_time,
    is_own,
    is_secret,
    jsonable,
    names,
    tolerant,
    with_lines,
    yaml,
    yaml_translation,
)
from dagster_component_templates.columns import column_schema, time_expression
from dagster_component_templates.compute import Compute, run_in_container
from dagster_component_templates.repeated_keys import repeated_keys
from dagster_component_templates.runner import Launch, Result, load_key, run_executable
from dagster_component_templates.scaffolder import TikTokAdsScaffolder
from dagster_component_templates.secret_values import externalize, literal_secrets, secret_texts
from dagster_component_templates.value import TableValue, ValueSource

CONTRACT = 1
"""Version of what `get_extras` gives."""
SECRETS = tuple(name for name in names() if is_secret(name))


class RunOverrides(dg.Config):
    """What one run may change; given in the launchpad or with `--config-json`."""

    start_date: str | None = Field(
        default=None, description="First day of the reports, YYYY-MM-DD, in place of the component's."
    )
    end_date: str | None = Field(
        default=None, description="Last day of the reports, YYYY-MM-DD, in place of the component's."
    )
    full_refresh: bool = Field(default=False, description="Read everything again, also what an earlier run has loaded.")


@dg.scaffold_with(TikTokAdsScaffolder)
class TikTokAdsIngestionComponent(dg.Component, dg.Model, dg.Resolvable):
    """Loads TikTok Ads into DuckDB, Snowflake, BigQuery, Postgres or Redshift.

    Campaigns, ad groups, ads, creatives and reports of all your advertiser accounts become tables with typed columns,
    one transaction per table, and every load is compared with TikTok's own totals. Partitions, backfills, asset checks,
    freshness and retries are Dagster's.

    ```yaml
    type: dagster_component_templates.TikTokAdsIngestionComponent

    attributes:
      asset_name: tiktok_ads_data
      access_token: "${TIKTOK_ACCESS_TOKEN}"
      advertiser_ids: "1234567890,9876543210"
      resources: "campaigns,reports"
      destination: "duckdb"
    ```

    - `${VAR}`, `${VAR:-default}` and `{{ env.VAR }}` in secrets are resolved when a run starts, in the run's own
      environment; Dagster never stores them.
    - `partition_type: daily` (weekly, monthly, hourly, static, dynamic, multi) makes the asset partitioned; a backfill
      is one run per contiguous range, or as `backfill_policy` says.
    - `asset_layout: per_resource` makes one asset per table, keys `asset_name/resource`.
    - `mode: simulate` needs no account: an embedded simulator answers in TikTok's place.

    In Python, override `get_asset_spec` to change what Dagster shows, and `execute` to change how a run is done, for
    example to start the executable with `PipesK8sClient`, giving it `self.get_extras(context, config)`.
    """

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    asset_name: Annotated[str, yaml("asset_name")]
    access_token: Annotated[Any, yaml("access_token")] = Field(default=None, repr=False)
    advertiser_ids: Annotated[list[str] | str | None, yaml("advertiser_ids")] = None
    app_id: Annotated[str | None, yaml("app_id")] = None
    secret: Annotated[Any, yaml("secret")] = Field(default=None, repr=False)
    mode: Annotated[str, yaml("mode")] = default("mode")
    api_base_url: Annotated[str | None, yaml("api_base_url")] = None

    resources: Annotated[list[str], yaml("resources")] = default("resources")
    include_deleted: Annotated[bool | str, yaml("include_deleted")] = default("include_deleted")
    on_advertiser_error: Annotated[str, yaml("on_advertiser_error")] = default("on_advertiser_error")

    start_date: Annotated[str | None, yaml("start_date")] = None
    end_date: Annotated[str | None, yaml("end_date")] = None
    report_type: Annotated[str, yaml("report_type")] = default("report_type")
    data_level: Annotated[str, yaml("data_level")] = default("data_level")
    metrics: Annotated[list[str] | str | None, yaml("metrics")] = None
    dimensions: Annotated[list[str] | str | None, yaml("dimensions")] = None
    time_granularity: Annotated[str | None, yaml("time_granularity")] = None
    reports: Annotated[list[dict[str, Any]] | None, yaml("reports")] = None

    destination: Annotated[str, yaml("destination")] = default("destination")
    destination_config: Annotated[Any, yaml("destination_config")] = Field(default=None, repr=False)
    destination_credentials_url: Annotated[Any, yaml("destination_credentials_url")] = Field(default=None, repr=False)
    destination_credentials_env_var: Annotated[str | None, yaml("destination_credentials_env_var")] = None
    dataset_name: Annotated[str | None, yaml("dataset_name")] = None

    write_disposition: Annotated[str, yaml("write_disposition")] = default("write_disposition")
    restate_days: Annotated[int | str, yaml("restate_days")] = default("restate_days")
    persist_only: Annotated[bool, yaml("persist_only")] = default("persist_only")
    checks: Annotated[bool, yaml("checks")] = default("checks")

    requests_per_second: Annotated[float | str | None, yaml("requests_per_second")] = None
    requests_per_minute: Annotated[int | str | None, yaml("requests_per_minute")] = None
    requests_per_day: Annotated[int | str | None, yaml("requests_per_day")] = None
    max_concurrency: Annotated[int | str | None, yaml("max_concurrency")] = None

    partition_type: Annotated[str | None, yaml("partition_type")] = None
    partition_start: Annotated[str | None, yaml("partition_start")] = None
    partition_values: Annotated[list[str] | None, yaml("partition_values")] = None
    dynamic_partition_name: Annotated[str | None, yaml("dynamic_partition_name")] = None
    partition_dimensions: Annotated[list[dict[str, Any]] | None, yaml("partition_dimensions")] = None
    partition_timezone: Annotated[str | None, yaml("partition_timezone")] = None
    backfill_policy: Annotated[str | None, yaml("backfill_policy")] = default("backfill_policy")
    backfill_policy_max_partitions_per_run: Annotated[int | None, yaml("backfill_policy_max_partitions_per_run")] = None

    compute: Annotated[str, yaml("compute")] = default("compute")
    compute_image: Annotated[str | None, yaml("compute_image")] = None
    compute_command: Annotated[list[str] | None, yaml("compute_command")] = None
    compute_environment: Annotated[dict[str, str] | None, yaml("compute_environment")] = None
    compute_secrets: Annotated[dict[str, str] | None, yaml("compute_secrets")] = None
    compute_task_definition: Annotated[str | None, yaml("compute_task_definition")] = None
    compute_options: Annotated[dict[str, Any] | None, yaml("compute_options")] = None

    asset_layout: Annotated[str, yaml("asset_layout")] = default("asset_layout")
    group_name: Annotated[str, yaml("group_name")] = default("group_name")
    description: Annotated[str | None, yaml("description")] = None
    owners: Annotated[list[str] | None, yaml("owners")] = None
    asset_tags: Annotated[dict[str, str] | None, yaml("asset_tags")] = None
    kinds: Annotated[list[str] | None, yaml("kinds")] = None
    deps: Annotated[list[str] | None, yaml("deps")] = None
    column_lineage: Annotated[dict[str, list[str]] | None, yaml("column_lineage")] = None
    include_preview_metadata: Annotated[bool | str, yaml("include_preview_metadata")] = default(
        "include_preview_metadata"
    )
    preview_rows: Annotated[int | str, yaml("preview_rows")] = default("preview_rows")
    freshness_max_lag_minutes: Annotated[int | None, yaml("freshness_max_lag_minutes")] = None
    freshness_cron: Annotated[str | None, yaml("freshness_cron")] = None
    retry_policy_max_retries: Annotated[int | None, yaml("retry_policy_max_retries")] = None
    retry_policy_delay_seconds: Annotated[float | None, yaml("retry_policy_delay_seconds")] = None
    retry_policy_backoff: Annotated[str | None, yaml("retry_policy_backoff")] = None
    pool: Annotated[str | None, yaml("pool")] = None
    translation: Annotated[TranslationFn[str] | None, yaml_translation()] = None

    patience: ClassVar[Sequence[float]] = (15.0, 5.0)
    """Seconds that a cancelled run gives the executable after SIGINT, and after SIGTERM."""

    @classmethod
    def get_spec(cls) -> dg.ComponentTypeSpec:
        """What Dagster's component pages show beside the documentation."""
        return dg.ComponentTypeSpec(description="TikTok Ads → warehouse, proved complete", tags=["tiktok", "ingestion"])

    @classmethod
    def get_form_config(cls) -> Any:
        """Lets Dagster's form make and edit instances, where Dagster has forms (1.13)."""
        form = getattr(dg, "ComponentFormConfig", None)
        return form and form(label="TikTok Ads", editable=True)

    @classmethod
    def model(cls) -> type[BaseModel]:
        """The model of the YAML attributes."""
        return tolerant(super().model())

    @classmethod
    def resolve_from_model(cls, context: dg.ResolutionContext, model: BaseModel) -> "TikTokAdsIngestionComponent":
        """Makes the component from YAML. Raises with every mistake, each with file and line."""
        issues = repeated_keys(context)
        try:
            component = cls(**resolve_fields(model, cls, context), **(model.model_extra or {}))
        except AttributeMistakes as mistakes:
            issues = [*issues, *mistakes.issues]
        if issues:
            raise with_lines(context, AttributeMistakes(issues))
        return component

    @model_validator(mode="before")
    @classmethod
    def _check(cls, given: dict[str, Any]) -> dict[str, Any]:
        own = {name: value for name, value in given.items() if name in cls.model_fields and name not in names()}
        return {**check({name: value for name, value in given.items() if name not in own}), **own}

    @model_validator(mode="after")
    def _keep_secrets_out_of_containers(self) -> "TikTokAdsIngestionComponent":
        written_out = [name for name, value in self._secrets.items() if literal_secrets(name, value)]
        if self.compute != "subprocess" and written_out:
            message = (
                f"holds a secret written out, and whoever sees the container of compute: {self.compute} would see it"
            )
            allowed = "a reference such as ${TIKTOK_ACCESS_TOKEN}, and the variable in the container (compute_secrets)"
            raise AttributeMistakes([Issue(name, message, allowed) for name in written_out])
        return self

    def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:
        """One assets definition: one asset, or with `asset_layout: per_resource` one per table."""
        self._warn_of_literal_token()
        asset_specs = {resource: self.get_asset_spec(resource) for resource in self.assets}
        # A key of its own for each instance: two components may stand in one project.
        value_key = f"{specs.identifier(self.asset_name)}__value"
        if self._has_value:
            asset_specs = {resource: spec.with_io_manager_key(value_key) for resource, spec in asset_specs.items()}

        @dg.multi_asset(
            name=specs.identifier(self.asset_name),
            specs=list(asset_specs.values()),
            check_specs=[
                check for resource, spec in asset_specs.items() for check in self._check_specs(resource, spec.key)
            ],
            can_subset=True,
            resource_defs={value_key: TableValue(self._source)} if self._has_value else {},
            backfill_policy=partitions.backfill_policy(self),
            retry_policy=specs.retry_policy(
                self.retry_policy_max_retries, self.retry_policy_delay_seconds, self.retry_policy_backoff
            ),
            pool=self.pool,
        )
        def tiktok_ads(context: dg.AssetExecutionContext, config: RunOverrides) -> Iterator[Result]:
            yield from self.execute(context, config)

        return dg.Definitions(assets=[tiktok_ads])

    @property
    def tables(self) -> list[str]:
        """The tables this component fills, in order."""
        return specs.tables(self.resources, self.reports or [])

    @property
    def assets(self) -> list[str]:
        """What its assets hold: each table of `asset_layout: per_resource`; else the one table that stands for all."""
        return self.tables if self.asset_layout == "per_resource" else [specs.main_table(self.tables)]

    def get_asset_spec(self, resource: str) -> dg.AssetSpec:
        """The spec of one asset. Override it to change what Dagster shows; `resource` is one of `assets`."""
        key = [*self.asset_name.split("/"), *([resource] if self.asset_layout == "per_resource" else [])]
        destination = [] if "${" in self.destination else [self.destination]
        spec = dg.AssetSpec(
            key=dg.AssetKey(key),
            description=self.description
            or specs.description(resource, self.tables, self.asset_layout, self.destination),
            group_name=self.group_name,
            owners=self.owners or [],
            tags=self.asset_tags or {},
            kinds={*(self.kinds or ["tiktok", "typescript", *destination])},
            deps=[dg.AssetKey.from_user_string(text) for text in self.deps or []],
            code_version=specs.code_version(resource, self.asset_layout, dict(self)),
            freshness_policy=specs.freshness_policy(
                self.freshness_max_lag_minutes, self.freshness_cron, self.partition_timezone
            ),
            partitions_def=partitions.partitions_definition(self),
            metadata=self._metadata(resource),
        )
        return self.translation(spec, resource) if self.translation else spec

    def execute(self, context: dg.AssetExecutionContext, config: RunOverrides) -> Iterator[Result]:
        """Runs the executable for one step. Override it to add to what it yields, or to start the executable elsewhere.

        Raises dg.Failure with the executable's own words.
        """
        launch = Launch(
            extras=self.get_extras(context, config),
            environment=self._secret_environment,
            secrets=secret_texts(self._secrets, os.environ),
            patience=self.patience,
            dress=self._with_lineage,
        )
        if self.compute == "subprocess":
            yield from run_executable(context, launch)
        else:
            yield from run_in_container(context, launch, self._container)

    def get_extras(self, context: dg.AssetExecutionContext, config: RunOverrides) -> dict[str, Any]:
        """What the executable is told, as JSON.

        Holds no literal secret: `execute` gives those to the process in its environment.
        """
        by_key = {spec.key: str(spec.metadata.get(specs.RESOURCE_METADATA, "*")) for spec in context.assets_def.specs}
        checked = {check.asset_key for check in context.selected_asset_check_keys}
        wanted = [key for key in by_key if key in context.selected_asset_keys]
        per_resource = self.asset_layout == "per_resource"
        selected = [by_key[key] for key in wanted]
        return {
            "contract": CONTRACT,
            "config": self._config(),
            "asset_keys": {
                name: key.to_escaped_user_string() for key, name in by_key.items() if key in wanted or key in checked
            },
            "partitions": self._partitions(context),
            "selected_resources": selected if per_resource or not selected else None,
            "selected_checks": self._selected_checks(context),
            "overrides": {name: value for name, value in config.model_dump().items() if value},
            "load_key": load_key(context),
            "backfill": backfill.extras(context),
        }

    @property
    def _container(self) -> Compute:
        return Compute(
            kind=self.compute,
            image=self.compute_image,
            command=self.compute_command or (),
            environment=self.compute_environment or {},
            secrets=self.compute_secrets or {},
            task_definition=self.compute_task_definition,
            options=self.compute_options or {},
        )

    @property
    def _has_value(self) -> bool:
        return self.asset_layout == "single" and not self.persist_only

    @property
    def _source(self) -> ValueSource:
        return ValueSource(attributes=self._config(), secrets=self._secrets, environment=self._secret_environment)

    @property
    def _secrets(self) -> dict[str, Any]:
        return {name: value for name in SECRETS if (value := getattr(self, name)) is not None}

    @property
    def _secret_environment(self) -> dict[str, str]:
        """The variables that carry literal secrets to the executable."""
        return {
            name: text
            for attribute, value in self._secrets.items()
            for name, text in externalize(attribute, value)[1].items()
        }

    def _warn_of_literal_token(self) -> None:
        if self.mode == "live" and externalize("access_token", self.access_token)[1]:
            advice = "write ${TIKTOK_ACCESS_TOKEN} and set that variable where runs start"
            warnings.warn(
                f"The access_token of {self.asset_name} stands in the definition itself: {advice}.", stacklevel=2
            )

    def _config(self) -> dict[str, Any]:
        """The attributes that were given, as JSON."""
        given = {name: getattr(self, name) for name in names() if name in self.model_fields_set and not is_own(name)}
        # A container has no variables of ours; that its secrets are references was checked.
        hidden = SECRETS if self.compute == "subprocess" else ()
        shown = {name: externalize(name, value)[0] if name in hidden else value for name, value in given.items()}
        return {
            name: jsonable(escaped(value) if is_load_time(name) else value)
            for name, value in shown.items()
            if value is not None
        }

    def _partitions(self, context: dg.AssetExecutionContext) -> dict[str, Any] | None:
        definition = context.assets_def.partitions_def
        if definition is None or not (context.has_partition_key or context.has_partition_key_range):
            return None
        keys = list(context.partition_keys)
        return {"keys": keys, "windows": partitions.windows(definition, keys), "time_zone": self.partition_timezone}

    def _selected_checks(self, context: dg.AssetExecutionContext) -> list[str] | None:
        selected = set(context.selected_asset_check_keys)
        declared = {
            spec.key for spec in context.assets_def.check_specs if spec.asset_key in context.selected_asset_keys
        }
        return None if selected == declared and selected else sorted({key.name for key in selected})

    def _check_specs(self, resource: str, key: dg.AssetKey) -> list[dg.AssetCheckSpec]:
        if not self.checks:
            return []
        return specs.check_specs(key, [resource] if self.asset_layout == "per_resource" else self.tables)

    def _metadata(self, resource: str) -> dict[str, Any]:
        dataset = specs.dataset(self.asset_name, self.dataset_name)
        attributes = self._report_attributes(resource)
        time = time_expression(resource, attributes)
        expression = partitions.partition_expression(partitions.partitions_definition(self), time)
        known = "${" not in dataset
        columns = column_schema(resource, attributes)
        return {
            **({specs.RESOURCE_METADATA: resource} if self.asset_layout == "per_resource" else {}),
            **({"schema": dataset} if known else {}),
            **({} if expression is None else {"partition_expr": expression}),
            **({"dagster/column_schema": columns} if columns is not None else {}),
            **({"dagster/table_name": f"{dataset}.{resource}"} if known else {}),
            **({} if "${" in self.destination else {"dagster/storage_kind": self.destination}),
        }

    def _report_attributes(self, table: str) -> dict[str, Any]:
        """The attributes of a table's report: of a named one its own, read as the component's are."""
        named = {f"report_{report['name']}": report for report in self.reports or []}.get(table)
        if named is None:
            return dict(self)
        unset = {name: default(name) for name in specs.REPORT_ATTRIBUTES}
        own = {name: normalize(name, value) for name, value in named.items() if name in unset}
        return {**dict(self), **unset, **own}

    def _with_lineage(self, result: dg.MaterializeResult[Any]) -> dg.MaterializeResult[Any]:
        if not self.column_lineage:
            return result
        lineage = specs.column_lineage(self.column_lineage, self.deps or [])
        return result._replace(metadata={**(result.metadata or {}), "dagster/column_lineage": lineage})
