-- What both ways of PostgreSQL share. A row stands for each figure that may come,
-- so that a figure is always an update; key: the figure turned so that less is worse.
create table measure (id int primary key, theme int not null, higher boolean not null);
create table figure (
    measure int not null,
    org int not null,
    key double precision,
    primary key (measure, org)
) with (fillfactor = 70);

-- The verdict of an organisation: how many of its measures are in the bottom
-- quartile, theme by theme, and the segment that follows.
create table verdict (
    org int primary key,
    t0 int not null default 0,
    t1 int not null default 0,
    t2 int not null default 0,
    t3 int not null default 0,
    t4 int not null default 0,
    segment int not null generated always as (
        case when t0 + t1 + t2 + t3 + t4 >= :count
              and (t0 > 0)::int + (t1 > 0)::int + (t2 > 0)::int + (t3 > 0)::int + (t4 > 0)::int >= 2
             then 3 else 2 end) stored
) with (fillfactor = 50);

-- What the daemon's alerts are: each change of a segment, once.
create table transition (
    id bigint generated always as identity,
    org int not null,
    before int not null,
    after int not null
);

create function note_transition() returns trigger language plpgsql as $$
begin
    insert into transition (org, before, after) values (new.org, old.segment, new.segment);
    return null;
end $$;

insert into measure select id, id % 5, id % 2 = 1 from generate_series(0, :measures - 1) id;
insert into figure (measure, org)
    select measure.id, org from measure, generate_series(0, :orgs - 1) org order by measure.id, org;
insert into verdict (org) select generate_series(0, :orgs - 1);
