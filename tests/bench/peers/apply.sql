-- A group of figures, as arrays; of two for one place the later stands.
prepare apply(int[], int[], double precision[]) as
    update figure
       set key = latest.key
      from (select distinct on (given.measure, given.org)
                   given.measure, given.org,
                   case when measure.higher then given.value else - given.value end as key
              from unnest($1, $2, $3) with ordinality as given (measure, org, value, place)
              join measure on measure.id = given.measure
             order by given.measure, given.org, given.place desc) latest
     where figure.measure = latest.measure and figure.org = latest.org;
