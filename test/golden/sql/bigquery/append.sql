INSERT INTO `schema`.`reports` (`advertiser_id`, `stat_time_day`, `campaign_id`, `clicks`, `spend`, `_load_id`, `_loaded_at`) SELECT `advertiser_id`, `stat_time_day`, `campaign_id`, `clicks`, `spend`, CAST(@parameter_1 AS STRING), CAST(@parameter_2 AS TIMESTAMP) FROM `staged`;
-- ["load-1","2024-03-01 01:02:03.000"]
