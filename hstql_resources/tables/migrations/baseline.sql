-- The tables as they were when migrations began. It never changes: later ones add to it.

CREATE TABLE acquisitions (
    filename text NOT NULL,
    rootname text NOT NULL,
    exposure_type text,
    exp_start_mjd double precision,
    proposal_id integer,
    obset_id text,
    line_number text,
    target_name text,
    detector text,
    opt_elem text,
    cenwave integer,
    aperture text,
    life_adj integer,
    obs_type text,
    shutter text,
    status text,
    extended text,
    events double precision,
    lamp_events double precision,
    slew_x_arcsec double precision,
    slew_y_arcsec double precision,
    v2_arcsec double precision,
    v3_arcsec double precision,
    guide_star text,
    fgs text,
    second_guide_star text,
    ingest_date timestamp with time zone NOT NULL,
    CONSTRAINT acquisitions_pkey PRIMARY KEY (filename)
);
CREATE INDEX acquisitions_rootname_idx ON acquisitions (rootname);

CREATE TABLE bad_data (
    filename text NOT NULL,
    rootname text,
    reason text NOT NULL,
    detail text,
    step text,
    ingest_date timestamp with time zone NOT NULL,
    CONSTRAINT bad_data_pkey PRIMARY KEY (filename)
);
CREATE INDEX bad_data_reason_idx ON bad_data (reason);
CREATE INDEX bad_data_rootname_idx ON bad_data (rootname);

CREATE TABLE composite_members (
    target text NOT NULL,
    rootname text NOT NULL,
    made_at timestamp with time zone NOT NULL,
    filename text,
    dataset integer,
    note text,
    CONSTRAINT composite_members_pkey PRIMARY KEY (target, rootname)
);

CREATE TABLE composites (
    target text NOT NULL,
    instrument text NOT NULL,
    detector text NOT NULL,
    opt_elem text NOT NULL,
    cenwave integer NOT NULL,
    aperture text NOT NULL,
    path text NOT NULL,
    filename text NOT NULL,
    exposures integer NOT NULL,
    bin_s double precision NOT NULL,
    bins integer NOT NULL,
    gross_counts bigint NOT NULL,
    background_counts double precision,
    is_flux_calibrated boolean NOT NULL,
    is_background_subtracted boolean NOT NULL,
    exposure_s double precision NOT NULL,
    exp_start_mjd double precision NOT NULL,
    exp_end_mjd double precision NOT NULL,
    wave_min double precision,
    wave_max double precision,
    ingest_date timestamp with time zone NOT NULL,
    CONSTRAINT composites_filename_key UNIQUE (filename),
    CONSTRAINT composites_pkey PRIMARY KEY (target, instrument, detector, opt_elem, cenwave, aperture)
);

CREATE TABLE cumulative_image_members (
    filename text NOT NULL,
    rootname text NOT NULL,
    image text NOT NULL,
    segment text NOT NULL,
    high_voltage integer NOT NULL,
    exp_start_mjd double precision NOT NULL,
    exp_time_s double precision NOT NULL,
    CONSTRAINT cumulative_image_members_pkey PRIMARY KEY (filename)
);
CREATE INDEX cumulative_image_members_image_idx ON cumulative_image_members (image);
CREATE INDEX cumulative_image_members_rootname_idx ON cumulative_image_members (rootname);

CREATE TABLE cumulative_images (
    image text NOT NULL,
    source text NOT NULL,
    segment text NOT NULL,
    high_voltage integer NOT NULL,
    exp_start_mjd double precision NOT NULL,
    exp_end_mjd double precision NOT NULL,
    exp_time_s double precision NOT NULL,
    files integer NOT NULL,
    counts integer NOT NULL,
    superpixels integer NOT NULL,
    members text NOT NULL,
    path text NOT NULL,
    ingest_date timestamp with time zone NOT NULL,
    CONSTRAINT cumulative_images_pkey PRIMARY KEY (image)
);

CREATE TABLE dark_rates (
    filename text NOT NULL,
    region text NOT NULL,
    bin integer NOT NULL,
    rootname text NOT NULL,
    detector text NOT NULL,
    start_mjd double precision NOT NULL,
    mid_mjd double precision NOT NULL,
    live_time_s double precision NOT NULL,
    pixels integer NOT NULL,
    counts integer NOT NULL,
    all_counts integer NOT NULL,
    rate double precision,
    rate_error double precision,
    all_rate double precision,
    all_rate_error double precision,
    latitude_deg double precision,
    longitude_deg double precision,
    sun_latitude_deg double precision,
    sun_longitude_deg double precision,
    temperature_c double precision,
    is_in_saa boolean,
    ingest_date timestamp with time zone NOT NULL,
    CONSTRAINT dark_rates_pkey PRIMARY KEY (filename, region, bin)
);
CREATE INDEX dark_rates_rootname_idx ON dark_rates (rootname);

CREATE TABLE drizzle_data (
    filename text NOT NULL,
    ext integer NOT NULL,
    drizzle_index integer NOT NULL,
    rootname text NOT NULL,
    ver text,
    geom text,
    data text,
    dexp double precision,
    ouda text,
    ouwe text,
    ouco text,
    mask text,
    wtsc double precision,
    kern text,
    pixf double precision,
    coef text,
    scal double precision,
    iscl double precision,
    fval text,
    ouun text,
    wkey text,
    CONSTRAINT drizzle_data_pkey PRIMARY KEY (filename, ext, drizzle_index)
);
CREATE INDEX drizzle_data_rootname_idx ON drizzle_data (rootname);

CREATE TABLE files (
    filename text NOT NULL,
    rootname text NOT NULL,
    filetype text NOT NULL,
    kind text NOT NULL,
    path text NOT NULL,
    size_bytes bigint NOT NULL,
    sha256 text,
    cal_ver text,
    ingest_date timestamp with time zone NOT NULL,
    origin text,
    archived_at timestamp with time zone,
    reference_files jsonb,
    CONSTRAINT files_pkey PRIMARY KEY (filename),
    CONSTRAINT files_kind_check CHECK ((kind = ANY (ARRAY['raw'::text, 'calibrated'::text])))
);
CREATE INDEX files_rootname_idx ON files (rootname);

CREATE TABLE flagged_pixels (
    segment text NOT NULL,
    high_voltage integer NOT NULL,
    x integer NOT NULL,
    y integer NOT NULL,
    flagged_mjd double precision NOT NULL,
    gain double precision NOT NULL,
    gain_error double precision NOT NULL,
    image text NOT NULL,
    CONSTRAINT flagged_pixels_pkey PRIMARY KEY (segment, high_voltage, x, y)
);

CREATE TABLE gain (
    image text NOT NULL,
    x integer NOT NULL,
    y integer NOT NULL,
    segment text NOT NULL,
    high_voltage integer NOT NULL,
    exp_start_mjd double precision NOT NULL,
    gain double precision NOT NULL,
    gain_error double precision NOT NULL,
    width double precision NOT NULL,
    width_error double precision,
    counts integer NOT NULL,
    all_counts integer NOT NULL,
    quality double precision NOT NULL,
    CONSTRAINT gain_pkey PRIMARY KEY (image, x, y)
);
CREATE INDEX gain_segment_high_voltage_x_y_idx ON gain (segment, high_voltage, x, y);

CREATE TABLE gain_sag_tables (
    filename text NOT NULL,
    is_blue boolean NOT NULL,
    made_at timestamp with time zone NOT NULL,
    regions integer NOT NULL,
    previous text,
    new_regions integer,
    removed_regions integer,
    changed_regions integer,
    sha256 text NOT NULL,
    path text NOT NULL,
    CONSTRAINT gain_sag_tables_pkey PRIMARY KEY (filename)
);

CREATE TABLE gain_trends (
    segment text NOT NULL,
    high_voltage integer NOT NULL,
    x integer NOT NULL,
    y integer NOT NULL,
    measurements integer NOT NULL,
    reference_mjd double precision NOT NULL,
    gain double precision NOT NULL,
    gain_error double precision NOT NULL,
    slope double precision NOT NULL,
    slope_error double precision NOT NULL,
    projected_mjd double precision,
    projected_error_d double precision,
    CONSTRAINT gain_trends_pkey PRIMARY KEY (segment, high_voltage, x, y)
);

CREATE TABLE header_commentary (
    filename text NOT NULL,
    ext integer NOT NULL,
    rootname text NOT NULL,
    comment text,
    history text,
    CONSTRAINT header_commentary_pkey PRIMARY KEY (filename, ext)
);
CREATE INDEX header_commentary_rootname_idx ON header_commentary (rootname);

CREATE TABLE header_extras (
    filename text NOT NULL,
    ext integer NOT NULL,
    keyword text NOT NULL,
    occurrence integer NOT NULL,
    rootname text NOT NULL,
    table_name text NOT NULL,
    kind text NOT NULL,
    value text,
    reason text NOT NULL,
    CONSTRAINT header_extras_pkey PRIMARY KEY (filename, ext, keyword, occurrence)
);
CREATE INDEX header_extras_rootname_idx ON header_extras (rootname);

CREATE TABLE headers (
    filename text NOT NULL,
    ext integer NOT NULL,
    rootname text NOT NULL,
    extver integer,
    CONSTRAINT headers_pkey PRIMARY KEY (filename, ext)
);
CREATE INDEX headers_rootname_idx ON headers (rootname);

CREATE TABLE image_statistics (
    filename text NOT NULL,
    extver integer NOT NULL,
    amplifier text NOT NULL,
    rootname text NOT NULL,
    instrument text NOT NULL,
    detector text NOT NULL,
    chip integer NOT NULL,
    filetype text NOT NULL,
    image_type text,
    exp_start_mjd double precision,
    exp_time_s double precision,
    dark_time_s double precision,
    flash_s double precision,
    gain_setting double precision,
    gain double precision,
    binning integer NOT NULL,
    is_subarray boolean NOT NULL,
    unit text,
    pixels integer NOT NULL,
    good_pixels integer NOT NULL,
    mean double precision,
    median double precision,
    median_error double precision,
    robust_sigma double precision,
    robust_sigma_error double precision,
    overscan_pixels integer,
    overscan_level double precision,
    overscan_level_error double precision,
    overscan_noise double precision,
    overscan_noise_error double precision,
    read_noise double precision,
    read_noise_error double precision,
    dark_current double precision,
    dark_current_error double precision,
    hot_threshold double precision,
    hot_pixels double precision,
    hot_pixels_error double precision,
    hot_fraction double precision,
    flagged_hot_pixels integer,
    flagged_warm_pixels integer,
    cosmic_ray_fraction double precision,
    cosmic_ray_fraction_error double precision,
    saturated_fraction double precision,
    ingest_date timestamp with time zone NOT NULL,
    CONSTRAINT image_statistics_pkey PRIMARY KEY (filename, extver, amplifier)
);
CREATE INDEX image_statistics_image_type_detector_idx ON image_statistics (image_type, detector);
CREATE INDEX image_statistics_rootname_idx ON image_statistics (rootname);

CREATE TABLE jitter_statistics (
    filename text NOT NULL,
    ext integer NOT NULL,
    rootname text NOT NULL,
    exposure text,
    start_mjd double precision,
    seconds double precision,
    samples integer NOT NULL,
    v2_mean_arcsec double precision,
    v2_rms_arcsec double precision,
    v2_range_arcsec double precision,
    v3_mean_arcsec double precision,
    v3_rms_arcsec double precision,
    v3_range_arcsec double precision,
    image_type text,
    ingest_date timestamp with time zone NOT NULL,
    CONSTRAINT jitter_statistics_pkey PRIMARY KEY (filename, ext)
);
CREATE INDEX jitter_statistics_rootname_idx ON jitter_statistics (rootname);

CREATE TABLE lightcurves (
    rootname text NOT NULL,
    target text NOT NULL,
    path text NOT NULL,
    segments text,
    bin_s double precision NOT NULL,
    bins integer NOT NULL,
    gross_counts bigint NOT NULL,
    background_counts double precision,
    net_counts_per_s double precision,
    mean_flux double precision,
    mean_flux_error double precision,
    is_flux_calibrated boolean NOT NULL,
    exposure_s double precision NOT NULL,
    wave_min double precision,
    wave_max double precision,
    settings text,
    ingest_date timestamp with time zone NOT NULL,
    is_background_subtracted boolean DEFAULT true NOT NULL,
    missing_references text,
    CONSTRAINT lightcurves_pkey PRIMARY KEY (rootname)
);
CREATE INDEX lightcurves_target_idx ON lightcurves (target);

CREATE TABLE monitor_states (
    monitor text NOT NULL,
    title text NOT NULL,
    state text NOT NULL,
    summary text NOT NULL,
    newest_mjd double precision,
    exposures integer NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    page text NOT NULL,
    ingest_date timestamp with time zone NOT NULL,
    CONSTRAINT monitor_states_pkey PRIMARY KEY (monitor)
);

CREATE TABLE named_positions (
    target_name text NOT NULL,
    ra_deg double precision,
    dec_deg double precision,
    asked_at timestamp with time zone NOT NULL,
    CONSTRAINT named_positions_pkey PRIMARY KEY (target_name)
);

CREATE TABLE observations (
    rootname text NOT NULL,
    instrument text,
    detector text,
    proposal_id integer,
    proposal_type text,
    target_name text,
    target text,
    ra_deg double precision,
    dec_deg double precision,
    obs_mode text,
    obs_type text,
    image_type text,
    exposure_type text,
    exp_flag text,
    exp_start_mjd double precision,
    exp_time_s double precision,
    opt_elem text,
    cenwave integer,
    aperture text,
    fppos integer,
    path text,
    first_ingest_date timestamp with time zone,
    last_ingest_date timestamp with time zone,
    pm_ra_arcsec_per_yr double precision,
    pm_dec_arcsec_per_yr double precision,
    is_moving_target boolean,
    exp_end_mjd double precision,
    date_obs text,
    filter text,
    filter1 text,
    filter2 text,
    is_subarray boolean,
    ccd_gain double precision,
    ccd_amp text,
    association text,
    visit text,
    CONSTRAINT observations_pkey PRIMARY KEY (rootname)
);
CREATE INDEX observations_aperture_idx ON observations (aperture);
CREATE INDEX observations_association_idx ON observations (association);
CREATE INDEX observations_date_obs_idx ON observations (date_obs);
CREATE INDEX observations_date_obs_like_idx ON observations (date_obs text_pattern_ops);
CREATE INDEX observations_detector_opt_elem_cenwave_idx ON observations (detector, opt_elem, cenwave);
CREATE INDEX observations_exp_start_mjd_idx ON observations (exp_start_mjd);
CREATE INDEX observations_filter_idx ON observations (filter);
CREATE INDEX observations_instrument_detector_idx ON observations (instrument, detector);
CREATE INDEX observations_proposal_id_idx ON observations (proposal_id);
CREATE INDEX observations_target_idx ON observations (target);
CREATE INDEX observations_target_name_idx ON observations (target_name text_pattern_ops);

CREATE TABLE osm_shifts (
    filename text NOT NULL,
    segment text NOT NULL,
    flash integer NOT NULL,
    rootname text NOT NULL,
    filetype text NOT NULL,
    detector text NOT NULL,
    opt_elem text,
    cenwave integer,
    fppos integer,
    life_adj integer,
    proposal_id integer,
    exp_start_mjd double precision,
    time_s double precision,
    shift_disp double precision,
    shift_xdisp double precision,
    fp_pixel_shift double precision,
    shift_without_fppos double precision,
    is_found boolean,
    lamptab text,
    search_offset double precision,
    search_range double precision,
    ingest_date timestamp with time zone NOT NULL,
    CONSTRAINT osm_shifts_pkey PRIMARY KEY (filename, segment, flash)
);
CREATE INDEX osm_shifts_opt_elem_idx ON osm_shifts (opt_elem);
CREATE INDEX osm_shifts_rootname_idx ON osm_shifts (rootname);

CREATE TABLE outcomes (
    asset text NOT NULL,
    key text NOT NULL,
    status text NOT NULL,
    reason text,
    decided_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT outcomes_pkey PRIMARY KEY (asset, key),
    CONSTRAINT outcomes_status_check CHECK ((status = ANY (ARRAY['made'::text, 'none'::text, 'bad'::text, 'missing'::text])))
);
CREATE INDEX outcomes_asset_status_idx ON outcomes (asset, status);

CREATE TABLE previews (
    filename text NOT NULL,
    number integer NOT NULL,
    rootname text NOT NULL,
    filetype text NOT NULL,
    kind text NOT NULL,
    extver integer NOT NULL,
    path text NOT NULL,
    thumbnail_path text NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    ingest_date timestamp with time zone NOT NULL,
    low_value double precision,
    high_value double precision,
    unit text,
    place text,
    note text,
    is_preferred boolean DEFAULT false NOT NULL,
    CONSTRAINT previews_pkey PRIMARY KEY (filename, number),
    CONSTRAINT previews_kind_check CHECK ((kind = ANY (ARRAY['image'::text, 'spectrum'::text, 'events'::text])))
);
CREATE INDEX previews_rootname_idx ON previews (rootname);

CREATE TABLE products (
    filename text NOT NULL,
    rootname text NOT NULL,
    dataset text NOT NULL,
    uri text NOT NULL,
    size_bytes bigint,
    access text NOT NULL,
    released_at timestamp with time zone,
    archived_at timestamp with time zone,
    listed_at timestamp with time zone NOT NULL,
    CONSTRAINT products_pkey PRIMARY KEY (filename)
);
CREATE INDEX products_dataset_idx ON products (dataset);
CREATE INDEX products_rootname_idx ON products (rootname);

CREATE TABLE proposals (
    proposal_id integer NOT NULL,
    proposal_type text,
    title text,
    investigator_last text,
    investigator_first text,
    cycle integer,
    source text NOT NULL,
    ingest_date timestamp with time zone NOT NULL,
    CONSTRAINT proposals_pkey PRIMARY KEY (proposal_id),
    CONSTRAINT proposals_proposals_source_check_check CHECK ((source = ANY (ARRAY['header'::text, 'spt'::text, 'archive'::text])))
);

CREATE TABLE pulse_heights (
    filename text NOT NULL,
    rootname text NOT NULL,
    segment text,
    events integer NOT NULL,
    modal_pulse_height integer,
    mean_pulse_height double precision,
    ingest_date timestamp with time zone NOT NULL,
    pha_0 integer NOT NULL,
    pha_1 integer NOT NULL,
    pha_2 integer NOT NULL,
    pha_3 integer NOT NULL,
    pha_4 integer NOT NULL,
    pha_5 integer NOT NULL,
    pha_6 integer NOT NULL,
    pha_7 integer NOT NULL,
    pha_8 integer NOT NULL,
    pha_9 integer NOT NULL,
    pha_10 integer NOT NULL,
    pha_11 integer NOT NULL,
    pha_12 integer NOT NULL,
    pha_13 integer NOT NULL,
    pha_14 integer NOT NULL,
    pha_15 integer NOT NULL,
    pha_16 integer NOT NULL,
    pha_17 integer NOT NULL,
    pha_18 integer NOT NULL,
    pha_19 integer NOT NULL,
    pha_20 integer NOT NULL,
    pha_21 integer NOT NULL,
    pha_22 integer NOT NULL,
    pha_23 integer NOT NULL,
    pha_24 integer NOT NULL,
    pha_25 integer NOT NULL,
    pha_26 integer NOT NULL,
    pha_27 integer NOT NULL,
    pha_28 integer NOT NULL,
    pha_29 integer NOT NULL,
    pha_30 integer NOT NULL,
    pha_31 integer NOT NULL,
    CONSTRAINT pulse_heights_pkey PRIMARY KEY (filename)
);
CREATE INDEX pulse_heights_rootname_idx ON pulse_heights (rootname);

CREATE TABLE runs (
    id text NOT NULL,
    command text NOT NULL,
    started_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    exit_status integer,
    log text,
    CONSTRAINT runs_pkey PRIMARY KEY (id)
);
CREATE INDEX runs_started_at_idx ON runs (started_at);

CREATE TABLE sms_exposures (
    exposure text NOT NULL,
    sms text NOT NULL,
    start_mjd double precision,
    osm1_position text,
    osm2_position text,
    since_osm1_s double precision,
    since_osm2_s double precision,
    read_at timestamp with time zone NOT NULL,
    CONSTRAINT sms_exposures_pkey PRIMARY KEY (exposure)
);

CREATE TABLE spectrum_statistics (
    filename text NOT NULL,
    rootname text NOT NULL,
    filetype text NOT NULL,
    spectra integer NOT NULL,
    pixels integer NOT NULL,
    good_pixels integer NOT NULL,
    wave_min double precision,
    wave_max double precision,
    flux_mean double precision,
    flux_max double precision,
    flux_std double precision,
    flux_mean_all double precision,
    flux_max_all double precision,
    flux_std_all double precision,
    net_count_per_s double precision,
    flux_unit text,
    is_flux_calibrated boolean,
    ingest_date timestamp with time zone NOT NULL,
    CONSTRAINT spectrum_statistics_pkey PRIMARY KEY (filename)
);
CREATE INDEX spectrum_statistics_rootname_idx ON spectrum_statistics (rootname);

CREATE TABLE statistics (
    filename text NOT NULL,
    rootname text,
    kind text NOT NULL,
    total double precision,
    mean double precision,
    mu double precision,
    stdev double precision,
    poisson_factor double precision,
    pearson_r double precision,
    pearson_p double precision,
    periodogram boolean,
    best_period_s double precision,
    false_alarm_probability double precision,
    ingest_date timestamp with time zone NOT NULL,
    target text,
    bins integer,
    gaps integer,
    excess_variance double precision,
    excess_variance_error double precision,
    interesting boolean,
    shortest_period_s double precision,
    longest_period_s double precision,
    best_period_error_s double precision,
    best_period_power double precision,
    period_note text,
    is_periodic boolean,
    deliver boolean DEFAULT false NOT NULL,
    deliver_reason text,
    CONSTRAINT statistics_pkey PRIMARY KEY (filename),
    CONSTRAINT statistics_kind_check CHECK ((kind = ANY (ARRAY['individual'::text, 'composite'::text])))
);
CREATE INDEX statistics_rootname_idx ON statistics (rootname);
CREATE INDEX statistics_target_idx ON statistics (target);

CREATE TABLE stim_pulses (
    filename text NOT NULL,
    bin integer NOT NULL,
    rootname text NOT NULL,
    segment text NOT NULL,
    exp_start_mjd double precision,
    start_s double precision NOT NULL,
    duration_s double precision NOT NULL,
    live_s double precision NOT NULL,
    mid_mjd double precision,
    counts integer NOT NULL,
    stim_rate_hz double precision NOT NULL,
    boxes text NOT NULL,
    stim1_counts integer NOT NULL,
    stim1_x double precision,
    stim1_x_error double precision,
    stim1_y double precision,
    stim1_y_error double precision,
    stim2_counts integer NOT NULL,
    stim2_x double precision,
    stim2_x_error double precision,
    stim2_y double precision,
    stim2_y_error double precision,
    ingest_date timestamp with time zone NOT NULL,
    CONSTRAINT stim_pulses_pkey PRIMARY KEY (filename, bin)
);
CREATE INDEX stim_pulses_rootname_idx ON stim_pulses (rootname);

CREATE TABLE target_names (
    rootname text NOT NULL,
    target_name text NOT NULL,
    resolved_name text NOT NULL,
    target text NOT NULL,
    reason text NOT NULL,
    decided_at timestamp with time zone NOT NULL,
    CONSTRAINT target_names_pkey PRIMARY KEY (rootname)
);
CREATE INDEX target_names_target_idx ON target_names (target);
CREATE INDEX target_names_target_name_idx ON target_names (target_name);

CREATE TABLE telemetry (
    filename text NOT NULL,
    rootname text NOT NULL,
    start_mjd double precision,
    detector text,
    aperture text,
    life_adj integer,
    proposal_type text,
    fuva_temperature_c double precision,
    fuvb_temperature_c double precision,
    nuv_temperature_c double precision,
    osm1_coarse double precision,
    osm1_steps double precision,
    osm1_fine double precision,
    osm2_coarse double precision,
    osm2_steps double precision,
    osm2_fine double precision,
    focus_position double precision,
    aperture_x_lvdt double precision,
    aperture_d_lvdt double precision,
    aperture_x_steps double precision,
    aperture_y_steps double precision,
    ingest_date timestamp with time zone NOT NULL,
    CONSTRAINT telemetry_pkey PRIMARY KEY (filename)
);
CREATE INDEX telemetry_rootname_idx ON telemetry (rootname);
