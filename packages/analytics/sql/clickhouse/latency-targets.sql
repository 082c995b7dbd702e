-- Which routes miss their latency target to the first content (the product's `limits.firstChunkMs`, else 3 s):
-- `miss` is how probable it is that the content comes later than that, and p50 to p95 how long it takes.
-- An attempt that was cut off, by a deadline or by the user, would have come later than it was cut: it is censored
-- (Kaplan-Meier), not dropped. `miss_naive` and `p95_naive` drop it, and flatter the routes that are cut most. A
-- percentile is null where it was never seen to be reached. `low` to `high`: 95 %, Greenwood.
-- `misses` where more than one in ten is late, beyond chance (99.9 %), in 200 attempts or more.
WITH
a AS (
  SELECT route, gen_ai_request_model AS model, coalesce(target_ms, 3000) AS target, wait_ms AS t,
    wait_end = 'content' AS came, sample_weight AS w
  FROM attempts
  WHERE wait_end IN ('content', 'cut') AND wait_ms IS NOT NULL AND why <> 'hedge'
),
g AS (
  SELECT route, model, target, t, sum(w) AS c, sum(CASE WHEN came THEN w ELSE 0 END) AS d
  FROM a GROUP BY route, model, target, t
),
k AS (
  SELECT *, sum(c) OVER (PARTITION BY route, model, target ORDER BY t DESC) AS n FROM g
),
s AS (
  SELECT route, model, target, t,
    exp(sum(ln(greatest(1 - d / n, 1e-300))) OVER (PARTITION BY route, model, target ORDER BY t)) AS survival,
    sum(CASE WHEN n > d THEN d / (n * (n - d)) ELSE 0 END) OVER (PARTITION BY route, model, target ORDER BY t)
      AS greenwood
  FROM k
),
at_target AS (
  SELECT route, model, target,
    coalesce(min(CASE WHEN survival > 1e-12 THEN survival ELSE 0 END) FILTER (WHERE t <= target), 1) AS miss,
    coalesce(max(greenwood) FILTER (WHERE t <= target), 0) AS v,
    min(t) FILTER (WHERE survival <= 0.5) AS p50,
    min(t) FILTER (WHERE survival <= 0.1) AS p90,
    min(t) FILTER (WHERE survival <= 0.05) AS p95
  FROM s GROUP BY route, model, target
),
plain AS (
  SELECT route, model, target, count(*) AS attempts,
    count(*) FILTER (WHERE NOT came) AS cut,
    count(*) * sum(w * w) / (sum(w) * sum(w)) AS spread,
    sum(w) / count(*) AS mean_w,
    sum(w) FILTER (WHERE came AND t > target) / sum(w) FILTER (WHERE came) AS miss_naive,
    quantileExactInclusive(0.95)(t) FILTER (WHERE came) AS p95_naive
  FROM a GROUP BY route, model, target
)
SELECT plain.route AS route, plain.model AS model, plain.target AS target_ms, attempts, cut,
  miss,
  greatest(0, miss - 1.96 * miss * sqrt(v * spread * mean_w)) AS low,
  least(1, miss + 1.96 * miss * sqrt(v * spread * mean_w)) AS high,
  coalesce(miss_naive, 0) AS miss_naive,
  p50 AS p50_ms, p90 AS p90_ms, p95 AS p95_ms, p95_naive AS p95_naive_ms,
  attempts >= 200 AND miss - 3.29 * miss * sqrt(v * spread * mean_w) > 0.1 AS misses
FROM plain JOIN at_target
  ON plain.route = at_target.route AND plain.target = at_target.target
  AND coalesce(plain.model, '') = coalesce(at_target.model, '')
ORDER BY miss DESC, route, target_ms, model
SETTINGS final = 1, join_use_nulls = 1
