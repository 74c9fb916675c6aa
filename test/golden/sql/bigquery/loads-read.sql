SELECT `table_name`, `advertiser_id`, `window_start`, `window_end`, `rows`, `api_rows`, `api_totals`, `proof` FROM `schema`.`_loads` WHERE `load_id` = CAST(@parameter_1 AS STRING) AND `status` = CAST(@parameter_2 AS STRING);
-- ["load-1","committed"]

SELECT `signature`, SUM(CASE WHEN `load_id` = CAST(@parameter_1 AS STRING) THEN 1 ELSE 0 END) AS `repeats`, MAX(`committed_at`) AS `latest` FROM `schema`.`_loads` WHERE `table_name` = CAST(@parameter_2 AS STRING) AND `status` = CAST(@parameter_3 AS STRING) GROUP BY `signature` ORDER BY `latest` DESC;
-- ["load-1","reports","committed"]
