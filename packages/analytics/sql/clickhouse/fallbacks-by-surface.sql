-- Which surfaces fall back most, and why: the share of each surface's runs that another route than the promised
-- one was tried in, by what caused it (`any`, then each cause).
-- Read `low` to `high` (95 %, Wilson), not `rate`, where there are few runs. `of_others` is the same share on all
-- other surfaces; `stands_out` where the surface is a quarter above it, beyond chance (99.9 %), in 200 runs or more.
WITH
per_run AS (
  SELECT id, coalesce(surface, 'none') AS surface, sample_weight AS w FROM runs WHERE status <> 'open'
),
per_cause AS (
  SELECT DISTINCT run, coalesce(cause, 'unknown') AS cause FROM attempts WHERE from_route <> route
),
hits AS (
  SELECT surface, cause, sum(w) AS hit
  FROM (
    SELECT surface, cause, w FROM per_cause JOIN per_run ON run = id
    UNION ALL
    SELECT surface, 'any' AS cause, w
    FROM (SELECT DISTINCT run FROM per_cause) AS fell JOIN per_run ON run = id
  ) AS every_one
  GROUP BY surface, cause
),
totals AS (
  SELECT surface, count(*) AS runs, sum(w) AS weight, sum(w) * sum(w) / sum(w * w) AS n
  FROM per_run GROUP BY surface
),
rates AS (
  SELECT hits.surface AS surface, cause, runs, n, hit / weight AS rate,
    (sum(hit) OVER (PARTITION BY cause) - hit) AS other_hits,
    hit / sum(hit) OVER (PARTITION BY cause) AS share_of_all
  FROM hits JOIN totals ON hits.surface = totals.surface
),
others AS (
  SELECT surface, (SELECT sum(weight) FROM totals) - weight AS other_weight FROM totals
)
SELECT rates.surface AS surface, cause, runs, rate,
  greatest(0, (rate + 1.92 / n - 1.96 * sqrt(rate * (1 - rate) / n + 0.9604 / (n * n))) / (1 + 3.8416 / n)) AS low,
  (rate + 1.92 / n + 1.96 * sqrt(rate * (1 - rate) / n + 0.9604 / (n * n))) / (1 + 3.8416 / n) AS high,
  CASE WHEN other_weight > 0 THEN other_hits / other_weight END AS of_others,
  share_of_all,
  n >= 200 AND other_weight > 0
    AND (rate + 5.412 / n - 3.29 * sqrt(rate * (1 - rate) / n + 2.706 / (n * n))) / (1 + 10.824 / n)
      > 1.25 * other_hits / other_weight AS stands_out
FROM rates JOIN others ON rates.surface = others.surface
ORDER BY cause <> 'any', rate DESC, surface, cause
SETTINGS final = 1, join_use_nulls = 1
