-- Only what changed, by a trigger for each statement. The place of the quartile
-- is kept per measure, and moved along the index from where it was; who lies between
-- the old quartile and the new one has crossed, and nobody else is looked at.
create unique index figure_by_key on figure (measure, key, org);

create table cut (
    measure int primary key,
    n int not null,
    below int not null,  -- how many stand before (lo, lo_org) in the index
    lo double precision not null,
    lo_org int not null,
    cut double precision not null
) with (fillfactor = 50);

insert into cut
    select measure, n, place, key, org, key + (h - floor(h)) * coalesce(next - key, 0)
      from (select measure, org, key, h,
                   row_number() over (partition by measure order by key, org) - 1 as place,
                   lead(key) over (partition by measure order by key, org) as next, n
              from (select *, count(*) over (partition by measure) as n,
                           (count(*) over (partition by measure) - 1) * 0.25::double precision as h
                      from figure where key is not null) counted) placed
     where place = floor(h);

create function follow() returns trigger language plpgsql as $$
begin
    with moved as materialized (
        select later.measure, later.org, earlier.key as old_key, later.key as new_key
          from earlier join later using (measure, org)
    ), counted as (
        select measure, cut.n + change.n as n, cut.below + change.below as below, lo, lo_org, cut.cut,
               (cut.n + change.n - 1) * 0.25::double precision as h
          from cut
          join (select measure,
                       (count(new_key) - count(old_key))::int as n,
                       (count(*) filter (where (new_key, org) < (lo, lo_org))
                        - count(*) filter (where (old_key, org) < (lo, lo_org)))::int as below
                  from moved join cut using (measure)
                 group by measure) change using (measure)
    ), found as materialized (
        select counted.measure, theme, n, floor(h)::int as place, at.key as lo, at.org as lo_org,
               at.key + (h - floor(h)) * coalesce(after.key - at.key, 0) as new_cut, counted.cut as old_cut
          from counted
          join measure on measure.id = counted.measure
          cross join lateral (
              (select key, org from figure
                where figure.measure = counted.measure and (key, org) >= (counted.lo, counted.lo_org)
                  and floor(h) >= below
                order by key, org offset greatest(floor(h) - below, 0) limit 1)
              union all
              (select key, org from figure
                where figure.measure = counted.measure and (key, org) < (counted.lo, counted.lo_org)
                  and floor(h) < below
                order by key desc, org desc offset greatest(below - 1 - floor(h), 0) limit 1)) at
          left join lateral (
              select key from figure
               where figure.measure = counted.measure and (key, org) > (at.key, at.org)
               order by key, org limit 1) after on true
    ), kept as (
        update cut
           set n = found.n, below = found.place, lo = found.lo, lo_org = found.lo_org, cut = found.new_cut
          from found
         where found.measure = cut.measure
    ), crossed as (
        select moved.org, theme,
               coalesce((new_key < new_cut)::int, 0) - coalesce((old_key < old_cut)::int, 0) as step
          from moved join found using (measure)
        union all
        select figure.org, theme, case when new_cut > old_cut then 1 else -1 end
          from found
          join figure on figure.measure = found.measure
                     and key >= least(old_cut, new_cut) and key < greatest(old_cut, new_cut)
         where not exists (select from moved where moved.measure = figure.measure and moved.org = figure.org)
    ), net as (
        select org,
               coalesce(sum(step) filter (where theme = 0), 0) as t0,
               coalesce(sum(step) filter (where theme = 1), 0) as t1,
               coalesce(sum(step) filter (where theme = 2), 0) as t2,
               coalesce(sum(step) filter (where theme = 3), 0) as t3,
               coalesce(sum(step) filter (where theme = 4), 0) as t4
          from crossed
         where step <> 0
         group by org
    )
    update verdict
       set t0 = verdict.t0 + net.t0, t1 = verdict.t1 + net.t1, t2 = verdict.t2 + net.t2,
           t3 = verdict.t3 + net.t3, t4 = verdict.t4 + net.t4
      from net
     where net.org = verdict.org and (net.t0, net.t1, net.t2, net.t3, net.t4) <> (0, 0, 0, 0, 0);
    return null;
end $$;

create trigger follow after update on figure
    referencing old table as earlier new table as later
    for each statement execute function follow();
