-- How patient users are: `waiting` is the share that would still wait after so long if nothing came, by surface.
-- Whoever got an answer, or hid the page, did not leave: they are censored (Kaplan-Meier). Slow answers come to
-- users on slow lines, who are used to waiting, so `waiting` is worked out in fifths of users by their usual wait
-- and averaged; `waiting_pooled` does not, and shows what that changes. `left_by` is what really happens: the share
-- of runs that were left by then. `low` to `high`: 95 %, Greenwood. Null where fewer than 50 were still waiting.
-- `stands_out` where a surface's users are less patient than all users by more than two points, beyond chance
-- (99.9 %). Waits are told to 50 ms. Patience here is what slow answers meet; only randomised delays would show
-- what delay itself does.
WITH
r AS (
  SELECT coalesce(user_hash, session_id, id) AS u, coalesce(surface, 'none') AS surface, floor(wait_ms / 50) * 50 AS t, wait_end, sample_weight AS w
  FROM runs WHERE wait_ms IS NOT NULL AND wait_end <> 'open'
),
usual AS (
  SELECT u, quantileExactInclusive(0.5)(t) FILTER (WHERE wait_end IN ('painted', 'content')) AS wait FROM r GROUP BY u
),
fifths AS (
  SELECT u, ntile(5) OVER (ORDER BY coalesce(wait, 0), u) AS fifth FROM usual
),
g AS (
  SELECT surface, fifth, t, sum(w) AS c,
    sum(CASE WHEN wait_end = 'abandoned' THEN w ELSE 0 END) AS d,
    sum(CASE WHEN wait_end = 'hidden' THEN 0 ELSE w END) AS any_end,
    sum(w * w) AS c2
  FROM r JOIN fifths ON r.u = fifths.u GROUP BY surface, fifth, t
),
scoped AS (
  SELECT surface AS scope, fifth, t, sum(c) AS c, sum(d) AS d, sum(any_end) AS any_end, sum(c2) AS c2
  FROM g GROUP BY surface, fifth, t
  UNION ALL
  SELECT 'all' AS scope, fifth, t, sum(c) AS c, sum(d) AS d, sum(any_end) AS any_end, sum(c2) AS c2
  FROM g GROUP BY fifth, t
),
curved AS (
  SELECT scope, fifth, t, c, d, any_end, c2 FROM scoped
  UNION ALL
  SELECT scope, 0 AS fifth, t, sum(c) AS c, sum(d) AS d, sum(any_end) AS any_end, sum(c2) AS c2
  FROM scoped GROUP BY scope, t
),
k AS (
  SELECT *, sum(c) OVER (PARTITION BY scope, fifth ORDER BY t DESC) AS n,
    sum(c2) OVER (PARTITION BY scope, fifth) / sum(c) OVER (PARTITION BY scope, fifth) AS mean_w
  FROM curved
),
s AS (
  SELECT scope, fifth, t, n, d, mean_w,
    exp(sum(ln(greatest(1 - d / n, 1e-300))) OVER (PARTITION BY scope, fifth ORDER BY t)) AS survival,
    sum(CASE WHEN n > d THEN d / (n * (n - d)) ELSE 0 END) OVER (PARTITION BY scope, fifth ORDER BY t) * mean_w
      AS greenwood,
    exp(sum(ln(greatest(1 - any_end / n, 1e-300))) OVER (PARTITION BY scope, fifth ORDER BY t))
      / greatest(1 - any_end / n, 1e-300) AS before
  FROM k
),
grid AS (
  SELECT 1000 AS at_ms UNION ALL SELECT 2000 UNION ALL SELECT 3000 UNION ALL SELECT 5000 UNION ALL SELECT 7500
  UNION ALL SELECT 10000 UNION ALL SELECT 15000
),
curves AS (
  SELECT at_ms, scope, fifth, min(survival) AS survival, max(greenwood) AS v, sum(d / n * before) AS incidence
  FROM s CROSS JOIN grid WHERE t <= at_ms GROUP BY at_ms, scope, fifth
),
risk AS (
  SELECT at_ms, scope, fifth, sum(c) AS left_n FROM curved CROSS JOIN grid WHERE t > at_ms GROUP BY at_ms, scope, fifth
),
sizes AS (
  SELECT scope, fifth, sum(c) AS size FROM curved GROUP BY scope, fifth
),
answer AS (
  SELECT curves.scope AS scope, curves.at_ms AS at_ms,
    max(coalesce(left_n, 0)) FILTER (WHERE curves.fifth = 0) AS at_risk,
    sum(size * survival) FILTER (WHERE curves.fifth > 0) / sum(size) FILTER (WHERE curves.fifth > 0) AS waiting,
    sqrt(sum(size * size * survival * survival * v) FILTER (WHERE curves.fifth > 0))
      / sum(size) FILTER (WHERE curves.fifth > 0) AS se,
    max(survival) FILTER (WHERE curves.fifth = 0) AS waiting_pooled,
    max(incidence) FILTER (WHERE curves.fifth = 0) AS left_by,
    min(CASE WHEN curves.fifth > 0 THEN coalesce(left_n, 0) END) AS least_at_risk
  FROM curves
  JOIN sizes ON sizes.scope = curves.scope AND sizes.fifth = curves.fifth
  LEFT JOIN risk ON risk.scope = curves.scope AND risk.fifth = curves.fifth AND risk.at_ms = curves.at_ms
  GROUP BY curves.scope, curves.at_ms
)
SELECT answer.scope AS surface, answer.at_ms AS at_ms, answer.at_risk AS at_risk,
  CASE WHEN answer.least_at_risk >= 50 THEN answer.waiting END AS waiting,
  CASE WHEN answer.least_at_risk >= 50 THEN greatest(0, answer.waiting - 1.96 * answer.se) END AS low,
  CASE WHEN answer.least_at_risk >= 50 THEN least(1, answer.waiting + 1.96 * answer.se) END AS high,
  CASE WHEN answer.at_risk >= 50 THEN answer.waiting_pooled END AS waiting_pooled,
  answer.left_by AS left_by,
  answer.least_at_risk >= 50 AND answer.waiting + 3.29 * answer.se < everyone.waiting - 0.02 AS stands_out
FROM answer JOIN answer AS everyone ON everyone.scope = 'all' AND everyone.at_ms = answer.at_ms
ORDER BY surface <> 'all', surface, at_ms
SETTINGS final = 1, join_use_nulls = 1
