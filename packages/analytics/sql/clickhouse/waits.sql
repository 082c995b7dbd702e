-- How long users wait, in visible time from their gesture to what they can read, by surface and route. Percentiles
-- of what came, by sketch, from raw waits: fast at any size, within about 1 % of the exact figure. What never came
-- is not in them: `without` is its share (left, failed, hidden or open).
SELECT surface, route, count(*) AS runs,
  quantileDD(0.01, 0.5)(wait_ms) FILTER (WHERE wait_end IN ('painted', 'content')) AS p50_ms,
  quantileDD(0.01, 0.95)(wait_ms) FILTER (WHERE wait_end IN ('painted', 'content')) AS p95_ms,
  quantileDD(0.01, 0.99)(wait_ms) FILTER (WHERE wait_end IN ('painted', 'content')) AS p99_ms,
  sum(CASE WHEN wait_end IN ('painted', 'content') THEN 0 ELSE sample_weight END) / sum(sample_weight) AS without
FROM runs
GROUP BY surface, route
ORDER BY runs DESC, surface, route
SETTINGS final = 1, join_use_nulls = 1
