DROP VIEW IF EXISTS "schema"."mine";
