-- How patient users are: `waiting` is the share that would still wait after so long if nothing came, by surface.
-- Whoever got an answer, or hid the page, did not leave: they are censored (Kaplan-Meier). Slow answers come to
-- users on slow lines, who are used to waiting, so `waiting` is worked out in fifths of users by their usual wait
-- (beside that of the workload) and averaged; `waiting_pooled` does not, and shows what that changes. `left_by` is
-- what really happens: the share of runs that were left by then. `low` to `high`: 95 %, Greenwood; what is left of
-- that mixture can move `waiting` by a point or two more. Null where fewer than 50 were still waiting.
-- `stands_out` where a surface's users are less patient than all users by more than two points, beyond chance
-- (99.9 %). Waits are told to 50 ms. Patience here is what slow answers meet; only randomised delays would show
-- what delay itself does.
WITH
r AS (
  SELECT coalesce(user_hash, session_id, id) AS u, coalesce(surface, 'none') AS surface, workload,
    ln(greatest(wait_ms, 1)) AS log_wait, floor(wait_ms / 50) * 50 AS t, wait_end,
    wait_end IN ('painted', 'content') AS came, sample_weight AS w
  FROM runs WHERE wait_ms IS NOT NULL AND wait_end <> 'open'
),
of_job AS (
  SELECT workload, avg(log_wait) FILTER (WHERE came) AS job_wait FROM r GROUP BY workload
),
usual AS (
  SELECT u, round(avg(log_wait - job_wait) FILTER (WHERE came), 6) AS wait
  FROM r JOIN of_job ON of_job.workload = r.workload GROUP BY u
),
fifths AS (
  SELECT u, ntile(5) OVER (ORDER BY coalesce(wait, 0), u) AS fifth FROM usual
),
cells AS (
  SELECT surface, fifth, t, sum(w) AS w_all,
    sum(CASE WHEN wait_end = 'abandoned' THEN w ELSE 0 END) AS w_left,
    sum(CASE WHEN wait_end = 'hidden' THEN 0 ELSE w END) AS w_end,
    sum(w * w) AS w2
  FROM r JOIN fifths ON r.u = fifths.u GROUP BY surface, fifth, t
),
g AS (
  SELECT surface, fifth, t, sum(w_all) AS c, sum(w_left) AS d, sum(w_end) AS any_end, sum(w2) AS c2
  FROM cells GROUP BY GROUPING SETS ((surface, fifth, t), (fifth, t), (surface, t), (t))
),
-- Fifth 0 is all five together.
k AS (
  SELECT coalesce(surface, 'all') AS scope, coalesce(fifth, 0) AS part, t, c, d, any_end, c2 FROM g
),
n AS (
  SELECT scope, part, t, c, d, any_end,
    sum(c) OVER (PARTITION BY scope, part ORDER BY t DESC) AS n,
    sum(c) OVER (PARTITION BY scope, part) AS size,
    sum(c2) OVER (PARTITION BY scope, part) / sum(c) OVER (PARTITION BY scope, part) AS mean_w
  FROM k
),
s AS (
  SELECT scope, part, t, c, n, d, size,
    exp(sum(ln(greatest(1 - d / n, 1e-300))) OVER (PARTITION BY scope, part ORDER BY t)) AS survival,
    sum(CASE WHEN n > d THEN d / (n * (n - d)) ELSE 0 END) OVER (PARTITION BY scope, part ORDER BY t) * mean_w
      AS greenwood,
    exp(sum(ln(greatest(1 - any_end / n, 1e-300))) OVER (PARTITION BY scope, part ORDER BY t))
      / greatest(1 - any_end / n, 1e-300) AS before
  FROM n
),
grid AS (
  SELECT 1000 AS at_ms UNION ALL SELECT 2000 UNION ALL SELECT 3000 UNION ALL SELECT 5000 UNION ALL SELECT 7500
  UNION ALL SELECT 10000 UNION ALL SELECT 15000
),
curves AS (
  SELECT at_ms, scope, part, min(survival) AS survival, max(greenwood) AS v, sum(d / n * before) AS incidence,
    max(size) AS total, max(size) - sum(c) AS at_risk
  FROM s CROSS JOIN grid WHERE t <= at_ms GROUP BY at_ms, scope, part
),
answer AS (
  SELECT scope, at_ms,
    max(at_risk) FILTER (WHERE part = 0) AS at_risk_all,
    min(at_risk) FILTER (WHERE part > 0) AS at_risk_least,
    sum(total * survival) FILTER (WHERE part > 0) / sum(total) FILTER (WHERE part > 0) AS waiting_all,
    sqrt(sum(total * total * survival * survival * v) FILTER (WHERE part > 0)) / sum(total) FILTER (WHERE part > 0) AS se,
    max(survival) FILTER (WHERE part = 0) AS pooled,
    max(incidence) FILTER (WHERE part = 0) AS left_by
  FROM curves GROUP BY scope, at_ms
),
beside AS (
  SELECT *, max(CASE WHEN scope = 'all' THEN waiting_all END) OVER (PARTITION BY at_ms) AS of_all FROM answer
)
SELECT scope AS surface, at_ms, at_risk_all AS at_risk,
  CASE WHEN at_risk_least >= 50 THEN waiting_all END AS waiting,
  CASE WHEN at_risk_least >= 50 THEN greatest(0, waiting_all - 1.96 * se) END AS low,
  CASE WHEN at_risk_least >= 50 THEN least(1, waiting_all + 1.96 * se) END AS high,
  CASE WHEN at_risk_all >= 50 THEN pooled END AS waiting_pooled,
  left_by,
  at_risk_least >= 50 AND waiting_all + 3.29 * se < of_all - 0.02 AS stands_out
FROM beside
ORDER BY scope <> 'all', scope, at_ms
SETTINGS final = 1, join_use_nulls = 1, group_by_use_nulls = 1
