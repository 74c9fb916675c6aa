ALTER TABLE "schema"."reports" RENAME COLUMN "clicks" TO "clicks__set_aside";

ALTER TABLE "schema"."reports" ADD COLUMN "clicks" DECIMAL(38,9);

UPDATE "schema"."reports" SET "clicks" = CAST("clicks__set_aside" AS DECIMAL(38,9)) WHERE "clicks" IS NULL;

ALTER TABLE "schema"."reports" DROP COLUMN "clicks__set_aside";
