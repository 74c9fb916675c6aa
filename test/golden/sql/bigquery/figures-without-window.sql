SELECT `scope_number`, COUNT(*) AS `row_count`, CAST(SUM(CAST(`budget` AS NUMERIC(38,9))) AS STRING) AS `sum_0` FROM `schema`.`campaigns` JOIN (SELECT 0 AS `scope_number`, CAST(@parameter_1 AS STRING) AS `scope_advertiser`) AS scopes ON `advertiser_id` = `scope_advertiser` GROUP BY `scope_number`;
-- ["7000000000000000001"]
