CREATE OR REPLACE VIEW "schema"."reports_nested" AS SELECT "advertiser_id", "_load_id", JSONB_BUILD_OBJECT('stat_time_day', "stat_time_day", 'campaign_id', "campaign_id") AS "dimensions", JSONB_BUILD_OBJECT('clicks', "clicks", 'spend', "spend") AS "metrics" FROM "schema"."reports";

COMMENT ON VIEW "schema"."reports_nested" IS 'Made by dagster-tiktok-ads; it is made anew after each load.';
