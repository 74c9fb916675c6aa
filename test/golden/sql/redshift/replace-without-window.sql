DELETE FROM "schema"."campaigns" WHERE "advertiser_id" IN (CAST($1 AS VARCHAR(256)), CAST($2 AS VARCHAR(256)));
-- ["7000000000000000001","7000000000000000002"]

INSERT INTO "schema"."campaigns" ("advertiser_id", "campaign_id", "name", "budget", "_load_id", "_loaded_at") SELECT "advertiser_id", "campaign_id", "name", "budget", CAST($1 AS VARCHAR(256)), CAST($2 AS TIMESTAMP) FROM "staged";
-- ["load-1","2024-03-01 01:02:03.000"]
