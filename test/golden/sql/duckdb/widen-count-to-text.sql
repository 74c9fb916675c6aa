ALTER TABLE "schema"."reports" ALTER COLUMN "clicks" TYPE VARCHAR;
