DELETE FROM "schema"."campaigns" WHERE EXISTS (SELECT 1 FROM (SELECT "advertiser_id" AS "staged_key_1", "campaign_id" AS "staged_key_2" FROM "staged") AS staged_keys WHERE "staged_key_1" = "advertiser_id" AND "staged_key_2" = "campaign_id");

INSERT INTO "schema"."campaigns" ("advertiser_id", "campaign_id", "name", "budget", "_load_id", "_loaded_at") SELECT "advertiser_id", "campaign_id", "name", "budget", CAST($1 AS TEXT), CAST($2 AS TIMESTAMP) FROM "staged";
-- ["load-1","2024-03-01 01:02:03.000"]

UPDATE "schema"."campaigns" SET "_deleted_at" = CAST($1 AS TIMESTAMP) WHERE "advertiser_id" IN (CAST($2 AS TEXT), CAST($3 AS TEXT)) AND "_deleted_at" IS NULL AND NOT EXISTS (SELECT 1 FROM (SELECT "advertiser_id" AS "staged_key_1", "campaign_id" AS "staged_key_2" FROM "staged") AS staged_keys WHERE "staged_key_1" = "advertiser_id" AND "staged_key_2" = "campaign_id");
-- ["2024-03-01 01:02:03.000","7000000000000000001","7000000000000000002"]
