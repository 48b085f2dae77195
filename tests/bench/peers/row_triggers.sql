-- Only what changed, by the usual trigger: for each row of a figure whose key changed it
-- brings the measure's quartile up to date, marks who crossed it and moves their counts.
-- It runs after the statement has changed all its figures, so the first of a measure moves
-- the quartile to where it stays, and each marks itself. Writers of one measure take turns.
create index figure_by_key on figure (measure, key);
alter table figure add bottom boolean not null default false;

create table cut (
    measure int primary key,
    theme int not null,
    n int not null,
    lo double precision,  -- the figures the quartile lies between
    hi double precision,
    cut double precision not null
) with (fillfactor = 50);

insert into cut (measure, theme, n, cut)
    select id, theme, count(key), coalesce(percentile_cont(0.25) within group (order by key), '-infinity')
      from measure left join figure on figure.measure = id
     group by id, theme;
update cut set lo = (select max(key) from figure where figure.measure = cut.measure and key <= cut.cut),
               hi = (select min(key) from figure where figure.measure = cut.measure and key >= cut.cut);
update figure set bottom = true from cut where cut.measure = figure.measure and key < cut.cut;

create function follow() returns trigger language plpgsql as $$
declare
    was cut;
    became cut;
    h double precision;
begin
    select * into was from cut where measure = new.measure for update;
    became := was;
    became.n := was.n + (new.key is not null)::int - (old.key is not null)::int;
    -- A figure that stays on its side of both neighbours moves no quartile; one that comes or goes does.
    if became.n <> was.n or (least(old.key, new.key) > was.hi or greatest(old.key, new.key) < was.lo) is not true then
        h := greatest((became.n - 1) * 0.25::double precision, 0);
        select min(key), max(key) into became.lo, became.hi
          from (select key from figure where measure = new.measure
                 order by key offset floor(h)::int limit 2) around;
        became.cut := coalesce(became.lo + (h - floor(h)) * (became.hi - became.lo), '-infinity');
        if became is distinct from was then
            update cut set n = became.n, lo = became.lo, hi = became.hi, cut = became.cut where measure = new.measure;
        end if;
    end if;
    if became.cut <> was.cut or new.bottom <> coalesce(new.key < became.cut, false) then
        with crossed as (
            update figure set bottom = not bottom
             where measure = new.measure and bottom <> coalesce(key < became.cut, false)
               and (org = new.org or key >= least(was.cut, became.cut) and key < greatest(was.cut, became.cut))
            returning org, case when bottom then 1 else -1 end as step
        )
        update verdict
           set t0 = t0 + case when was.theme = 0 then step else 0 end,
               t1 = t1 + case when was.theme = 1 then step else 0 end,
               t2 = t2 + case when was.theme = 2 then step else 0 end,
               t3 = t3 + case when was.theme = 3 then step else 0 end,
               t4 = t4 + case when was.theme = 4 then step else 0 end
          from crossed
         where verdict.org = crossed.org;
    end if;
    return null;
end $$;

create trigger follow after update of key on figure for each row
    when (old.key is distinct from new.key) execute function follow();
