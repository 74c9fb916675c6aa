CREATE OR REPLACE VIEW `schema`.`mine` AS SELECT `stat_time_day`, `order` FROM `schema`.`reports`;
