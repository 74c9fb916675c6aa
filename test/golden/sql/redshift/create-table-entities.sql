CREATE TABLE IF NOT EXISTS "schema"."campaigns" ("advertiser_id" VARCHAR(256), "campaign_id" VARCHAR(256), "name" VARCHAR(65535), "budget" DECIMAL(18,6), "_load_id" VARCHAR(256), "_loaded_at" TIMESTAMP, "_deleted_at" TIMESTAMP) DISTSTYLE AUTO COMPOUND SORTKEY ("advertiser_id", "campaign_id");

COMMENT ON TABLE "schema"."campaigns" IS 'One row per campaign; the advertiser''s own.';

COMMENT ON COLUMN "schema"."campaigns"."advertiser_id" IS 'Account.';

COMMENT ON COLUMN "schema"."campaigns"."campaign_id" IS 'Campaign’s id; the account’s "own".';

COMMENT ON COLUMN "schema"."campaigns"."budget" IS 'Day''s budget; 50%.';

COMMENT ON COLUMN "schema"."campaigns"."_load_id" IS 'Load that wrote this row; joins to _loads.load_id.';

COMMENT ON COLUMN "schema"."campaigns"."_loaded_at" IS 'Time this row was written, UTC.';

COMMENT ON COLUMN "schema"."campaigns"."_deleted_at" IS 'Time a load first found this entity gone at the source, UTC; null while it is there.';
