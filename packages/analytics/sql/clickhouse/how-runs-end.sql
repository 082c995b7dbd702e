-- How runs end, by surface: the share of each surface's runs with each status. `safe` is the prepared answer, `partial`
-- a text that broke off and was kept; `stopped`, `superseded` and `abandoned` are the user's doing; `open` has not
-- ended, or its end never came. `low` to `high` is where the share lies (95 %, Wilson).
WITH
ended AS (
  SELECT coalesce(surface, 'none') AS surface, status, sample_weight AS w FROM runs
),
totals AS (
  SELECT surface, count(*) AS runs, sum(w) AS weight, sum(w) * sum(w) / sum(w * w) AS n
  FROM ended GROUP BY surface
),
hits AS (
  SELECT surface, status, count(*) AS runs, sum(w) AS hit FROM ended GROUP BY surface, status
),
rates AS (
  SELECT hits.surface AS surface, status, hits.runs AS runs, totals.runs AS of_runs, n, hit / weight AS share
  FROM hits JOIN totals ON hits.surface = totals.surface
)
SELECT surface, status, runs, of_runs, share,
  greatest(0, (share + 1.92 / n - 1.96 * sqrt(share * (1 - share) / n + 0.9604 / (n * n))) / (1 + 3.8416 / n)) AS low,
  (share + 1.92 / n + 1.96 * sqrt(share * (1 - share) / n + 0.9604 / (n * n))) / (1 + 3.8416 / n) AS high
FROM rates
ORDER BY surface, share DESC, status
SETTINGS final = 1, join_use_nulls = 1
