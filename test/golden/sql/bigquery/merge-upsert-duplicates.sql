DELETE FROM `schema`.`campaigns` WHERE EXISTS (SELECT 1 FROM (SELECT `advertiser_id` AS `staged_key_1`, `campaign_id` AS `staged_key_2` FROM `staged`) AS staged_keys WHERE `staged_key_1` = `advertiser_id` AND `staged_key_2` = `campaign_id`);

INSERT INTO `schema`.`campaigns` (`advertiser_id`, `campaign_id`, `name`, `budget`, `_load_id`, `_loaded_at`) SELECT `advertiser_id`, `campaign_id`, `name`, `budget`, CAST(@parameter_1 AS STRING), CAST(@parameter_2 AS TIMESTAMP) FROM (SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY `advertiser_id`, `campaign_id` ORDER BY `advertiser_id` DESC, `campaign_id` DESC, `name` DESC, `budget` DESC) AS `row_of_key` FROM `staged`) AS numbered_rows WHERE `row_of_key` = 1) AS first_rows;
-- ["load-1","2024-03-01 01:02:03.000"]
