-- How smoothly answers come, and how well the page answers meanwhile, by surface and route. `stalled` is the share of
-- answers whose text stood still for over a second while somebody watched, `stalled_p95_ms` how long in all in one of
-- twenty of those; `slow` the share that was waited for longer than 9 in 10 times. `sluggish` is the share of runs with
-- an interaction whose slowest took over 200 ms to be painted, `blocked_ms` what long frames kept the page from
-- answering, in a run (Chromium), `by_streams_ms` how much of them were scripts that read streams.
-- Each with `low` to `high` (95 %, Wilson). `stalls` where a route stalls in a quarter more of its answers than all
-- others together, `drags` where more than one run in four is sluggish, beyond chance (99.9 %), in 200 runs or more.
WITH
r AS (
  SELECT surface, route, sample_weight AS w, stalls, stalled_ms, slow_ms, long_frames, blocking_ms, stream_script_ms, inp_ms
  FROM runs
  WHERE status <> 'open' AND route IS NOT NULL AND stalls IS NOT NULL AND first_content_ms IS NOT NULL
),
g AS (
  SELECT surface, route, count(*) AS answers, sum(w) AS weight, sum(w) * sum(w) / sum(w * w) AS n,
    sum(CASE WHEN stalls > 0 THEN w ELSE 0 END) AS stall_weight,
    sum(CASE WHEN slow_ms > 0 THEN w ELSE 0 END) AS slow_weight,
    quantileExactInclusive(0.95)(stalled_ms) FILTER (WHERE stalls > 0) AS stalled_p95_ms,
    sum(CASE WHEN inp_ms IS NOT NULL THEN 1 ELSE 0 END) AS touched,
    sum(CASE WHEN inp_ms IS NOT NULL THEN w ELSE 0 END) AS touched_weight,
    sum(CASE WHEN inp_ms IS NOT NULL THEN w * w ELSE 0 END) AS touched_squares,
    sum(CASE WHEN inp_ms > 200 THEN w ELSE 0 END) AS sluggish_weight,
    sum(CASE WHEN blocking_ms IS NOT NULL THEN w * blocking_ms ELSE 0 END) AS blocking,
    sum(CASE WHEN blocking_ms IS NOT NULL THEN w ELSE 0 END) AS framed_weight,
    sum(CASE WHEN blocking_ms IS NOT NULL THEN w * stream_script_ms ELSE 0 END) AS streaming
  FROM r GROUP BY surface, route
),
o AS (
  SELECT *, stall_weight / weight AS stalled,
    CASE WHEN touched_weight > 0 THEN sluggish_weight / touched_weight END AS sluggish,
    CASE WHEN touched_weight > 0 THEN touched_weight * touched_weight / touched_squares END AS m,
    sum(stall_weight) OVER () - sum(stall_weight) OVER (PARTITION BY route) AS other_stalls,
    sum(weight) OVER () - sum(weight) OVER (PARTITION BY route) AS other_weight
  FROM g
)
SELECT surface, route, answers, stalled,
  greatest(0, (stalled + 1.92 / n - 1.96 * sqrt(stalled * (1 - stalled) / n + 0.9604 / (n * n))) / (1 + 3.8416 / n)) AS stalled_low,
  (stalled + 1.92 / n + 1.96 * sqrt(stalled * (1 - stalled) / n + 0.9604 / (n * n))) / (1 + 3.8416 / n) AS stalled_high,
  stalled_p95_ms, slow_weight / weight AS slow, touched, sluggish,
  greatest(0, (sluggish + 1.92 / m - 1.96 * sqrt(sluggish * (1 - sluggish) / m + 0.9604 / (m * m))) / (1 + 3.8416 / m)) AS sluggish_low,
  (sluggish + 1.92 / m + 1.96 * sqrt(sluggish * (1 - sluggish) / m + 0.9604 / (m * m))) / (1 + 3.8416 / m) AS sluggish_high,
  CASE WHEN framed_weight > 0 THEN blocking / framed_weight END AS blocked_ms,
  CASE WHEN framed_weight > 0 THEN streaming / framed_weight END AS by_streams_ms,
  n >= 200 AND other_weight > 0
    AND (stalled + 5.412 / n - 3.29 * sqrt(stalled * (1 - stalled) / n + 2.706 / (n * n))) / (1 + 10.824 / n)
      > 1.25 * other_stalls / other_weight AS stalls,
  coalesce(m >= 200
    AND (sluggish + 5.412 / m - 3.29 * sqrt(sluggish * (1 - sluggish) / m + 2.706 / (m * m))) / (1 + 10.824 / m)
      > 0.25, FALSE) AS drags
FROM o
ORDER BY answers DESC, surface, route
SETTINGS final = 1, join_use_nulls = 1
