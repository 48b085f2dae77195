-- Everything again, by window functions: order each measure, find its quartile
-- (type 7), count who is below it, and write the verdicts that changed.
prepare judge as
    with placed as (
        select measure, key,
               row_number() over (partition by measure order by key) - 1 as place,
               lead(key) over (partition by measure order by key) as next,
               (count(*) over (partition by measure) - 1) * 0.25::double precision as h
          from figure
         where key is not null
    ), cut as (
        select placed.measure, measure.theme, key + (h - floor(h)) * coalesce(next - key, 0) as cut
          from placed
          join measure on measure.id = placed.measure
         where place = floor(h)
    ), bottom as (
        select figure.org,
               count(*) filter (where theme = 0) as t0, count(*) filter (where theme = 1) as t1,
               count(*) filter (where theme = 2) as t2, count(*) filter (where theme = 3) as t3,
               count(*) filter (where theme = 4) as t4
          from figure
          join cut on cut.measure = figure.measure and figure.key < cut.cut
         group by figure.org
    ), now as (
        select verdict.org, coalesce(bottom.t0, 0) as t0, coalesce(bottom.t1, 0) as t1, coalesce(bottom.t2, 0) as t2,
               coalesce(bottom.t3, 0) as t3, coalesce(bottom.t4, 0) as t4
          from verdict
          left join bottom on bottom.org = verdict.org
    )
    update verdict
       set t0 = now.t0, t1 = now.t1, t2 = now.t2, t3 = now.t3, t4 = now.t4
      from now
     where now.org = verdict.org
       and (verdict.t0, verdict.t1, verdict.t2, verdict.t3, verdict.t4)
           is distinct from (now.t0, now.t1, now.t2, now.t3, now.t4);
