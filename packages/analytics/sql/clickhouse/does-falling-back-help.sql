-- Does falling back help or harm? In a random share of the moments at which a run would have fallen back it did not
-- (`holdOut`): `effect` is what falling back did beside holding out, at those moments, whatever came after.
-- `success`: a whole answer that nobody disliked or asked for again. `abandoned`: left with little on the screen.
-- `wait_10s_ms`: how much of the first 10 s went by without an answer.
-- Each run counts by how probable its arm was (inverse propensity weighting, Hajek), and runs of one user count as
-- one piece of evidence. `low` to `high`: 95 %, for whoever looks once. `always_low` to `always_high` hold however
-- often you look, for all rows together (asymptotic confidence sequence, Waudby-Smith et al. 2024, tuned to 10,000
-- users); `verdict` goes by them. `worst` and `best`: had all runs that were lost ended one way, or the other.
WITH
t AS (
  SELECT workload, held_out_route AS route, held_out_kind AS kind, held_out_arm AS arm,
    coalesce(user_hash, session_id, id) AS u, sample_weight / held_out_propensity AS w, status = 'open' AS lost,
    CASE WHEN status = 'completed' AND left_how IS NULL AND NOT coalesce(thumb_down, false)
      AND NOT coalesce(regenerated, false) THEN 1.0 ELSE 0.0 END AS success,
    CASE WHEN left_how IS NOT NULL AND coalesce(left_chars, 0) < 200 THEN 1.0 ELSE 0.0 END AS abandoned,
    CASE WHEN wait_end IN ('painted', 'content') AND status <> 'safe' THEN least(wait_ms, 10000) ELSE 10000 END * 1.0
      AS wait_10s
  FROM runs WHERE held_out_arm IS NOT NULL AND held_out_propensity > 0
),
scoped AS (
  SELECT 'all' AS workload, 'all' AS route, 'all' AS kind, arm, u, w, lost, success, abandoned, wait_10s FROM t
  UNION ALL
  SELECT workload, coalesce(route, 'unknown') AS route, kind, arm, u, w, lost, success, abandoned, wait_10s FROM t
),
long AS (
  SELECT 'success' AS outcome, 1.0 AS top, workload, route, kind, arm, u, w, lost, success AS y FROM scoped
  UNION ALL
  SELECT 'abandoned' AS outcome, 1.0 AS top, workload, route, kind, arm, u, w, lost, abandoned AS y FROM scoped
  UNION ALL
  SELECT 'wait_10s_ms' AS outcome, 10000.0 AS top, workload, route, kind, arm, u, w, lost, wait_10s AS y FROM scoped
),
m AS (
  SELECT outcome, workload, route, kind,
    sum(CASE WHEN arm = 'act' AND NOT lost THEN w ELSE 0 END) AS w_act,
    sum(CASE WHEN arm = 'hold' AND NOT lost THEN w ELSE 0 END) AS w_hold,
    sum(CASE WHEN arm = 'act' AND NOT lost THEN w * y ELSE 0 END) AS y_act,
    sum(CASE WHEN arm = 'hold' AND NOT lost THEN w * y ELSE 0 END) AS y_hold,
    sum(CASE WHEN arm = 'act' AND lost THEN w ELSE 0 END) AS lost_act,
    sum(CASE WHEN arm = 'hold' AND lost THEN w ELSE 0 END) AS lost_hold,
    count(*) FILTER (WHERE arm = 'act') AS act,
    count(*) FILTER (WHERE arm = 'hold') AS hold,
    max(top) AS top
  FROM long GROUP BY outcome, workload, route, kind
),
per_user AS (
  SELECT long.outcome AS outcome, long.workload AS workload, long.route AS route, long.kind AS kind, u,
    sum(CASE WHEN arm = 'act' THEN w * (y - y_act / w_act) / w_act
      ELSE -w * (y - y_hold / w_hold) / w_hold END) AS e
  FROM long JOIN m ON m.outcome = long.outcome AND m.workload = long.workload AND m.route = long.route
    AND m.kind = long.kind
  WHERE NOT lost AND w_act > 0 AND w_hold > 0
  GROUP BY long.outcome, long.workload, long.route, long.kind, u
),
v AS (
  SELECT outcome, workload, route, kind, count(*) AS users, sum(e * e) * count(*) / (count(*) - 1) AS variance
  FROM per_user GROUP BY outcome, workload, route, kind HAVING count(*) > 1
),
x AS (
  SELECT m.outcome AS outcome, m.workload AS workload, m.route AS route, m.kind AS kind, users, act, hold,
    y_act / w_act AS act_mean, y_hold / w_hold AS hold_mean, y_act / w_act - y_hold / w_hold AS effect,
    sqrt(variance) AS se,
    y_act / (w_act + lost_act) - (y_hold + top * lost_hold) / (w_hold + lost_hold) AS bound_low,
    (y_act + top * lost_act) / (w_act + lost_act) - y_hold / (w_hold + lost_hold) AS bound_high,
    sqrt(variance) * sqrt(2 * (users * 0.000878 + 1) / (users * 0.000878)
      * ln(sqrt(users * 0.000878 + 1) * count(*) OVER (PARTITION BY m.outcome) / 0.05)) AS reach,
    m.outcome = 'success' AS more_is_better
  FROM m JOIN v ON m.outcome = v.outcome AND m.workload = v.workload AND m.route = v.route AND m.kind = v.kind
)
SELECT outcome, workload, route, kind, users, act, hold, act_mean, hold_mean, effect, se,
  effect - 1.96 * se AS low, effect + 1.96 * se AS high,
  effect - reach AS always_low, effect + reach AS always_high,
  CASE WHEN more_is_better THEN bound_low ELSE bound_high END AS worst,
  CASE WHEN more_is_better THEN bound_high ELSE bound_low END AS best,
  CASE WHEN users < 100 OR least(act, hold) < 30 THEN 'too few'
    WHEN (more_is_better AND effect - reach > 0) OR (NOT more_is_better AND effect + reach < 0) THEN 'helps'
    WHEN (more_is_better AND effect + reach < 0) OR (NOT more_is_better AND effect - reach > 0) THEN 'harms'
    ELSE 'unclear' END AS verdict
FROM x
ORDER BY outcome <> 'success', outcome, workload <> 'all', workload, route, kind
SETTINGS final = 1, join_use_nulls = 1
