-- Whether the other answers can be believed. `ok` is false where something is wrong; then look for the cause first.
-- ratio of hold-out, ratio of arms: as many in each arm as were drawn (sample ratio mismatch; `statistic` is how
--   many standard errors off, `ok` up to 3.29, p = .001).
-- lost: runs told to have begun and never to have ended, a day later (`observed`), up to 1 %.
-- lost by arm: that share in the arm (`observed`) and in the other arm or the control (`expected`), up to 0.2 points
--   or chance apart; fewer than five lost runs are no evidence.
-- gaps: runs of a page of which nothing came, by their numbers, up to 0.5 %.
-- attempts: those that runs tell of and that are not there, up to 0.5 %.
WITH
newest AS (
  SELECT max(started_at) AS newest_at FROM runs
),
settled AS (
  SELECT arm, experiment, held_out_arm, sample_weight AS w, status = 'open' AS lost FROM runs CROSS JOIN newest
  WHERE started_at < newest_at - 86400000
),
held AS (
  SELECT workload, count(*) AS n, count(*) FILTER (WHERE held_out_arm = 'hold') AS observed,
    sum(CASE WHEN held_out_arm = 'hold' THEN held_out_propensity ELSE 1 - held_out_propensity END) AS expected,
    sum(held_out_propensity * (1 - held_out_propensity)) AS variance
  FROM runs WHERE held_out_arm IS NOT NULL GROUP BY workload
),
drawn AS (
  SELECT experiment, arm AS in_arm, coalesce(user_hash, session_id, id) AS u, max(propensity) AS p
  FROM runs WHERE arm IS NOT NULL GROUP BY experiment, arm, coalesce(user_hash, session_id, id)
),
arms AS (
  SELECT experiment, in_arm AS arm, count(*) AS observed, max(p) AS p FROM drawn GROUP BY experiment, in_arm
),
arms_of AS (
  SELECT experiment, arm, observed, p, sum(observed) OVER (PARTITION BY experiment) AS n,
    first_value(arm) OVER (PARTITION BY experiment ORDER BY p DESC, arm) AS control
  FROM arms
),
losses AS (
  SELECT 'hold-out' AS of_what, held_out_arm AS arm, 'act' AS base, count(*) AS n, avg(CASE WHEN lost THEN 1.0 ELSE 0.0 END) AS rate
  FROM settled WHERE held_out_arm IS NOT NULL GROUP BY held_out_arm
  UNION ALL
  SELECT settled.experiment AS of_what, settled.arm AS arm, max(control) AS base, count(*) AS n,
    avg(CASE WHEN lost THEN 1.0 ELSE 0.0 END) AS rate
  FROM settled JOIN arms_of ON arms_of.experiment = settled.experiment AND arms_of.arm = settled.arm
  GROUP BY settled.experiment, settled.arm
),
pooled AS (
  SELECT concat(one.of_what, ' ', one.arm) AS part, one.rate AS rate, other.rate AS other_rate, one.n AS n, other.n AS other_n,
    (one.rate * one.n + other.rate * other.n) / (one.n + other.n) AS p
  FROM losses AS one JOIN losses AS other ON one.of_what = other.of_what
  WHERE other.arm = other.base AND one.arm <> one.base
),
pairs AS (
  SELECT part, rate, other_rate, sqrt(p * (1 - p) * (1.0 / n + 1.0 / other_n)) AS se, p * least(n, other_n) AS least_expected
  FROM pooled
),
gaps AS (
  SELECT page, max(page_run) + 1 AS due, count(*) AS came
  FROM runs WHERE is_whole_page AND page IS NOT NULL GROUP BY page
),
counted AS (
  SELECT (SELECT sum(attempts) FROM runs) AS due, (SELECT count(*) FROM attempts) AS came
),
lines AS (
  SELECT 'ratio of hold-out' AS check_name, workload AS part, expected * 1.0 AS expected, observed * 1.0 AS observed,
    (observed - expected) / sqrt(variance) AS statistic, abs(observed - expected) / sqrt(variance) <= 3.29 AS ok
  FROM held
  UNION ALL
  SELECT 'ratio of arms', concat(experiment, ' ', arm), n * p, observed * 1.0, (observed - n * p) / sqrt(n * p * (1 - p)),
    abs(observed - n * p) / sqrt(n * p * (1 - p)) <= 3.29
  FROM arms_of WHERE p < 1
  UNION ALL
  SELECT 'lost', 'all', 0.01, sum(CASE WHEN lost THEN w ELSE 0 END) / sum(w), NULL,
    sum(CASE WHEN lost THEN w ELSE 0 END) / sum(w) <= 0.01
  FROM settled HAVING count(*) > 0
  UNION ALL
  SELECT 'lost by arm', part, other_rate, rate, (rate - other_rate) / nullif(se, 0),
    abs(rate - other_rate) <= 0.002 OR abs(rate - other_rate) <= 3.29 * se OR least_expected < 5
  FROM pairs
  UNION ALL
  SELECT 'gaps', 'all', 0.005, 1 - sum(came) * 1.0 / sum(due), NULL, 1 - sum(came) * 1.0 / sum(due) <= 0.005
  FROM gaps HAVING count(*) > 0
  UNION ALL
  SELECT 'attempts', 'all', 0.005, greatest(0, 1 - came * 1.0 / due), NULL, 1 - came * 1.0 / due <= 0.005
  FROM counted WHERE due > 0
)
SELECT check_name, part, expected, observed, statistic, ok FROM lines ORDER BY check_name, part
