-- One row per exposure or association of {name}
CREATE VIEW {schema}.master AS
SELECT
    observation.rootname, -- Exposure or association, nine lower-case characters
    left(observation.rootname, 8) AS rootname8, -- First eight characters of the rootname
    observation.path, -- Folder that holds the files
    DAY(observation.first_ingest_date) AS first_ingest_date, -- Day on which hstql first saw it, UTC
    DAY(observation.last_ingest_date) AS last_ingest_date, -- Day on which hstql last wrote its row, UTC
    observation.detector, -- DETECTOR, such as WFC
    coalesce(proposal.proposal_type, observation.proposal_type) AS proposal_type -- PROP_TYP, such as GO or SNAP; what the archive says of it wins
FROM observations AS observation
LEFT JOIN proposals AS proposal ON proposal.proposal_id = observation.proposal_id
WHERE observation.instrument = '{instrument}';

-- One row per exposure or association of {name}: which files there are
CREATE VIEW {schema}.datasets AS
SELECT
    observation.rootname, -- Exposure or association, nine lower-case characters
    left(observation.rootname, 8) AS rootname8, -- First eight characters of the rootname
    datasets.raw, -- Name of the raw file; NULL if none
    datasets.flt, -- Name of the flt file; NULL if none
    datasets.flc, -- Name of the flc file; NULL if none
    datasets.ima, -- Name of the ima file; NULL if none
    datasets.spt, -- Name of the spt file; NULL if none
    datasets.drz, -- Name of the drz file; NULL if none
    datasets.drc, -- Name of the drc file; NULL if none
    datasets.crj, -- Name of the crj file; NULL if none
    datasets.crc, -- Name of the crc file; NULL if none
    datasets.jif, -- Name of the jif file; NULL if none
    datasets.jit, -- Name of the jit file; NULL if none
    datasets.asn -- Name of the asn file; NULL if none
FROM observations AS observation
LEFT JOIN LATERAL ( -- one index lookup for each observation that is asked for, never a sum over all files
    SELECT
        max(file.filename) FILTER (WHERE file.filetype = 'raw') AS raw,
        max(file.filename) FILTER (WHERE file.filetype = 'flt') AS flt,
        max(file.filename) FILTER (WHERE file.filetype = 'flc') AS flc,
        max(file.filename) FILTER (WHERE file.filetype = 'ima') AS ima,
        max(file.filename) FILTER (WHERE file.filetype = 'spt') AS spt,
        max(file.filename) FILTER (WHERE file.filetype = 'drz') AS drz,
        max(file.filename) FILTER (WHERE file.filetype = 'drc') AS drc,
        max(file.filename) FILTER (WHERE file.filetype = 'crj') AS crj,
        max(file.filename) FILTER (WHERE file.filetype = 'crc') AS crc,
        max(file.filename) FILTER (WHERE file.filetype = 'jif') AS jif,
        max(file.filename) FILTER (WHERE file.filetype = 'jit') AS jit,
        max(file.filename) FILTER (WHERE file.filetype = 'asn') AS asn
    FROM files AS file WHERE file.rootname = observation.rootname
) AS datasets ON true
WHERE observation.instrument = '{instrument}';

-- One row per input image of a drizzled image of {name}
CREATE VIEW {schema}.drizzle_data AS
SELECT
    rootname, -- Exposure or association, nine lower-case characters
    left(rootname, 8) AS rootname8, -- First eight characters of the rootname
    filename, -- Name of the drizzled file
    drizzle_index, -- Number of the input image, from 1
    ver, -- DnnnVER
    geom, -- DnnnGEOM
    data, -- DnnnDATA
    dexp, -- DnnnDEXP
    ouda, -- DnnnOUDA
    ouwe, -- DnnnOUWE
    ouco, -- DnnnOUCO
    mask, -- DnnnMASK
    wtsc, -- DnnnWTSC
    kern, -- DnnnKERN
    pixf, -- DnnnPIXF
    coef, -- DnnnCOEF
    scal, -- DnnnSCAL
    iscl, -- DnnnISCL
    fval, -- DnnnFVAL
    ouun, -- DnnnOUUN
    wkey -- DnnnWKEY
FROM drizzle_data
WHERE rootname LIKE '{letter}%';
