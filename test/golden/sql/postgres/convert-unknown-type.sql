ALTER TABLE "schema"."reports" ALTER COLUMN "clicks" TYPE BIGINT USING CAST("clicks" AS BIGINT);
