"""Dagster component that loads TikTok Ads into a warehouse."""

from dagster_component_templates.component import RunOverrides, TikTokAdsIngestionComponent

__all__ = ["RunOverrides", "TikTokAdsIngestionComponent"]
