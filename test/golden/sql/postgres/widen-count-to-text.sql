ALTER TABLE "schema"."reports" ALTER COLUMN "clicks" TYPE TEXT USING CAST("clicks" AS TEXT);
