SELECT "scope_number", COUNT(*) AS "row_count", CAST(SUM(CAST("budget" AS DECIMAL(38,9))) AS VARCHAR) AS "sum_0" FROM "schema"."campaigns" JOIN (SELECT 0 AS "scope_number", CAST($1 AS VARCHAR) AS "scope_advertiser") AS scopes ON "advertiser_id" = "scope_advertiser" GROUP BY "scope_number";
-- ["7000000000000000001"]
