-- What each fallback was replaced by, and what it did to the wait: from which route, for what, to which, how long
-- the user had waited by then, how much longer it took until content came, and what the two attempts cost.
-- `from_p50_ms` is what the route that was left takes to its first content when it answers, and `total_p50_ms` what
-- those who fell back waited in all. That they waited longer does not say that falling back was wrong: see
-- does-falling-back-help. `unanswered`: the share of these attempts from which nothing came.
WITH
f AS (
  SELECT id, run, from_route, route, coalesce(cause, 'unknown') AS cause, before_ms, after_ms, cost_usd, sample_weight AS w,
    wait_end = 'content' AS came, attempt
  FROM attempts WHERE from_route <> route
),
left_behind AS (
  SELECT f.id AS id, sum(attempts.cost_usd) AS spent
  FROM f JOIN attempts ON attempts.run = f.run
  WHERE attempts.attempt < f.attempt
  GROUP BY f.id
),
usual AS (
  SELECT route, quantile_cont(wait_ms, 0.5) AS from_p50_ms
  FROM attempts WHERE wait_end = 'content' GROUP BY route
)
SELECT f.from_route AS from_route, f.cause AS cause, f.route AS to_route, count(*) AS fallbacks,
  quantile_cont(before_ms, 0.5) AS before_p50_ms,
  quantile_cont(before_ms, 0.95) AS before_p95_ms,
  quantile_cont(after_ms, 0.5) FILTER (WHERE came) AS after_p50_ms,
  quantile_cont(after_ms, 0.95) FILTER (WHERE came) AS after_p95_ms,
  quantile_cont(before_ms + after_ms, 0.5) FILTER (WHERE came) AS total_p50_ms,
  max(from_p50_ms) AS from_p50_ms,
  sum(CASE WHEN came THEN 0 ELSE w END) / sum(w) AS unanswered,
  avg(spent) AS cost_before_usd,
  avg(cost_usd) AS cost_after_usd
FROM f
LEFT JOIN left_behind ON left_behind.id = f.id
LEFT JOIN usual ON usual.route = f.from_route
GROUP BY f.from_route, f.cause, f.route
ORDER BY fallbacks DESC, from_route, cause, to_route
