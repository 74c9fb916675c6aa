ALTER TABLE "schema"."odd ""name""" ADD COLUMN IF NOT EXISTS "advertiser_id" TEXT;

ALTER TABLE "schema"."odd ""name""" ADD COLUMN IF NOT EXISTS "order" TEXT;

ALTER TABLE "schema"."odd ""name""" ADD COLUMN IF NOT EXISTS "whole" BIGINT;

ALTER TABLE "schema"."odd ""name""" ADD COLUMN IF NOT EXISTS "money" NUMERIC(38,9);

ALTER TABLE "schema"."odd ""name""" ADD COLUMN IF NOT EXISTS "large" NUMERIC(38,9);

ALTER TABLE "schema"."odd ""name""" ADD COLUMN IF NOT EXISTS "truth" BOOLEAN;

ALTER TABLE "schema"."odd ""name""" ADD COLUMN IF NOT EXISTS "day" DATE;

ALTER TABLE "schema"."odd ""name""" ADD COLUMN IF NOT EXISTS "instant" TIMESTAMP;

ALTER TABLE "schema"."odd ""name""" ADD COLUMN IF NOT EXISTS "clock" TIMESTAMP;

ALTER TABLE "schema"."odd ""name""" ADD COLUMN IF NOT EXISTS "list" JSONB;

ALTER TABLE "schema"."odd ""name""" ADD COLUMN IF NOT EXISTS "a_name_that_is_too_long_a_name_that_is_too_long_a_name_b443364d" TEXT;

COMMENT ON COLUMN "schema"."odd ""name"""."advertiser_id" IS 'The account''s id.';
