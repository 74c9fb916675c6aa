SELECT "table_name", "advertiser_id", "window_start", "window_end", "rows", "api_rows", "api_totals", "proof" FROM "schema"."_loads" WHERE "load_id" = CAST($1 AS TEXT) AND "status" = CAST($2 AS TEXT);
-- ["load-1","committed"]

SELECT "signature", SUM(CASE WHEN "load_id" = CAST($1 AS TEXT) THEN 1 ELSE 0 END) AS "repeats", MAX("committed_at") AS "latest" FROM "schema"."_loads" WHERE "table_name" = CAST($2 AS TEXT) AND "status" = CAST($3 AS TEXT) GROUP BY "signature" ORDER BY "latest" DESC;
-- ["load-1","reports","committed"]
