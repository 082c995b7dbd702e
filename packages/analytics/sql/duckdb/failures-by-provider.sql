-- Which providers fail most: the share of each provider's attempts that broke by themselves, by kind. What a user
-- or a deadline of ours cut short is neither success nor failure; it is counted as `late` beside them. So is what
-- speaks of the request, the browser or the account, not of the provider.
-- Sorted by `low` (95 %, Wilson), so that a few unlucky attempts do not lead. `stands_out` where the provider is a
-- quarter above all others together, beyond chance (99.9 %), in 200 attempts or more.
WITH
a AS (
  SELECT gen_ai_provider_name AS provider, sample_weight AS w,
    result = 'failed' AND coalesce(wait_end, '') <> 'cut' AS failed,
    coalesce(wait_end, '') = 'cut' AND result = 'failed' AS late,
    error_type AS kind
  FROM attempts
  WHERE gen_ai_provider_name IS NOT NULL AND result IN ('answered', 'failed')
    AND coalesce(error_type, '') NOT IN ('offline', 'blocked-request', 'auth', 'quota-exhausted',
      'invalid-request', 'context-length', 'unsupported-capability', 'budget-breach', 'latency-ceiling',
      'quality-floor', 'blocked-content', 'region-restriction', 'compliance-mismatch')
),
p AS (
  SELECT provider, count(*) AS attempts, sum(w) AS weight, sum(w) * sum(w) / sum(w * w) AS n,
    sum(CASE WHEN failed THEN w ELSE 0 END) AS hit,
    sum(CASE WHEN failed AND kind = 'outage' THEN w ELSE 0 END) AS outages,
    sum(CASE WHEN failed AND kind = 'rate-limit' THEN w ELSE 0 END) AS rate_limits,
    sum(CASE WHEN failed AND kind = 'network' THEN w ELSE 0 END) AS networks,
    sum(CASE WHEN failed AND kind IN ('stream-stall', 'truncated', 'invalid-response') THEN w ELSE 0 END) AS broken,
    sum(CASE WHEN late THEN w ELSE 0 END) AS lates
  FROM a GROUP BY provider
),
r AS (
  SELECT *, hit / weight AS rate, sum(hit) OVER () - hit AS other_hits, sum(weight) OVER () - weight AS other_weight
  FROM p
)
SELECT provider, attempts, rate,
  greatest(0, (rate + 1.92 / n - 1.96 * sqrt(rate * (1 - rate) / n + 0.9604 / (n * n))) / (1 + 3.8416 / n)) AS low,
  (rate + 1.92 / n + 1.96 * sqrt(rate * (1 - rate) / n + 0.9604 / (n * n))) / (1 + 3.8416 / n) AS high,
  outages / weight AS outage, rate_limits / weight AS rate_limit, networks / weight AS network,
  broken / weight AS broken_answer, lates / weight AS late,
  CASE WHEN other_weight > 0 THEN other_hits / other_weight END AS of_others,
  n >= 200 AND other_weight > 0
    AND (rate + 5.412 / n - 3.29 * sqrt(rate * (1 - rate) / n + 2.706 / (n * n))) / (1 + 10.824 / n)
      > 1.25 * other_hits / other_weight AS stands_out
FROM r
ORDER BY low DESC, provider
