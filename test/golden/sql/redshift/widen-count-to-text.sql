ALTER TABLE "schema"."reports" RENAME COLUMN "clicks" TO "clicks__set_aside";

ALTER TABLE "schema"."reports" ADD COLUMN "clicks" VARCHAR(65535);

UPDATE "schema"."reports" SET "clicks" = CAST("clicks__set_aside" AS VARCHAR(65535)) WHERE "clicks" IS NULL;

ALTER TABLE "schema"."reports" DROP COLUMN "clicks__set_aside";
