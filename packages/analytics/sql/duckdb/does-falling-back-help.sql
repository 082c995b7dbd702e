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
  SELECT workload, coalesce(held_out_route, 'unknown') AS route, held_out_kind AS kind,
    held_out_arm AS arm,
    coalesce(user_hash, session_id, id) AS u, sample_weight / held_out_propensity AS w, status = 'open' AS lost,
    CASE WHEN status = 'completed' AND left_how IS NULL AND NOT coalesce(thumb_down, false)
      AND NOT coalesce(regenerated, false) THEN 1.0 ELSE 0.0 END AS success,
    CASE WHEN left_how IS NOT NULL AND coalesce(left_chars, 0) < 200 THEN 1.0 ELSE 0.0 END AS abandoned,
    CASE WHEN wait_end IN ('painted', 'content') AND status <> 'safe' THEN least(wait_ms, 10000) ELSE 10000 END * 1.0
      AS wait_10s
  FROM runs WHERE held_out_arm IS NOT NULL AND held_out_propensity > 0
),
-- What a user's runs come to under each arm: sums are all that is needed of them.
cells AS (
  SELECT workload, route, kind, arm, u, count(*) AS n,
    sum(CASE WHEN lost THEN 0 ELSE 1 END) AS told, sum(CASE WHEN lost THEN 0 ELSE w END) AS w_told,
    sum(CASE WHEN lost THEN w ELSE 0 END) AS w_lost, sum(CASE WHEN lost THEN 0 ELSE w * success END) AS successes,
    sum(CASE WHEN lost THEN 0 ELSE w * abandoned END) AS leavings,
    sum(CASE WHEN lost THEN 0 ELSE w * wait_10s END) AS waits
  FROM t GROUP BY workload, route, kind, arm, u
),
scoped AS (
  SELECT 'all' AS workload, 'all' AS route, 'all' AS kind, arm, u, n, told, w_told, w_lost, successes, leavings, waits
  FROM cells
  UNION ALL
  SELECT workload, route, kind, arm, u, n, told, w_told, w_lost, successes, leavings, waits FROM cells
),
m AS (
  SELECT workload, route, kind,
    sum(CASE WHEN arm = 'act' THEN w_told ELSE 0 END) AS w_act, sum(CASE WHEN arm = 'hold' THEN w_told ELSE 0 END) AS w_hold,
    sum(CASE WHEN arm = 'act' THEN successes ELSE 0 END) AS s_act,
    sum(CASE WHEN arm = 'hold' THEN successes ELSE 0 END) AS s_hold,
    sum(CASE WHEN arm = 'act' THEN leavings ELSE 0 END) AS l_act,
    sum(CASE WHEN arm = 'hold' THEN leavings ELSE 0 END) AS l_hold,
    sum(CASE WHEN arm = 'act' THEN waits ELSE 0 END) AS t_act, sum(CASE WHEN arm = 'hold' THEN waits ELSE 0 END) AS t_hold,
    sum(CASE WHEN arm = 'act' THEN w_lost ELSE 0 END) AS lost_act,
    sum(CASE WHEN arm = 'hold' THEN w_lost ELSE 0 END) AS lost_hold,
    sum(CASE WHEN arm = 'act' THEN n ELSE 0 END) AS act, sum(CASE WHEN arm = 'hold' THEN n ELSE 0 END) AS hold
  FROM scoped GROUP BY workload, route, kind
),
per_user AS (
  SELECT m.workload AS workload, m.route AS route, m.kind AS kind, u,
    sum(CASE WHEN arm = 'act' THEN (successes - w_told * s_act / w_act) / w_act
      ELSE -(successes - w_told * s_hold / w_hold) / w_hold END) AS e_s,
    sum(CASE WHEN arm = 'act' THEN (leavings - w_told * l_act / w_act) / w_act
      ELSE -(leavings - w_told * l_hold / w_hold) / w_hold END) AS e_l,
    sum(CASE WHEN arm = 'act' THEN (waits - w_told * t_act / w_act) / w_act
      ELSE -(waits - w_told * t_hold / w_hold) / w_hold END) AS e_t
  FROM scoped JOIN m ON m.workload = scoped.workload AND m.route = scoped.route AND m.kind = scoped.kind
  WHERE told > 0 AND w_act > 0 AND w_hold > 0
  GROUP BY m.workload, m.route, m.kind, u
),
v AS (
  SELECT workload, route, kind, count(*) AS users, count(*) / (count(*) - 1) AS few, sum(e_s * e_s) AS v_s,
    sum(e_l * e_l) AS v_l, sum(e_t * e_t) AS v_t
  FROM per_user GROUP BY workload, route, kind HAVING count(*) > 1
),
wide AS (
  SELECT m.workload AS workload, m.route AS route, m.kind AS kind, users, few, v_s, v_l, v_t, w_act, w_hold,
    s_act, s_hold, l_act, l_hold, t_act, t_hold, lost_act, lost_hold, act, hold
  FROM m JOIN v ON m.workload = v.workload AND m.route = v.route AND m.kind = v.kind
),
long AS (
  SELECT 'success' AS outcome, 1.0 AS top, workload, route, kind, users, act, hold, w_act, w_hold, lost_act, lost_hold,
    s_act AS y_act, s_hold AS y_hold, sqrt(v_s * few) AS se FROM wide
  UNION ALL
  SELECT 'abandoned' AS outcome, 1.0 AS top, workload, route, kind, users, act, hold, w_act, w_hold, lost_act, lost_hold,
    l_act AS y_act, l_hold AS y_hold, sqrt(v_l * few) AS se FROM wide
  UNION ALL
  SELECT 'wait_10s_ms' AS outcome, 10000.0 AS top, workload, route, kind, users, act, hold, w_act, w_hold, lost_act, lost_hold,
    t_act AS y_act, t_hold AS y_hold, sqrt(v_t * few) AS se FROM wide
),
x AS (
  SELECT outcome, workload, route, kind, users, act, hold, y_act / w_act AS act_mean, y_hold / w_hold AS hold_mean,
    y_act / w_act - y_hold / w_hold AS effect, se,
    y_act / (w_act + lost_act) - (y_hold + top * lost_hold) / (w_hold + lost_hold) AS bound_low,
    (y_act + top * lost_act) / (w_act + lost_act) - y_hold / (w_hold + lost_hold) AS bound_high,
    se * sqrt(2 * (users * 0.000878 + 1) / (users * 0.000878)
      * ln(sqrt(users * 0.000878 + 1) * count(*) OVER (PARTITION BY outcome) / 0.05)) AS reach,
    outcome = 'success' AS more_is_better
  FROM long
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
