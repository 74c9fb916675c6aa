INSERT INTO "schema"."reports" ("advertiser_id", "stat_time_day", "campaign_id", "clicks", "spend", "_load_id", "_loaded_at") SELECT "advertiser_id", "stat_time_day", "campaign_id", "clicks", "spend", CAST($1 AS VARCHAR(256)), CAST($2 AS TIMESTAMP) FROM "staged";
-- ["load-1","2024-03-01 01:02:03.000"]
