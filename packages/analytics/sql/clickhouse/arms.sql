-- Which ladder is better: each arm of an experiment beside the arm that most users are in (`control`). Outcomes,
-- weights, intervals and verdicts as in does-falling-back-help; a user is in one arm for good.
WITH
t AS (
  SELECT experiment, arm, propensity, coalesce(user_hash, session_id, id) AS u, sample_weight / propensity AS w,
    CASE WHEN status = 'completed' AND left_how IS NULL AND NOT coalesce(thumb_down, false)
      AND NOT coalesce(regenerated, false) THEN 1.0 ELSE 0.0 END AS success,
    CASE WHEN left_how IS NOT NULL AND coalesce(left_chars, 0) < 200 THEN 1.0 ELSE 0.0 END AS abandoned,
    CASE WHEN wait_end IN ('painted', 'content') AND status <> 'safe' THEN least(wait_ms, 10000) ELSE 10000 END * 1.0
      AS wait_10s
  FROM runs WHERE arm IS NOT NULL AND propensity > 0 AND status <> 'open'
),
by_user AS (
  SELECT experiment, arm, u, max(propensity) AS p, count(*) AS told, sum(w) AS weight,
    sum(w * success) AS successes, sum(w * abandoned) AS leavings, sum(w * wait_10s) AS waits
  FROM t GROUP BY experiment, arm, u
),
long AS (
  SELECT 'success' AS outcome, experiment, arm, p, told, weight AS w, successes AS wy FROM by_user
  UNION ALL
  SELECT 'abandoned' AS outcome, experiment, arm, p, told, weight AS w, leavings AS wy FROM by_user
  UNION ALL
  SELECT 'wait_10s_ms' AS outcome, experiment, arm, p, told, weight AS w, waits AS wy FROM by_user
),
m AS (
  SELECT outcome, experiment, arm, max(p) AS share, count(*) AS users, sum(told) AS runs, sum(w) AS weight,
    sum(wy) / sum(w) AS mean
  FROM long GROUP BY outcome, experiment, arm HAVING count(*) > 1
),
v AS (
  SELECT m.outcome AS outcome, m.experiment AS experiment, m.arm AS arm,
    sum((wy - w * mean) * (wy - w * mean)) / max(weight * weight) * count(*) / (count(*) - 1) AS variance
  FROM long JOIN m ON m.outcome = long.outcome AND m.experiment = long.experiment AND m.arm = long.arm
  GROUP BY m.outcome, m.experiment, m.arm
),
ranked AS (
  SELECT m.outcome AS outcome, m.experiment AS experiment, m.arm AS arm, users, runs, mean, variance,
    row_number() OVER (PARTITION BY m.outcome, m.experiment ORDER BY share DESC, m.arm) AS place
  FROM m JOIN v ON m.outcome = v.outcome AND m.experiment = v.experiment AND m.arm = v.arm
),
x AS (
  SELECT one.outcome AS outcome, one.experiment AS experiment, one.arm AS arm, control.arm AS control,
    one.users AS users, control.users AS control_users, one.runs AS runs, one.mean AS arm_mean,
    control.mean AS control_mean, one.mean - control.mean AS effect,
    sqrt(one.variance + control.variance) AS se,
    sqrt(one.variance + control.variance)
      * sqrt(2 * ((one.users + control.users) * 0.000878 + 1) / ((one.users + control.users) * 0.000878)
        * ln(sqrt((one.users + control.users) * 0.000878 + 1) * count(*) OVER (PARTITION BY one.outcome) / 0.05))
      AS reach,
    one.outcome = 'success' AS more_is_better
  FROM ranked AS one
  JOIN ranked AS control ON control.outcome = one.outcome AND control.experiment = one.experiment
  WHERE control.place = 1 AND one.place > 1
)
SELECT outcome, experiment, arm, control, users, control_users, runs, arm_mean, control_mean, effect, se,
  effect - 1.96 * se AS low, effect + 1.96 * se AS high,
  effect - reach AS always_low, effect + reach AS always_high,
  CASE WHEN least(users, control_users) < 100 THEN 'too few'
    WHEN (more_is_better AND effect - reach > 0) OR (NOT more_is_better AND effect + reach < 0) THEN 'helps'
    WHEN (more_is_better AND effect + reach < 0) OR (NOT more_is_better AND effect - reach > 0) THEN 'harms'
    ELSE 'unclear' END AS verdict
FROM x
ORDER BY outcome <> 'success', outcome, experiment, arm
SETTINGS final = 1, join_use_nulls = 1
