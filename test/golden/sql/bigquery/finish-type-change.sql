ALTER TABLE `schema`.`reports` ADD COLUMN IF NOT EXISTS `clicks` STRING;

UPDATE `schema`.`reports` SET `clicks` = CAST(`clicks__set_aside` AS STRING) WHERE `clicks` IS NULL;

ALTER TABLE `schema`.`reports` DROP COLUMN `clicks__set_aside`;
