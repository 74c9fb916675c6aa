DELETE FROM `schema`.`campaigns` WHERE `advertiser_id` IN (CAST(@parameter_1 AS STRING), CAST(@parameter_2 AS STRING));
-- ["7000000000000000001","7000000000000000002"]

INSERT INTO `schema`.`campaigns` (`advertiser_id`, `campaign_id`, `name`, `budget`, `_load_id`, `_loaded_at`) SELECT `advertiser_id`, `campaign_id`, `name`, `budget`, CAST(@parameter_1 AS STRING), CAST(@parameter_2 AS TIMESTAMP) FROM `staged`;
-- ["load-1","2024-03-01 01:02:03.000"]
