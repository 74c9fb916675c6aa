ALTER TABLE "schema"."odd ""name""" ADD COLUMN "advertiser_id" VARCHAR(256);

ALTER TABLE "schema"."odd ""name""" ADD COLUMN "order" VARCHAR(65535);

ALTER TABLE "schema"."odd ""name""" ADD COLUMN "whole" BIGINT;

ALTER TABLE "schema"."odd ""name""" ADD COLUMN "money" DECIMAL(18,6);

ALTER TABLE "schema"."odd ""name""" ADD COLUMN "large" DECIMAL(38,9);

ALTER TABLE "schema"."odd ""name""" ADD COLUMN "truth" BOOLEAN;

ALTER TABLE "schema"."odd ""name""" ADD COLUMN "day" DATE;

ALTER TABLE "schema"."odd ""name""" ADD COLUMN "instant" TIMESTAMP;

ALTER TABLE "schema"."odd ""name""" ADD COLUMN "clock" TIMESTAMP;

ALTER TABLE "schema"."odd ""name""" ADD COLUMN "list" SUPER;

ALTER TABLE "schema"."odd ""name""" ADD COLUMN "a_name_that_is_too_long_a_name_that_is_too_long_a_name_that_is_too_long_a_name_that_is_too_long_a_name_that_is_too_lon_b443364d" VARCHAR(65535);

COMMENT ON COLUMN "schema"."odd ""name"""."advertiser_id" IS 'The account''s id.';
