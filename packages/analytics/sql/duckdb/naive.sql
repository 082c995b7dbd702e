-- What not to conclude. `naive` compares runs that fell back with runs that did not, as dashboards do; `randomised`
-- is the effect that chance tells (does-falling-back-help), for the same workload, with its 99.9 % interval. They
-- differ, often in sign: a run falls back because something is wrong already, and is then compared with runs in
-- which nothing was. Where `wrong_sign` is true, the dashboard says the opposite of the truth, beyond chance.
WITH
r AS (
  SELECT workload, coalesce(user_hash, session_id, id) AS u, sample_weight AS w, fallbacks > 0 AS fell,
    held_out_arm AS arm, CASE WHEN held_out_propensity > 0 THEN sample_weight / held_out_propensity END AS ipw,
    CASE WHEN status = 'completed' AND left_how IS NULL AND NOT coalesce(thumb_down, false)
      AND NOT coalesce(regenerated, false) THEN 1.0 ELSE 0.0 END AS y
  FROM runs WHERE status <> 'open'
),
scoped AS (
  SELECT 'all' AS workload, u, w, fell, arm, ipw, y FROM r
  UNION ALL
  SELECT workload, u, w, fell, arm, ipw, y FROM r
),
m AS (
  SELECT workload,
    sum(w * y) FILTER (WHERE fell) / sum(w) FILTER (WHERE fell) AS with_fallback,
    sum(w * y) FILTER (WHERE NOT fell) / sum(w) FILTER (WHERE NOT fell) AS without_fallback,
    sum(ipw) FILTER (WHERE arm = 'act') AS w_act,
    sum(ipw) FILTER (WHERE arm = 'hold') AS w_hold,
    sum(ipw * y) FILTER (WHERE arm = 'act') AS y_act,
    sum(ipw * y) FILTER (WHERE arm = 'hold') AS y_hold
  FROM scoped GROUP BY workload
),
per_user AS (
  SELECT scoped.workload AS workload, u,
    sum(CASE WHEN arm = 'act' THEN ipw * (y - y_act / w_act) / w_act ELSE -ipw * (y - y_hold / w_hold) / w_hold END) AS e
  FROM scoped JOIN m ON m.workload = scoped.workload WHERE arm IS NOT NULL GROUP BY scoped.workload, u
),
v AS (
  SELECT workload, sqrt(sum(e * e) * count(*) / (count(*) - 1)) AS se FROM per_user GROUP BY workload HAVING count(*) > 1
),
x AS (
  SELECT m.workload AS workload, with_fallback, without_fallback, with_fallback - without_fallback AS naive,
    y_act / w_act - y_hold / w_hold AS randomised, se
  FROM m LEFT JOIN v ON v.workload = m.workload
)
SELECT workload, with_fallback, without_fallback, naive, randomised, randomised - 3.29 * se AS low,
  randomised + 3.29 * se AS high,
  coalesce(naive * randomised < 0 AND abs(randomised) > 3.29 * se, false) AS wrong_sign
FROM x
ORDER BY workload <> 'all', workload
