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
sums AS (
  SELECT workload,
    sum(CASE WHEN fell THEN w * y ELSE 0 END) AS y_fell, sum(CASE WHEN fell THEN w ELSE 0 END) AS w_fell,
    sum(CASE WHEN fell THEN 0 ELSE w * y END) AS y_not, sum(CASE WHEN fell THEN 0 ELSE w END) AS w_not,
    sum(CASE WHEN arm = 'act' THEN ipw ELSE 0 END) AS w_act, sum(CASE WHEN arm = 'hold' THEN ipw ELSE 0 END) AS w_hold,
    sum(CASE WHEN arm = 'act' THEN ipw * y ELSE 0 END) AS y_act,
    sum(CASE WHEN arm = 'hold' THEN ipw * y ELSE 0 END) AS y_hold
  FROM r GROUP BY workload
),
scopes AS (
  SELECT 'all' AS workload, y_fell, w_fell, y_not, w_not, w_act, w_hold, y_act, y_hold FROM sums
  UNION ALL
  SELECT workload, y_fell, w_fell, y_not, w_not, w_act, w_hold, y_act, y_hold FROM sums
),
m AS (
  SELECT workload, sum(y_fell) / nullif(sum(w_fell), 0) AS with_fallback,
    sum(y_not) / nullif(sum(w_not), 0) AS without_fallback, nullif(sum(w_act), 0) AS w_act,
    nullif(sum(w_hold), 0) AS w_hold, sum(y_act) AS y_act, sum(y_hold) AS y_hold
  FROM scopes GROUP BY workload
),
-- What a user's runs come to under each arm: sums are all that is needed of them.
cells AS (
  SELECT workload, u, arm, sum(ipw) AS w, sum(ipw * y) AS wy FROM r WHERE arm IS NOT NULL GROUP BY workload, u, arm
),
scoped AS (
  SELECT 'all' AS workload, u, arm, w, wy FROM cells
  UNION ALL
  SELECT workload, u, arm, w, wy FROM cells
),
per_user AS (
  SELECT scoped.workload AS workload, u,
    sum(CASE WHEN arm = 'act' THEN (wy - w * y_act / w_act) / w_act ELSE -(wy - w * y_hold / w_hold) / w_hold END) AS e
  FROM scoped JOIN m ON m.workload = scoped.workload GROUP BY scoped.workload, u
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
