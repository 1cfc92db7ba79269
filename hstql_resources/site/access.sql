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
