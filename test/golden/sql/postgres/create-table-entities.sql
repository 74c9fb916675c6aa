CREATE TABLE IF NOT EXISTS "schema"."campaigns" ("advertiser_id" TEXT, "campaign_id" TEXT, "name" TEXT, "budget" NUMERIC(38,9), "_load_id" TEXT, "_loaded_at" TIMESTAMP, "_deleted_at" TIMESTAMP);

COMMENT ON TABLE "schema"."campaigns" IS 'One row per campaign; the advertiser''s own.';

COMMENT ON COLUMN "schema"."campaigns"."advertiser_id" IS 'Account.';

COMMENT ON COLUMN "schema"."campaigns"."campaign_id" IS 'Campaign’s id; the account’s "own".';

COMMENT ON COLUMN "schema"."campaigns"."budget" IS 'Day''s budget; 50%.';

COMMENT ON COLUMN "schema"."campaigns"."_load_id" IS 'Load that wrote this row; joins to _loads.load_id.';

COMMENT ON COLUMN "schema"."campaigns"."_loaded_at" IS 'Time this row was written, UTC.';

COMMENT ON COLUMN "schema"."campaigns"."_deleted_at" IS 'Time a load first found this entity gone at the source, UTC; null while it is there.';

CREATE INDEX IF NOT EXISTS "campaigns_by_account" ON "schema"."campaigns" ("advertiser_id", "campaign_id");
