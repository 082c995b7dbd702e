-- How users leave: by what act, in which phase, with how many characters on the screen (at least), after which
-- failure, and after how long. `hidden` and what may be taken back is only likely to be a leaving: `final` is the
-- share that is one for certain. `share` is of all runs.
WITH
l AS (
  SELECT left_how, left_phase, left_chars, coalesce(left_failure, 'none') AS failure, left_ms, sample_weight AS w,
    coalesce(left_is_final, false) AS is_final
  FROM runs WHERE left_how IS NOT NULL
)
SELECT left_how, left_phase, left_chars, failure, count(*) AS runs,
  sum(w) / (SELECT sum(sample_weight) FROM runs) AS share,
  sum(CASE WHEN is_final THEN w ELSE 0 END) / sum(w) AS final,
  quantile_cont(left_ms, 0.5) AS left_p50_ms,
  quantile_cont(left_ms, 0.9) AS left_p90_ms
FROM l
GROUP BY left_how, left_phase, left_chars, failure
ORDER BY runs DESC, left_how, left_phase, left_chars, failure
