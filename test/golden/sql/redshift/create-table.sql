CREATE TABLE IF NOT EXISTS "schema"."odd ""name""" ("advertiser_id" VARCHAR(256), "order" VARCHAR(65535), "whole" BIGINT, "money" DECIMAL(18,6), "large" DECIMAL(38,9), "truth" BOOLEAN, "day" DATE, "instant" TIMESTAMP, "clock" TIMESTAMP, "list" SUPER, "a_name_that_is_too_long_a_name_that_is_too_long_a_name_that_is_too_long_a_name_that_is_too_long_a_name_that_is_too_lon_b443364d" VARCHAR(65535), "_load_id" VARCHAR(256), "_loaded_at" TIMESTAMP) DISTSTYLE AUTO COMPOUND SORTKEY ("day", "advertiser_id");

COMMENT ON TABLE "schema"."odd ""name""" IS 'Every type; isn''t it?';

COMMENT ON COLUMN "schema"."odd ""name"""."advertiser_id" IS 'The account''s id.';

COMMENT ON COLUMN "schema"."odd ""name"""."_load_id" IS 'Load that wrote this row; joins to _loads.load_id.';

COMMENT ON COLUMN "schema"."odd ""name"""."_loaded_at" IS 'Time this row was written, UTC.';

CREATE TABLE IF NOT EXISTS "schema"."_loads" ("load_id" VARCHAR(256), "table_name" VARCHAR(65535), "advertiser_id" VARCHAR(256), "window_start" DATE, "window_end" DATE, "status" VARCHAR(65535), "rows" BIGINT, "api_rows" BIGINT, "api_totals" SUPER, "proof" VARCHAR(65535), "signature" VARCHAR(65535), "error" VARCHAR(65535), "run_id" VARCHAR(65535), "started_at" TIMESTAMP, "committed_at" TIMESTAMP) DISTSTYLE AUTO COMPOUND SORTKEY ("load_id", "table_name", "advertiser_id", "window_start", "window_end", "status");

COMMENT ON TABLE "schema"."_loads" IS 'One row per load, table, advertiser and window: audit trail, state and resume point.';

COMMENT ON COLUMN "schema"."_loads"."load_id" IS 'Load; joins to _load_id of the loaded rows.';

COMMENT ON COLUMN "schema"."_loads"."table_name" IS 'Table that was loaded.';

COMMENT ON COLUMN "schema"."_loads"."advertiser_id" IS 'Account whose rows were loaded.';

COMMENT ON COLUMN "schema"."_loads"."window_start" IS 'First date loaded, in the account’s zone; null where a load covers all dates.';

COMMENT ON COLUMN "schema"."_loads"."window_end" IS 'Last date loaded, in the account’s zone.';

COMMENT ON COLUMN "schema"."_loads"."status" IS 'committed: written in the same transaction as the rows; failed: nothing was written.';

COMMENT ON COLUMN "schema"."_loads"."rows" IS 'Rows loaded.';

COMMENT ON COLUMN "schema"."_loads"."api_rows" IS 'Rows as the API counted them, where it did.';

COMMENT ON COLUMN "schema"."_loads"."api_totals" IS 'The API’s own sums by metric, where it gives them.';

COMMENT ON COLUMN "schema"."_loads"."proof" IS 'How the totals were obtained.';

COMMENT ON COLUMN "schema"."_loads"."signature" IS 'What kind of rows the table holds.';

COMMENT ON COLUMN "schema"."_loads"."error" IS 'Why a failed load failed.';

COMMENT ON COLUMN "schema"."_loads"."run_id" IS 'Dagster run.';

COMMENT ON COLUMN "schema"."_loads"."started_at" IS 'Start of the extraction, UTC.';

COMMENT ON COLUMN "schema"."_loads"."committed_at" IS 'Time of the commit, or of the failure, UTC.';
