DELETE FROM "schema"."reports" WHERE "advertiser_id" IN (CAST($1 AS VARCHAR(256)), CAST($2 AS VARCHAR(256))) AND "stat_time_day" >= CAST($3 AS DATE) AND "stat_time_day" < CAST($4 AS DATE) AND "_load_id" = CAST($5 AS VARCHAR(256));
-- ["7000000000000000001","7000000000000000002","2024-01-01","2024-02-01","load-1"]

DELETE FROM "schema"."reports" WHERE "advertiser_id" IN (CAST($1 AS VARCHAR(256))) AND "stat_time_day" >= CAST($2 AS DATE) AND "stat_time_day" < CAST($3 AS DATE) AND "_load_id" = CAST($4 AS VARCHAR(256));
-- ["7000000000000000001","2024-02-01","2024-03-01","load-1"]

INSERT INTO "schema"."reports" ("advertiser_id", "stat_time_day", "campaign_id", "clicks", "spend", "_load_id", "_loaded_at") SELECT "advertiser_id", "stat_time_day", "campaign_id", "clicks", "spend", CAST($1 AS VARCHAR(256)), CAST($2 AS TIMESTAMP) FROM "staged";
-- ["load-1","2024-03-01 01:02:03.000"]
