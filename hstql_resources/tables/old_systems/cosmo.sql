-- One row per file of COS
CREATE VIEW cosmo.files AS
SELECT
    ID(filename) AS id, -- Computed from the name; file_id of the other tables is the same number
    FOLDER(path) AS path, -- Folder of the file
    filename AS name, -- Name of the file, without .gz
    CASE WHEN length(split_part(filename, '_', 1)) = 9 THEN split_part(filename, '_', 1)
    END AS rootname -- Exposure or association; NULL if the name begins with none
FROM files WHERE filename LIKE 'l%';

-- One row per x1d file
CREATE VIEW cosmo.data AS
SELECT
    ID(filename) AS id, -- Computed from the filename
    flux_mean_all AS flux_mean, -- Mean flux of all pixels of all rows, erg/s/cm2/Angstrom
    flux_max_all AS flux_max, -- Largest flux of them, erg/s/cm2/Angstrom
    flux_std_all AS flux_std, -- Standard deviation of the flux over them, erg/s/cm2/Angstrom
    wave_min AS wl_min, -- Shortest wavelength, Angstrom
    wave_max AS wl_max, -- Longest wavelength, Angstrom
    ID(filename) AS file_id -- id of the file in files
FROM spectrum_statistics WHERE filetype = 'x1d' AND filename LIKE 'l%';

-- One row per flash and segment of a lampflash file, and per rawacq with a lamp
CREATE VIEW cosmo.lampflash AS
SELECT
    ID(filename || ' ' || segment || ' ' || flash) AS id, -- Computed from what the row is of
    exp_start_mjd AS date, -- EXPSTART, MJD UTC, d
    rootname, -- Exposure, nine lower-case characters
    proposal_id AS proposid, -- PROPOSID
    detector, -- FUV or NUV
    CASE filetype WHEN 'rawacq' THEN 'N/A' ELSE segment
    END AS segment, -- FUVA, FUVB, NUVA, NUVB or NUVC; N/A of a rawacq file
    opt_elem, -- OPT_ELEM, grating or mirror
    cenwave, -- CENWAVE, Angstrom
    CASE filetype WHEN 'rawacq' THEN -1 ELSE fppos END AS fppos, -- FPPOS, 1 to 4; -1 of a rawacq file
    CASE WHEN filetype <> 'rawacq' THEN regexp_replace(lamptab, '^.*[$]', '')
    END AS lamptab, -- LAMPTAB, without lref$
    flash, -- Number of the flash, from 1
    CASE filetype WHEN 'rawacq' THEN shift_disp ELSE shift_without_fppos
    END AS x_shift, -- Shift along the dispersion without that of the FP-POS, pixel; NULL without LAMPTAB
    shift_xdisp AS y_shift, -- Shift across the dispersion, pixel
    filetype, -- lampflash or rawacq
    to_char(TIME(exp_start_mjd) + interval '500 microseconds', 'YYYY-MM-DD HH24:MI:SS.MS')
        AS cal_date, -- date as year, month, day and time
    CASE filetype WHEN 'rawacq' THEN false ELSE is_found END AS found, -- SPEC_FOUND; false of a rawacq file
    ID(filename) AS file_id -- id of the file in files
FROM osm_shifts;

-- One row per FUV event file and stretch of time
CREATE VIEW cosmo.stims AS
SELECT
    ID(filename || ' ' || bin) AS id, -- Computed from what the row is of
    start_s AS time, -- Start of the stretch since EXPSTART, s
    rootname, -- Exposure, nine lower-case characters
    exp_start_mjd + start_s / 86400 AS abs_time, -- Start of the stretch, MJD UTC, d
    coalesce(stim1_x, (-999.0)::double precision) AS stim1_x, -- Place of stim 1, RAWX, pixel; -999 if it was not seen
    coalesce(stim1_y, (-999.0)::double precision) AS stim1_y, -- Place of stim 1, RAWY, pixel; -999 if it was not seen
    coalesce(stim2_x, (-999.0)::double precision) AS stim2_x, -- Place of stim 2, RAWX, pixel; -999 if it was not seen
    coalesce(stim2_y, (-999.0)::double precision) AS stim2_y, -- Place of stim 2, RAWY, pixel; -999 if it was not seen
    counts::double precision AS counts, -- Events of the segment in the stretch
    segment, -- FUVA or FUVB
    ID(filename) AS file_id -- id of the file in files
FROM stim_pulses;

-- One row per corrtag file of a dark exposure and 25 s
CREATE VIEW cosmo.darks AS
SELECT
    ID(filename || ' ' || bin) AS id, -- Computed from what the row is of
    filename AS obsname, -- Name of the corrtag file, without .gz
    rootname, -- Exposure, nine lower-case characters
    detector, -- FUVA, FUVB or NUV
    year + (mid_mjd - (make_date(year, 1, 1) - date '1858-11-17'))
           / (make_date(year + 1, 1, 1) - make_date(year, 1, 1))
        AS date, -- Middle of the 25 s, decimal year UTC
    rate AS dark, -- Rate of events of pulse heights 3 to 22 (NUV: all), counts/s/pixel
    all_rate AS ta_dark, -- Rate of events of all pulse heights, counts/s/pixel
    latitude_deg AS latitude, -- Below the telescope, deg
    longitude_deg AS longitude, -- East longitude below the telescope, 0 to 360, deg
    sun_latitude_deg AS sun_lat, -- Latitude of the sub-solar point, deg
    sun_longitude_deg AS sun_lon, -- East longitude of the sub-solar point, 0 to 360, deg
    temperature_c AS temp, -- Temperature of the detector, Celsius
    ID(filename) AS file_id -- id of the file in files
FROM dark_rates
CROSS JOIN LATERAL (SELECT date_part('year', TIME(floor(mid_mjd)))::integer AS year) AS calendar
WHERE region IN ('main', 'whole');

-- One row per FUV corrtag file
CREATE VIEW cosmo.phd AS
SELECT
    ID(filename) AS id, -- Computed from the filename
    pha_0, -- Events of pulse height 0
    pha_1, -- Events of pulse height 1
    pha_2, -- Events of pulse height 2
    pha_3, -- Events of pulse height 3
    pha_4, -- Events of pulse height 4
    pha_5, -- Events of pulse height 5
    pha_6, -- Events of pulse height 6
    pha_7, -- Events of pulse height 7
    pha_8, -- Events of pulse height 8
    pha_9, -- Events of pulse height 9
    pha_10, -- Events of pulse height 10
    pha_11, -- Events of pulse height 11
    pha_12, -- Events of pulse height 12
    pha_13, -- Events of pulse height 13
    pha_14, -- Events of pulse height 14
    pha_15, -- Events of pulse height 15
    pha_16, -- Events of pulse height 16
    pha_17, -- Events of pulse height 17
    pha_18, -- Events of pulse height 18
    pha_19, -- Events of pulse height 19
    pha_20, -- Events of pulse height 20
    pha_21, -- Events of pulse height 21
    pha_22, -- Events of pulse height 22
    pha_23, -- Events of pulse height 23
    pha_24, -- Events of pulse height 24
    pha_25, -- Events of pulse height 25
    pha_26, -- Events of pulse height 26
    pha_27, -- Events of pulse height 27
    pha_28, -- Events of pulse height 28
    pha_29, -- Events of pulse height 29
    pha_30, -- Events of pulse height 30
    pha_31, -- Events of pulse height 31
    ID(filename) AS file_id -- id of the file in files
FROM pulse_heights;

-- One row per cumulative image and superpixel of 8 x 2 pixels with a gain
CREATE VIEW cosmo.gain AS
SELECT
    ID15(image || ' ' || x || ' ' || y) AS id, -- Computed from what the row is of
    x, -- Superpixel of 8 columns along the dispersion, 0 to 2047
    y, -- Superpixel of 2 rows across it, 0 to 511
    gain, -- Modal gain, pulse height
    all_counts::double precision AS counts, -- Events of all pulse heights
    width AS std, -- Gaussian width of the peak, pulse height
    segment, -- FUVA or FUVB
    high_voltage AS dethv, -- Commanded high-voltage level
    exp_start_mjd AS expstart, -- Start of the first exposure of the image, MJD UTC, d
    CASE WHEN image NOT LIKE 'fuv%' THEN ID(image || '.fits')
    END AS file_id -- id of the CCI file in files; NULL of an image that hstql made
FROM gain;

-- One row per rawacq file
CREATE VIEW cosmo.acqs AS
SELECT
    ID(filename) AS id, -- Computed from the filename
    rootname, -- Exposure, nine lower-case characters
    obset_id, -- OBSET_ID, visit; of the spt file where the rawacq has none
    line_number AS linenum, -- LINENUM
    exposure_type AS exptype, -- EXPTYPE, such as ACQ/IMAGE
    target_name AS target, -- TARGNAME
    ID(filename) AS file_id -- id of the file in files
FROM acquisitions;

-- One row per segment, high voltage and superpixel that lost its gain
CREATE VIEW cosmo.flagged AS
SELECT
    ID(segment || ' ' || high_voltage || ' ' || x || ' ' || y) AS id, -- Computed from what the row is of
    flagged_mjd AS mjd, -- Start of the first image with gain 3 or less, MJD UTC, d
    segment, -- FUVA or FUVB
    high_voltage AS dethv, -- Commanded high-voltage level
    x, -- Superpixel of 8 columns along the dispersion, 0 to 2047
    y -- Superpixel of 2 rows across it, 0 to 511
FROM flagged_pixels;

-- One row per segment, high voltage and superpixel whose gain makes a line
CREATE VIEW cosmo.gain_trends AS
SELECT
    ID(segment || ' ' || high_voltage || ' ' || x || ' ' || y) AS id, -- Computed from what the row is of
    projected_mjd AS mjd, -- When the line reaches gain 3, MJD UTC, d; NULL if it does not fall
    segment, -- FUVA or FUVB
    high_voltage AS dethv, -- Commanded high-voltage level
    x, -- Superpixel of 8 columns along the dispersion, 0 to 2047
    y, -- Superpixel of 2 rows across it, 0 to 511
    slope, -- Change of the gain, pulse height/d
    gain - slope * reference_mjd AS intercept -- Gain of the line at MJD 0, pulse height
FROM gain_trends;
