LOCK TABLE "schema"."reports";
