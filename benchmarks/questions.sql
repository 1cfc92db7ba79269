-- poster: NGC targets of WFC3/UVIS in January 2015
SELECT master.rootname, uvisflt_0.targname, uvisflt_0.exptime, uvisflt_0.ra_targ,
       uvisflt_0.dec_targ, uvisflt_0.filter
FROM quicklook.master JOIN quicklook.uvisflt_0 USING (rootname)
WHERE uvisflt_0.targname LIKE 'NGC%'
  AND uvisflt_0.date_obs > '2015-01-01' AND uvisflt_0.date_obs < '2015-01-30';

-- the same, of all instruments
SELECT rootname, instrument, target_name, exp_time_s, filter FROM observations
WHERE target_name LIKE 'NGC%' AND date_obs > '2015-01-01' AND date_obs < '2015-01-30';

-- filters of a rootname
SELECT filter1, filter2 FROM acsql.wfc_raw_0 WHERE rootname = 'j0004e00q';

-- filter distribution of a target
SELECT filter1, filter2, count(*) FROM acsql.wfc_raw_0 WHERE targname = 'NGC104'
GROUP BY filter1, filter2;

-- rootnames of a target
SELECT rootname, filename, targname FROM acsql.wfc_raw_0 WHERE targname = 'NGC104';

-- files made with a bias reference file
SELECT filename FROM acsql.wfc_raw_0 WHERE biasfile = 'jref$06u15056j_bia.fits';

-- GOODMEAN of both chips of a visit
SELECT master.rootname, wfc_flt_1.goodmean, wfc_flt_4.goodmean
FROM acsql.master
JOIN acsql.wfc_flt_1 USING (rootname) JOIN acsql.wfc_flt_4 USING (rootname)
WHERE master.rootname LIKE 'j0004e%';

-- rootnames with post-flash
SELECT rootname, flashdur FROM acsql.wfc_raw_0
WHERE flashdur > 0 AND targname <> 'DARK';

-- file names in a range of dates
SELECT filename FROM acsql.wfc_raw_0 WHERE date_obs BETWEEN '2012-05-01' AND '2012-05-07';

-- rootnames of a proposal in no association
SELECT rootname FROM acsql.master JOIN acsql.wfc_raw_0 USING (rootname)
WHERE proposid = 10300 AND asn_id = 'NONE';

-- files of an exposure, by its first eight characters
SELECT * FROM acsql.datasets WHERE rootname LIKE 'j0004e00%';

-- headers of an exposure, by its first eight characters
SELECT * FROM acsql.wfc_flt_4 WHERE rootname8 = 'j0004e00';

-- exposures in a square degree
SELECT rootname, instrument, target_name, ra_deg, dec_deg FROM observations
WHERE ra_deg BETWEEN 187 AND 188 AND dec_deg BETWEEN 41 AND 42;

-- the web form: target, exposure time, image type
SELECT rootname, detector, proposal_type, proposid, filter1, filter2, exptime, targname
FROM acsql.master JOIN acsql.wfc_raw_0 USING (rootname, detector)
WHERE targname LIKE 'NGC10%' AND exptime BETWEEN 100 AND 500 AND imagetyp = 'EXT'
UNION ALL
SELECT rootname, detector, proposal_type, proposid, filter1, filter2, exptime, targname
FROM acsql.master JOIN acsql.hrc_raw_0 USING (rootname, detector)
WHERE targname LIKE 'NGC10%' AND exptime BETWEEN 100 AND 500 AND imagetyp = 'EXT'
UNION ALL
SELECT rootname, detector, proposal_type, proposid, filter1, filter2, exptime, targname
FROM acsql.master JOIN acsql.sbc_raw_0 USING (rootname, detector)
WHERE targname LIKE 'NGC10%' AND exptime BETWEEN 100 AND 500 AND imagetyp = 'EXT';

-- exposures of a proposal with a filter
SELECT rootname, target_name, exp_time_s FROM observations
WHERE proposal_id = 10301 AND filter = 'F814W';

-- darks of a month
SELECT rootname, exptime, darkfile FROM acsql.wfc_flt_0
WHERE targname = 'DARK' AND date_obs LIKE '2014-06%';
