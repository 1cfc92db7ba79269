-- One row per TIME-TAG exposure with events that are not bad
CREATE VIEW hstlc.metadata AS
SELECT
    ID(observation.rootname) AS id, -- Computed from the rootname; outputs.metadata_id is the same number
    events.filename, -- Event file, without .gz; of an FUV pair the A file, B if A cannot be used
    FOLDER(events.path) AS path, -- Folder of the event file
    DAY(events.ingest_date) AS ingest_date, -- Day on which hstql last wrote the row of the file, UTC
    'HST' AS telescop, -- HST
    upper(coalesce(observation.instrument, '')) AS instrume, -- Instrument in upper case, such as COS
    target.resolved_name AS targname, -- Resolved name of the target, the same for all its exposures
    coalesce(events.cal_ver, '') AS cal_ver, -- CAL_VER, version of the calibration pipeline
    coalesce(observation.obs_type, '') AS obstype, -- OBSTYPE, such as SPECTROSCOPIC
    CASE WHEN observation.obs_type = 'IMAGING' THEN 0
         ELSE coalesce(observation.cenwave, 0)
    END AS cenwave, -- CENWAVE, central wavelength, Angstrom; 0 for imaging
    coalesce(observation.aperture, '') AS aperture, -- APERTURE, such as PSA
    coalesce(observation.detector, '') AS detector, -- DETECTOR, such as FUV
    coalesce(observation.opt_elem, '') AS opt_elem, -- OPT_ELEM, grating or mirror
    CASE WHEN observation.instrument = 'stis' THEN 0
         ELSE coalesce(observation.fppos, 0)
    END AS fppos -- FPPOS, grating offset position 1 to 4; 0 for STIS
FROM observations AS observation
JOIN target_names AS target ON target.rootname = observation.rootname
JOIN LATERAL (
    SELECT file.filename, file.rootname, file.filetype, file.kind, file.path, file.size_bytes,
           file.sha256, file.cal_ver, file.ingest_date
    FROM files AS file
    WHERE file.rootname = observation.rootname
      AND file.filetype IN ('corrtag_a', 'corrtag_b', 'corrtag', 'tag')
      AND NOT EXISTS (SELECT FROM bad_data AS bad WHERE bad.filename = file.filename)
    ORDER BY array_position(ARRAY['corrtag_a', 'corrtag_b', 'corrtag', 'tag'], file.filetype)
    LIMIT 1
) AS events ON true;

-- One row per exposure with a lightcurve
CREATE VIEW hstlc.outputs AS
SELECT
    metadata.id, -- The same as metadata_id
    metadata.id AS metadata_id, -- id of the exposure in metadata
    FOLDER(lightcurve.path) AS individual_path, -- Folder of the lightcurve of the exposure
    NAME(lightcurve.path) AS individual_filename, -- Name of the lightcurve of the exposure
    FOLDER(composite.path) AS composite_path, -- Folder of the composite; NULL if the exposure is part of none
    composite.filename AS composite_filename -- Name of the composite; NULL if the exposure is part of none
FROM hstlc.metadata AS metadata
JOIN lightcurves AS lightcurve ON ID(lightcurve.rootname) = metadata.id
LEFT JOIN composite_members AS member
       ON member.rootname = lightcurve.rootname AND member.target = lightcurve.target
LEFT JOIN composites AS composite ON composite.filename = member.filename;

-- One row per file that is left out
CREATE VIEW hstlc.bad_data AS
SELECT
    ID(filename) AS id, -- Computed from the filename
    filename, -- Name of the file, without .gz
    DAY(ingest_date) AS ingest_date, -- Day on which it was found bad, UTC
    reason -- One of the six reasons of hstlc, or one that only hstql knows
FROM bad_data;

-- One row per lightcurve, of an exposure or composite, that was measured
CREATE VIEW hstlc.stats AS
SELECT
    ID(statistics.filename) AS id, -- Computed from the filename
    FOLDER(coalesce(composite.path, lightcurve.path)) AS lightcurve_path, -- Folder of the lightcurve
    statistics.filename AS lightcurve_filename, -- Name of the lightcurve
    CASE WHEN abs(statistics.total) < 9e18 THEN round(statistics.total)::bigint
         ELSE 0
    END AS total, -- Sum over all bins, counts
    statistics.mean, -- Mean per bin, counts
    statistics.mu, -- Square root of the mean, counts
    statistics.stdev, -- Standard deviation of the bins, counts
    statistics.poisson_factor, -- stdev / mu, dimensionless
    statistics.pearson_r, -- Correlation of counts with time, dimensionless
    statistics.pearson_p, -- Probability of such a correlation by chance, dimensionless
    coalesce(statistics.periodogram, false) AS periodogram, -- Whether the periodogram has a significant peak by the rule of hstlc
    statistics.deliver -- Whether the file is fit to be handed on
FROM statistics AS statistics
LEFT JOIN lightcurves AS lightcurve ON lightcurve.rootname = statistics.rootname
LEFT JOIN composites AS composite
       ON statistics.kind = 'composite' AND composite.filename = statistics.filename
WHERE coalesce(composite.path, lightcurve.path) IS NOT NULL;
