-- Rows of a team's archive as the site has it, the same every time: four instruments in turn, with
-- four files each, 80 exposures to a proposal, and six more that the archive lists. Nearly all came
-- in at once, what was observed since then night by night.

CREATE TEMPORARY TABLE generated ON COMMIT DROP AS
SELECT drawn.*, ra, dec, cell,
       lower(target) AS slug,
       CASE WHEN age < interval '1 year' AND luck % 3 > 0 THEN day + interval '1 year'
            ELSE day END AS released,
       CASE WHEN number < 0.95 * :count
            THEN now() - interval '430 days' + interval '1 hour' * (luck % 700)
            ELSE day + interval '1 day' END AS ingested,
       to_char(day, 'YYYY-MM-DD') AS date_obs, extract(julian FROM day) - 2400001 AS mjd,
       begin || visit || lpad(to_hex(place % 80), 2, '0')
           || CASE WHEN place % 5 = 0 THEN '0' ELSE 'q' END AS rootname,
       CASE WHEN place % 5 < 4 THEN begin || lpad((place % 80 / 5 * 5 / 8 + 1)::text, 2, '0')
           || lpad(to_hex(place % 80 / 5 * 5), 2, '0') || '0' END AS asn_id
FROM (
    SELECT number, day, age, luck, chance, number / 4 AS place,
           8000 + number / 320 * 4 + number % 4 AS proposal,
           lpad((number / 4 % 80 / 8 + 1)::text, 2, '0') AS visit,
           (ARRAY['acs', 'wfc3', 'cos', 'stis'])[1 + number % 4] AS instrument,
           (ARRAY['j', 'i', 'l', 'o'])[1 + number % 4] || lpad(to_hex(number / 320), 3, '0')
               AS begin,
           (CASE number % 4 WHEN 0 THEN ARRAY['WFC', 'WFC', 'WFC', CASE WHEN
                     age > interval '19 years' THEN 'HRC' ELSE 'WFC' END, 'SBC']
                 WHEN 1 THEN ARRAY['UVIS', 'UVIS', 'UVIS', 'IR', 'IR']
                 WHEN 2 THEN ARRAY['FUV', 'FUV', 'FUV', 'NUV', 'NUV']
                 ELSE ARRAY['CCD', 'CCD', 'FUV-MAMA', 'NUV-MAMA', 'CCD'] END)[1 + luck % 5]
               AS detector,
           CASE WHEN chance < 20 THEN 'DARK' WHEN chance < 30 THEN 'BIAS'
                WHEN chance < 60 THEN 'NGC' || 1 + luck % 300
                ELSE 'FIELD-' || luck % 20000 END AS target,
           CASE WHEN chance < 20 THEN 'DARK' WHEN chance < 30 THEN 'BIAS' ELSE 'EXT' END
               AS imagetyp,
           (ARRAY['F606W', 'F814W', 'F435W', 'F475W', 'F850LP', 'F502N'])[1 + luck % 6] AS filter,
           (ARRAY[339.0, 500.0, 30.0, 1200.0])[1 + luck % 4] AS exptime,
           CASE WHEN luck % 50 = 0 THEN 6.5 ELSE 0.0 END AS flashdur,
           'jref$' || lpad((number / 400)::text, 2, '0') || 'u15056j_bia.fits' AS biasfile
    FROM generate_series(0, :count - 1) AS number,
         LATERAL (SELECT date_trunc('second', now()) - interval '8600 days'
                         * ((:count - number)::float / :count) AS day) AS of_day,
         LATERAL (SELECT now() - day AS age) AS of_age,
         LATERAL (SELECT (hashint4(number)::bigint + 2147483648) / 100 AS luck,
                         (hashint4(number)::bigint + 2147483648) % 100 AS chance) AS of_luck
) AS drawn JOIN places ON which = luck % 20000;

INSERT INTO proposals (proposal_id, proposal_type, title, investigator_last, investigator_first,
    cycle, source, ingest_date)
SELECT proposal, 'GO', 'The ' || min(target) || ' of proposal ' || proposal, 'Hale', 'George',
    1 + proposal / 500, 'archive', now() FROM generated GROUP BY proposal;

INSERT INTO observations (rootname, instrument, detector, proposal_id, proposal_type, target_name,
    target, ra_deg, dec_deg, sky_cell, obs_type, image_type, exposure_type, exp_flag, exp_start_mjd,
    date_obs, exp_time_s, aperture, filter, opt_elem, association, visit, path, first_ingest_date,
    last_ingest_date, public_from, has_undated)
SELECT rootname, instrument, detector, proposal, 'GO', target, slug, ra, dec, cell, 'IMAGING',
    imagetyp, 'EXTERNAL/SCI', 'NORMAL', mjd, date_obs, exptime, detector, filter,
    CASE WHEN instrument IN ('cos', 'stis') THEN 'G140L' END, asn_id, visit,
    '/archive/' || left(rootname, 4) || '/' || rootname, ingested, ingested, released,
    luck % 997 = 0 FROM generated;

CREATE TEMPORARY TABLE generated_files ON COMMIT DROP AS
SELECT rootname || '_' || filetype || '.fits' AS filename, rootname, filetype, released, ingested
FROM generated, unnest(
    CASE instrument WHEN 'cos' THEN ARRAY['rawtag_a', 'corrtag_a', 'x1d', 'spt']
                    WHEN 'stis' THEN ARRAY['raw', 'x1d', 'sx2', 'spt']
                    ELSE ARRAY['raw', 'flt', 'flc', 'spt'] END
) AS filetype;

INSERT INTO products (filename, rootname, dataset, uri, size_bytes, access, released_at, listed_at)
SELECT filename, rootname, rootname, 'mast:HST/product/' || filename, 168000000,
    CASE WHEN released > now() THEN 'proprietary' ELSE 'public' END, released, now()
FROM generated_files;

INSERT INTO products (filename, rootname, dataset, uri, size_bytes, access, released_at, listed_at)
SELECT name || '_' || filetype || '.fits', name, name, 'mast:HST/product/' || name, 168000000,
    'public', released, now()
FROM (SELECT begin, max(released) AS released FROM generated GROUP BY begin) AS of_proposal,
    generate_series(1, 6) AS more, unnest(ARRAY['raw', 'spt']) AS filetype,
    LATERAL (SELECT begin || '110' || more || 'q' AS name) AS not_retrieved;

INSERT INTO files (filename, rootname, filetype, kind, path, size_bytes, sha256, ingest_date)
SELECT filename, rootname, filetype, CASE WHEN filetype LIKE 'raw%' THEN 'raw' ELSE 'calibrated' END,
    '/archive/' || left(rootname, 4) || '/' || rootname || '/' || filename, 168000000,
    encode(sha256(filename::bytea), 'hex'), ingested FROM generated_files;

INSERT INTO previews (filename, number, rootname, filetype, kind, extver, path, thumbnail_path,
    width, height, is_preferred, ingest_date)
SELECT filename, 1, rootname, filetype, 'image', 1, :folder || '/picture.jpg',
    :folder || '/picture.thumb', 4096, 4096, true, ingested
FROM generated_files WHERE filetype IN ('flt', 'x1d');

INSERT INTO outcomes (asset, key, status, reason, decided_at, changed_at, remarks)
SELECT instrument || '/' || step, rootname, status,
    CASE WHEN status <> 'made' THEN 'The archive does not hand it out yet.' END,
    ingested + interval '1 hour', ingested + interval '1 hour',
    CASE WHEN luck % 50 = 0 AND step = 'header_tables' THEN 'One card is odd.' END
FROM generated,
     unnest(ARRAY['raw_files', 'calibrated_files', 'header_tables', 'previews', 'statistics']) AS step,
     LATERAL (SELECT CASE WHEN released > now() AND step LIKE '%files' THEN 'missing'
                          WHEN luck % 200 = 0 THEN 'bad' ELSE 'made' END AS status) AS of_status;

INSERT INTO image_statistics (filename, extver, amplifier, rootname, instrument, detector, chip,
    filetype, image_type, exp_start_mjd, exp_time_s, binning, is_subarray, pixels, good_pixels,
    mean, median, ingest_date)
SELECT rootname || '_flt.fits', extver, 'A', rootname, instrument, detector, extver, 'flt', imagetyp,
    mjd, exptime, 1, false, 4000000, 3900000, chance, chance, ingested
FROM generated, generate_series(1, 2) AS extver WHERE instrument IN ('acs', 'wfc3');

INSERT INTO people (person, role, sees_everything)
SELECT 'reader' || number, 'flagger', number % 2 = 0 FROM generate_series(0, :people - 1) AS number;

INSERT INTO proposal_access (person, proposal_id, granted_by)
SELECT person, proposal, person FROM people,
    (SELECT DISTINCT proposal FROM generated ORDER BY proposal DESC LIMIT 10) AS newest;

INSERT INTO anomaly_flags (rootname, kind, set_by, set_at, unset_by, unset_at)
SELECT rootname, kinds[CASE WHEN luck % 5 < 3 THEN 1 ELSE 1 + luck / 20 % cardinality(kinds) END],
    'reader0', ingested + interval '9 hours', CASE WHEN luck % 11 = 0 THEN 'reader1' END,
    CASE WHEN luck % 11 = 0 THEN ingested + interval '10 hours' END
FROM generated JOIN (
    SELECT instrument, array_agg(kind ORDER BY position) AS kinds FROM anomaly_kinds
    GROUP BY instrument
) AS of_instrument USING (instrument)
WHERE luck % 20 = 0;

INSERT INTO looks (rootname, person, looked_at)
SELECT rootname, person, ingested + interval '9 hours'
FROM generated, (SELECT person, row_number() OVER () AS turn FROM people) AS somebody
WHERE (luck + turn * 7919) % 50 = 0;

INSERT INTO comments (rootname, text, written_by)
SELECT rootname, 'A trail through both chips', 'reader0' FROM generated WHERE luck % 200 = 0;

INSERT INTO monitor_states (monitor, title, state, summary, exposures, changed_at, page, ingest_date)
SELECT 'monitor_' || number, 'Monitor ' || number, 'ok', 'All is well.', number, now(), 'x', now()
FROM generate_series(1, 9) AS number;

INSERT INTO runs (id, command, started_at, ended_at, exit_status)
SELECT 'materialize_' || number, 'hstql materialize', now() - interval '1 hour' * number, now(), 0
FROM generate_series(1, 500) AS number;
