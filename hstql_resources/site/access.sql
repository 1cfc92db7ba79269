-- What policies of the site ask. The transaction of a request names the person, how it was let in,
-- and whether exposures without a date are open; without a name nothing closed is seen.
CREATE OR REPLACE FUNCTION site_setting(name text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT nullif(current_setting('hstql.' || name, true), '') $$;

CREATE OR REPLACE FUNCTION site_person() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT public.site_setting('person') $$;

CREATE OR REPLACE FUNCTION site_role() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT CASE WHEN site_setting('is_local') = 'yes' THEN 'admin'
           ELSE (SELECT role FROM people WHERE person = site_person()) END
$$;

CREATE OR REPLACE FUNCTION site_sees_all() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce(site_setting('is_local') = 'yes', false)
        OR coalesce((SELECT sees_everything FROM people WHERE person = site_person()), false)
$$;

CREATE OR REPLACE FUNCTION site_shows_undated() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT coalesce(public.site_setting('undated') = 'public', false) $$;

CREATE OR REPLACE FUNCTION site_proposals() RETURNS int[] LANGUAGE sql STABLE PARALLEL SAFE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce(array_agg(proposal_id), '{}') FROM proposal_access
    WHERE person = site_person() AND site_role() IS NOT NULL
$$;

-- As the policy of observations says, for functions that look at all of them.
CREATE OR REPLACE FUNCTION site_sees_rootname(name text) RETURNS boolean LANGUAGE sql STABLE
PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce((SELECT {observation} FROM observations WHERE rootname = name), false)
$$;

-- Its remarks say of those that were left out why they were.
CREATE OR REPLACE FUNCTION site_sees_composite(slug text, name text) RETURNS boolean LANGUAGE sql STABLE
PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce(bool_and(site_sees_rootname(rootname)), false)
    FROM composite_members WHERE target = slug AND (filename = name OR filename IS NULL)
$$;

-- A decision about a target may name any exposure of it.
CREATE OR REPLACE FUNCTION site_sees_target(slug text) RETURNS boolean LANGUAGE sql STABLE
PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce(bool_and({observation}), false) FROM observations WHERE target = slug
$$;

CREATE OR REPLACE FUNCTION site_sees_image(name text) RETURNS boolean LANGUAGE sql STABLE
PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce(bool_and(site_sees_rootname(rootname)), false)
    FROM cumulative_image_members WHERE image = name
$$;

CREATE OR REPLACE FUNCTION site_sees_set(name text) RETURNS boolean LANGUAGE sql STABLE
PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce(bool_and(site_sees_rootname(rootname)), false)
    FROM exposure_set_members WHERE set_key = name
$$;

-- For whom a program asks that shows a key.
CREATE OR REPLACE FUNCTION site_key_person(key_digest text) RETURNS text LANGUAGE sql STABLE
PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT person FROM program_keys WHERE digest = key_digest AND revoked_at IS NULL
$$;

-- What an exposure suffers from tells of those before it.
CREATE OR REPLACE FUNCTION site_sees_sufferer(name text) RETURNS boolean LANGUAGE sql STABLE
PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT site_sees_rootname(name)
        AND coalesce((SELECT bool_and(site_sees_rootname(stimulus))
                      FROM persistence_stimuli WHERE rootname = name), true)
$$;

-- All that others learn of an exposure that is closed to them.
CREATE OR REPLACE FUNCTION site_exists(name text) RETURNS boolean LANGUAGE sql STABLE
PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM observations WHERE rootname = name)
$$;

-- The exposures that the person may see of those in a row of which a text fits one of some patterns;
-- NULL where that is not for this function to say: of more rows than `most`, of tables that are
-- neither observations nor headers, of a pattern that may fail. LIKE
-- may fail and so tell of a row, which is why Postgres asks a policy first, of each row. Here nothing
-- but names leaves the function, those that the policy of observations lets through.
CREATE OR REPLACE FUNCTION site_find_like(relation text, name text, patterns text[], most int)
RETURNS text[] LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    place record;
    test text;
    found text[];
BEGIN
    SELECT attrelid, attnum INTO place FROM pg_class
    JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
    WHERE relnamespace = 'public'::regnamespace AND relname = relation AND attname = name
      AND atttypid = 'text'::regtype
      AND (relname = 'observations' OR EXISTS (
          SELECT FROM pg_inherits WHERE inhrelid = pg_class.oid AND inhparent = 'headers'::regclass));
    IF place.attnum IS NULL OR EXISTS (
        SELECT FROM unnest(patterns) AS one
        WHERE one IS NULL OR (length(one) - length(rtrim(one, '\'))) % 2 = 1)
    THEN
        RETURN NULL;
    END IF;
    test := format('%I LIKE ANY ($1)', name);
    IF EXISTS (SELECT FROM pg_index WHERE indrelid = place.attrelid AND indkey[0] = place.attnum
               AND indpred IS NULL) THEN -- it has each text, and rows of few of them are read
        test := format('%1$I = ANY (ARRAY(SELECT DISTINCT %1$I FROM %2$I WHERE %3$s))',
                       name, relation, test);
    END IF;
    EXECUTE format($statement$
        SELECT array_agg(rootname) FROM (
            SELECT rootname FROM %I AS one WHERE %s AND EXISTS (
                SELECT FROM observations WHERE observations.rootname = one.rootname
                AND ({observation}) OFFSET 0)
            LIMIT $2) AS few
    $statement$, relation, test)
    INTO found USING patterns, most + 1;
    RETURN CASE WHEN cardinality(found) > most THEN NULL ELSE coalesce(found, '{}') END;
END
$$;
