UPDATE `schema`.`campaigns` SET `_deleted_at` = CAST(@parameter_1 AS TIMESTAMP) WHERE `advertiser_id` IN (CAST(@parameter_2 AS STRING), CAST(@parameter_3 AS STRING)) AND `_deleted_at` IS NULL;
-- ["2024-03-01 01:02:03.000","7000000000000000001","7000000000000000002"]
