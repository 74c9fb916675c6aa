ALTER TABLE "schema"."odd ""name""" ADD COLUMN IF NOT EXISTS "advertiser_id" VARCHAR;

ALTER TABLE "schema"."odd ""name""" ADD COLUMN IF NOT EXISTS "order" VARCHAR;

ALTER TABLE "schema"."odd ""name""" ADD COLUMN IF NOT EXISTS "whole" BIGINT;

ALTER TABLE "schema"."odd ""name""" ADD COLUMN IF NOT EXISTS "money" DECIMAL(18,6);

ALTER TABLE "schema"."odd ""name""" ADD COLUMN IF NOT EXISTS "large" DECIMAL(38,9);

ALTER TABLE "schema"."odd ""name""" ADD COLUMN IF NOT EXISTS "truth" BOOLEAN;

ALTER TABLE "schema"."odd ""name""" ADD COLUMN IF NOT EXISTS "day" DATE;

ALTER TABLE "schema"."odd ""name""" ADD COLUMN IF NOT EXISTS "instant" TIMESTAMP;

ALTER TABLE "schema"."odd ""name""" ADD COLUMN IF NOT EXISTS "clock" TIMESTAMP;

ALTER TABLE "schema"."odd ""name""" ADD COLUMN IF NOT EXISTS "list" JSON;

ALTER TABLE "schema"."odd ""name""" ADD COLUMN IF NOT EXISTS "a_name_that_is_too_long_a_name_that_is_too_long_a_name_that_is_too_long_a_name_that_is_too_long_a_name_that_is_too_long_a_name_that_is_too_long_a_name_that_is_too_long_a_name_that_is_too_long_a_name_that_is_too_long_a_name_that_is_too_long_a_name_that_is_too_long_a_name_that_is_too_long_a_name_that_is_too_long_a_name_that_is_too_long_a_name_that_is_too_long_" VARCHAR;

COMMENT ON COLUMN "schema"."odd ""name"""."advertiser_id" IS 'The account''s id.';
