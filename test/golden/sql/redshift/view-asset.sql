CREATE OR REPLACE VIEW "schema"."mine" AS SELECT "stat_time_day", "order" FROM "schema"."reports";

COMMENT ON VIEW "schema"."mine" IS 'Made by dagster-tiktok-ads; it is made anew after each load.';
