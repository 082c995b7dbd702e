-- What not to conclude. `naive` compares runs that fell back with runs that did not, as dashboards do; `randomised`
-- is the effect that chance tells (does-falling-back-help), for the same workload. They differ, often in sign: a
-- run falls back because something is wrong already, and is then compared with runs in which nothing was. Where
-- `wrong_sign` is true, the dashboard says the opposite of the truth.
WITH
r AS (
  SELECT workload, sample_weight AS w, fallbacks > 0 AS fell, held_out_arm AS arm, held_out_propensity AS propensity,
    CASE WHEN status = 'completed' AND left_how IS NULL AND NOT coalesce(thumb_down, false)
      AND NOT coalesce(regenerated, false) THEN 1.0 ELSE 0.0 END AS y
  FROM runs WHERE status <> 'open'
),
scoped AS (
  SELECT 'all' AS workload, w, fell, arm, propensity, y FROM r
  UNION ALL
  SELECT workload, w, fell, arm, propensity, y FROM r
),
m AS (
  SELECT workload,
    sum(w * y) FILTER (WHERE fell) / sum(w) FILTER (WHERE fell) AS with_fallback,
    sum(w * y) FILTER (WHERE NOT fell) / sum(w) FILTER (WHERE NOT fell) AS without_fallback,
    sum(w * y / propensity) FILTER (WHERE arm = 'act') / sum(w / propensity) FILTER (WHERE arm = 'act')
      - sum(w * y / propensity) FILTER (WHERE arm = 'hold') / sum(w / propensity) FILTER (WHERE arm = 'hold')
      AS randomised
  FROM scoped GROUP BY workload
)
SELECT workload, with_fallback, without_fallback, with_fallback - without_fallback AS naive, randomised,
  (with_fallback - without_fallback) * randomised < 0 AS wrong_sign
FROM m
ORDER BY workload <> 'all', workload
SETTINGS final = 1, join_use_nulls = 1
