ALTER TABLE "schema"."reports" ALTER COLUMN "clicks" TYPE DECIMAL(38,9);
