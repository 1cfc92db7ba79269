-- Rows of observations, the same every time, half of them ACS, in the order of time.

CREATE TEMPORARY TABLE generated ON COMMIT DROP AS
SELECT number, instrument, detector, rootname, chance,
       CASE WHEN chance < 30 THEN 'DARK' WHEN chance < 45 THEN 'BIAS'
            WHEN chance < 70 THEN 'NGC' || 1 + luck % 300
            WHEN chance < 80 THEN 'ANY' ELSE 'FIELD-' || luck % 20000 END AS target,
       CASE WHEN chance < 30 THEN 'DARK' WHEN chance < 45 THEN 'BIAS' ELSE 'EXT' END AS imagetyp,
       to_char(day, 'YYYY-MM-DD') AS date_obs, extract(julian FROM day) - 2400001 AS mjd,
       10000 + number / 50 AS proposal,
       (ARRAY['F606W', 'F814W', 'F435W', 'F475W', 'F850LP', 'F502N'])[1 + luck % 6] AS filter,
       (ARRAY[339.0, 500.0, 30.0, 1200.0])[1 + luck % 4] AS exptime,
       luck % 360000 / 1000.0 AS ra, luck % 170000 / 1000.0 - 85 AS dec,
       CASE WHEN luck % 3 = 0 THEN 'NONE' ELSE upper(left(rootname, 6)) || '010' END AS asn_id,
       CASE WHEN luck % 50 = 0 THEN 6.5 ELSE 0.0 END AS flashdur,
       'jref$' || lpad((number / 400)::text, 2, '0') || 'u15056j_bia.fits' AS biasfile
FROM (
    SELECT number, day, (hashint4(number)::bigint + 2147483648) / 100 AS luck,
           (hashint4(number)::bigint + 2147483648) % 100 AS chance,
           CASE WHEN number % 2 = 0 THEN 'acs' ELSE 'wfc3' END AS instrument,
           CASE WHEN number % 2 = 0 THEN 'WFC' ELSE 'UVIS' END AS detector,
           CASE WHEN number % 2 = 0 THEN 'j' ELSE 'i' END
               || lpad(to_hex(number * 16), 7, '0') || 'q' AS rootname
    FROM generate_series(0, :count - 1) AS number,
         LATERAL (SELECT timestamp '2002-03-07' + interval '8600 days' * number / :count AS day)
) AS drawn;

INSERT INTO observations (rootname, instrument, detector, proposal_id, proposal_type, target_name,
    ra_deg, dec_deg, obs_type, image_type, exp_flag, exp_start_mjd, date_obs, exp_time_s, aperture,
    filter, association, path, first_ingest_date, last_ingest_date)
SELECT rootname, instrument, detector, proposal, 'GO', target, ra, dec, 'IMAGING', imagetyp,
    'NORMAL', mjd, date_obs, exptime, detector, filter, lower(nullif(asn_id, 'NONE')),
    '/archive/' || left(rootname, 4) || '/' || rootname, now(), now() FROM generated;

INSERT INTO files (filename, rootname, filetype, kind, path, size_bytes, sha256, ingest_date)
SELECT rootname || '_' || filetype || '.fits', rootname, filetype, 'raw',
    '/archive/' || left(rootname, 4) || '/' || rootname || '/' || rootname || '_' || filetype
    || '.fits', 168000000, encode(sha256((rootname || filetype)::bytea), 'hex'), now()
FROM generated, unnest(ARRAY['raw', 'flt', 'flc', 'spt', 'jif']) AS filetype;
