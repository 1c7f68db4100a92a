-- write
WITH input AS (SELECT * FROM ROWS FROM (json_to_recordset($1::json) AS ("shelf" text, "slot" bigint, "label" character varying(40), "price" numeric(12,2), "owner" uuid, "createdAt" timestamp with time zone, "updatedAt" timestamp with time zone, "version" bigint), unnest($2::int2[]), unnest($3::text[]), json_to_recordset($4::json) AS ("updatedAt" timestamp with time zone)) WITH ORDINALITY AS i(p0, p1, p2, p3, p4, p5, p6, p8, guard, wanted, c6, place) ORDER BY p0, p1),
seen AS MATERIALIZED (
  SELECT i.*, t.*, CASE
      WHEN i.guard = 1 AND t.found THEN 'failed'
      WHEN i.guard IN (2, 4) AND t.found IS NULL THEN 'absent'
      WHEN i.guard = 3 AND (t.found IS NULL OR (SELECT row_to_json(shown.*)::text FROM (SELECT t.t0 AS "shelf", t.t1 AS "slot", t.t2 AS "label", t.t3::text AS "price", t.t4 AS "owner", t.t5 AS "createdAt", t.t6 AS "updatedAt", t.t7 AS "serial", t.t8 AS "version") shown) IS DISTINCT FROM i.wanted) THEN 'lost'
      WHEN i.guard = 4 AND NOT (t.t8::text = ANY (i.wanted::text[])) THEN 'failed'
      WHEN t.found IS NULL THEN 'create'
      WHEN i.guard = 3 THEN 'replace'
      WHEN t.t4::text COLLATE "C" IS DISTINCT FROM i.p4::text COLLATE "C" THEN 'immutable' || CASE WHEN t.t4::text COLLATE "C" IS DISTINCT FROM i.p4::text COLLATE "C" THEN ' 4' ELSE '' END
      WHEN t.t2::text COLLATE "C" IS DISTINCT FROM i.p2::text COLLATE "C" OR t.t3::text COLLATE "C" IS DISTINCT FROM i.p3::text COLLATE "C" OR t.t4::text COLLATE "C" IS DISTINCT FROM i.p4::text COLLATE "C" THEN 'replace'
      ELSE 'unchanged' END AS verdict
  FROM input i LEFT JOIN LATERAL (
    SELECT true AS found, u."shelf" AS t0, u."slot" AS t1, u."Label" AS t2, u."price" AS t3, u."owner" AS t4, u."created_at" AS t5, u."updated_at" AS t6, u."serial" AS t7, u."version" AS t8 FROM "shop"."slots" u WHERE u."shelf" = i.p0 AND u."slot" = i.p1 LIMIT 1 FOR NO KEY UPDATE
  ) t ON true
),
inserted AS (
  INSERT INTO "shop"."slots" AS u ("shelf", "slot", "Label", "price", "owner", "created_at", "updated_at", "version") OVERRIDING SYSTEM VALUE SELECT s.p0, s.p1, s.p2, s.p3, s.p4, s.p5, s.p6, s.p8 FROM seen s WHERE s.verdict = 'create'
  ON CONFLICT ("shelf", "slot") DO NOTHING
  RETURNING (SELECT row_to_json(shown.*)::text FROM (SELECT u."shelf" AS "shelf", u."slot" AS "slot", u."Label" AS "label", u."price"::text AS "price", u."owner" AS "owner", u."created_at" AS "createdAt", u."updated_at" AS "updatedAt", u."serial" AS "serial", u."version" AS "version") shown) AS shown, CASE WHEN isfinite(u."updated_at") THEN (extract(epoch FROM u."updated_at"::timestamptz) * 1000000)::int8 END AS date, ARRAY[u."shelf"::text, u."slot"::text] AS key
),
updated AS (
  UPDATE "shop"."slots" u SET "Label" = s.p2, "price" = s.p3, "updated_at" = s.c6, "version" = CASE WHEN s.t8 < 9223372036854775807 THEN GREATEST(s.t8 + 1, s.p8) END FROM seen s
  WHERE s.verdict = 'replace' AND u."shelf" = ANY (ARRAY[s.p0]) AND u."slot" = ANY (ARRAY[s.p1]) AND (SELECT count(*) FROM inserted) >= 0
  RETURNING s.place, (SELECT row_to_json(shown.*)::text FROM (SELECT u."shelf" AS "shelf", u."slot" AS "slot", u."Label" AS "label", u."price"::text AS "price", u."owner" AS "owner", u."created_at" AS "createdAt", u."updated_at" AS "updatedAt", u."serial" AS "serial", u."version" AS "version") shown) AS shown, CASE WHEN isfinite(u."updated_at") THEN (extract(epoch FROM u."updated_at"::timestamptz) * 1000000)::int8 END AS date
)
SELECT place, verdict, CASE WHEN s.found THEN (SELECT row_to_json(shown.*)::text FROM (SELECT s.t0 AS "shelf", s.t1 AS "slot", s.t2 AS "label", s.t3::text AS "price", s.t4 AS "owner", s.t5 AS "createdAt", s.t6 AS "updatedAt", s.t7 AS "serial", s.t8 AS "version") shown) END, CASE WHEN isfinite(s.t6) THEN (extract(epoch FROM s.t6::timestamptz) * 1000000)::int8 END, ARRAY[s.p0::text, s.p1::text]
  FROM seen s WHERE verdict NOT IN ('replace', 'lost')
UNION ALL SELECT NULL, 'created', shown, date, key FROM inserted
UNION ALL SELECT place, 'replaced', shown, date, NULL FROM updated;

-- look, locked
WITH input AS (SELECT * FROM ROWS FROM (json_to_recordset($1::json) AS ("shelf" text, "slot" bigint, "label" character varying(40), "price" numeric(12,2), "owner" uuid, "createdAt" timestamp with time zone, "updatedAt" timestamp with time zone, "version" bigint), json_to_recordset($2::json) AS ("updatedAt" timestamp with time zone)) WITH ORDINALITY AS i(p0, p1, p2, p3, p4, p5, p6, p8, c6, place) ORDER BY p0, p1)
SELECT i.place, t.shown, t.date, (SELECT row_to_json(shown.*)::text FROM (SELECT i.p0 AS "shelf", i.p1 AS "slot", i.p2 AS "label", i.p3::text AS "price", i.p4 AS "owner", i.p5 AS "createdAt", i.p6 AS "updatedAt", NULL::timestamptz AS "serial", i.p8 AS "version") shown), CASE WHEN isfinite(i.p6) THEN (extract(epoch FROM i.p6::timestamptz) * 1000000)::int8 END, (SELECT row_to_json(shown.*)::text FROM (SELECT i.p0 AS "shelf", i.p1 AS "slot", i.p2 AS "label", i.p3::text AS "price", i.p4 AS "owner", i.p5 AS "createdAt", i.c6 AS "updatedAt", NULL::timestamptz AS "serial", i.p8 AS "version") shown), CASE WHEN isfinite(i.c6) THEN (extract(epoch FROM i.c6::timestamptz) * 1000000)::int8 END
FROM input i LEFT JOIN LATERAL (
  SELECT (SELECT row_to_json(shown.*)::text FROM (SELECT u."shelf" AS "shelf", u."slot" AS "slot", u."Label" AS "label", u."price"::text AS "price", u."owner" AS "owner", u."created_at" AS "createdAt", u."updated_at" AS "updatedAt", u."serial" AS "serial", u."version" AS "version") shown) AS shown, CASE WHEN isfinite(u."updated_at") THEN (extract(epoch FROM u."updated_at"::timestamptz) * 1000000)::int8 END AS date FROM "shop"."slots" u WHERE u."shelf" = i.p0 AND u."slot" = i.p1 LIMIT 1 FOR NO KEY UPDATE
) t ON true;

-- free
SELECT i.place
FROM ROWS FROM (json_to_recordset($1::json) AS ("shelf" text, "slot" bigint)) WITH ORDINALITY AS i(p0, p1, place)
LEFT JOIN LATERAL (SELECT true AS found FROM "shop"."slots" u WHERE u."shelf" = i.p0 AND u."slot" = i.p1 LIMIT 1) t ON true
LEFT JOIN LATERAL (
  SELECT true AS free FROM "shop"."slots" u WHERE u."shelf" = i.p0 AND u."slot" = i.p1 LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
) f ON true
WHERE t.found IS NULL OR f.free;

-- get
SELECT (SELECT row_to_json(shown.*)::text FROM (SELECT u."shelf" AS "shelf", u."slot" AS "slot", u."Label" AS "label", u."price"::text AS "price", u."owner" AS "owner", u."created_at" AS "createdAt", u."updated_at" AS "updatedAt", u."serial" AS "serial", u."version" AS "version") shown), CASE WHEN isfinite(u."updated_at") THEN (extract(epoch FROM u."updated_at"::timestamptz) * 1000000)::int8 END FROM "shop"."slots" u WHERE u."shelf" = $1 AND u."slot" = $2 ;

-- delete, guarded
DELETE FROM "shop"."slots" u WHERE u."shelf" = $1 AND u."slot" = $2 AND (SELECT row_to_json(shown.*)::text FROM (SELECT u."shelf" AS "shelf", u."slot" AS "slot", u."Label" AS "label", u."price"::text AS "price", u."owner" AS "owner", u."created_at" AS "createdAt", u."updated_at" AS "updatedAt", u."serial" AS "serial", u."version" AS "version") shown) = $3::text RETURNING 1;

-- list, after
SELECT (SELECT row_to_json(shown.*)::text FROM (SELECT u."shelf" AS "shelf", u."slot" AS "slot", u."Label" AS "label", u."price"::text AS "price", u."owner" AS "owner", u."created_at" AS "createdAt", u."updated_at" AS "updatedAt", u."serial" AS "serial", u."version" AS "version") shown), CASE WHEN isfinite(u."updated_at") THEN (extract(epoch FROM u."updated_at"::timestamptz) * 1000000)::int8 END FROM "shop"."slots" u WHERE ROW(u."shelf" COLLATE "C", u."slot") > ROW($1, $2) ORDER BY u."shelf" COLLATE "C", u."slot" LIMIT $3::int8;

