-- How long users wait, in visible time from their gesture to what they can read, by surface and route. Percentiles
-- of what came, by sketch, from raw waits: fast at any size, within about 1 % of the exact figure. What never came
-- is not in them: `without` is its share (left, failed, hidden or open).
SELECT surface, route, count(*) AS runs,
  approx_quantile(wait_ms, 0.5) FILTER (WHERE wait_end IN ('painted', 'content')) AS p50_ms,
  approx_quantile(wait_ms, 0.95) FILTER (WHERE wait_end IN ('painted', 'content')) AS p95_ms,
  approx_quantile(wait_ms, 0.99) FILTER (WHERE wait_end IN ('painted', 'content')) AS p99_ms,
  sum(CASE WHEN wait_end IN ('painted', 'content') THEN 0 ELSE sample_weight END) / sum(sample_weight) AS without
FROM runs
GROUP BY surface, route
ORDER BY runs DESC, surface, route
