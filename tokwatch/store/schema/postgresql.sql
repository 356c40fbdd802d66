CREATE TABLE agent (
    workspace INTEGER NOT NULL,
    source TEXT DEFAULT '' NOT NULL,
    session TEXT DEFAULT '' NOT NULL,
    agent TEXT DEFAULT '' NOT NULL,
    kind TEXT DEFAULT '' NOT NULL,
    parent TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (workspace, source, session, agent)
);
CREATE TABLE alert (
    id SERIAL NOT NULL,
    workspace INTEGER NOT NULL,
    rule TEXT DEFAULT '' NOT NULL,
    subject TEXT DEFAULT '' NOT NULL,
    severity TEXT DEFAULT '' NOT NULL,
    opened_ms BIGINT NOT NULL,
    updated_ms BIGINT NOT NULL,
    closed_ms BIGINT,
    acknowledged_ms BIGINT,
    snoozed_until_ms BIGINT,
    clear_since_ms BIGINT,
    value DOUBLE PRECISION NOT NULL,
    worst DOUBLE PRECISION NOT NULL,
    threshold DOUBLE PRECISION NOT NULL,
    times INTEGER NOT NULL,
    title TEXT DEFAULT '' NOT NULL,
    user_name TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX ix_alert_updated ON alert (workspace, updated_ms);
CREATE UNIQUE INDEX ux_alert_open ON alert (workspace, rule, subject) WHERE closed_ms IS NULL;
CREATE TABLE alert_delivery (
    id SERIAL NOT NULL,
    workspace INTEGER NOT NULL,
    alert INTEGER NOT NULL,
    channel TEXT DEFAULT '' NOT NULL,
    state TEXT DEFAULT '' NOT NULL,
    tries INTEGER NOT NULL,
    asked_ms BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    error TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ux_alert_delivery ON alert_delivery (workspace, alert, channel, asked_ms);
CREATE TABLE alert_event (
    alert INTEGER NOT NULL,
    place INTEGER NOT NULL,
    workspace INTEGER NOT NULL,
    key BIGINT NOT NULL,
    PRIMARY KEY (alert, place)
);
CREATE TABLE block (
    strand INTEGER NOT NULL,
    number BIGINT NOT NULL,
    workspace INTEGER NOT NULL,
    instant_ms BIGINT NOT NULL,
    part TEXT DEFAULT '' NOT NULL,
    tool TEXT DEFAULT '' NOT NULL,
    chars BIGINT NOT NULL,
    tokens BIGINT NOT NULL,
    digest BIGINT NOT NULL,
    subject BIGINT NOT NULL,
    call BIGINT NOT NULL,
    is_error SMALLINT NOT NULL,
    request BIGINT NOT NULL,
    offset_bytes BIGINT NOT NULL,
    sketch BIGINT DEFAULT '0' NOT NULL,
    PRIMARY KEY (strand, number)
);
CREATE TABLE calibration (
    workspace INTEGER NOT NULL,
    user_name TEXT DEFAULT '' NOT NULL,
    model TEXT DEFAULT '' NOT NULL,
    kind TEXT DEFAULT '' NOT NULL,
    encoding TEXT DEFAULT '' NOT NULL,
    a DOUBLE PRECISION NOT NULL,
    b DOUBLE PRECISION NOT NULL,
    pairs BIGINT NOT NULL,
    dropped BIGINT NOT NULL,
    sessions BIGINT NOT NULL,
    error DOUBLE PRECISION NOT NULL,
    p90 DOUBLE PRECISION NOT NULL,
    raw_error DOUBLE PRECISION NOT NULL,
    fitted_ms BIGINT NOT NULL,
    PRIMARY KEY (workspace, user_name, model, kind, encoding)
);
CREATE TABLE card (
    workspace INTEGER NOT NULL,
    model INTEGER NOT NULL,
    since_ms BIGINT NOT NULL,
    above_tokens BIGINT NOT NULL,
    until_ms BIGINT NOT NULL,
    upto_tokens BIGINT NOT NULL,
    input BIGINT NOT NULL,
    cache_read BIGINT NOT NULL,
    cache_write_5m BIGINT NOT NULL,
    cache_write_1h BIGINT NOT NULL,
    output BIGINT NOT NULL,
    web_search BIGINT NOT NULL,
    source TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (workspace, model, since_ms, above_tokens)
);
CREATE TABLE compaction (
    strand INTEGER NOT NULL,
    offset_bytes BIGINT NOT NULL,
    workspace INTEGER NOT NULL,
    instant_ms BIGINT NOT NULL,
    before_tokens BIGINT,
    after_tokens BIGINT,
    cause TEXT DEFAULT '' NOT NULL,
    keeps_from BIGINT,
    PRIMARY KEY (strand, offset_bytes)
);
CREATE INDEX ix_compaction_instant ON compaction (workspace, instant_ms);
CREATE TABLE compression_run (
    id SERIAL NOT NULL,
    workspace INTEGER NOT NULL,
    user_name TEXT DEFAULT '' NOT NULL,
    at_ms BIGINT NOT NULL,
    origin TEXT DEFAULT '' NOT NULL,
    model TEXT DEFAULT '' NOT NULL,
    stages TEXT DEFAULT '' NOT NULL,
    before BIGINT NOT NULL,
    after BIGINT NOT NULL,
    budget BIGINT,
    accepted BIGINT NOT NULL,
    rejected BIGINT NOT NULL,
    ms BIGINT NOT NULL,
    failure TEXT DEFAULT '' NOT NULL,
    summary_nano BIGINT,
    PRIMARY KEY (id)
);
CREATE INDEX ix_compression_run_at ON compression_run (workspace, at_ms);
CREATE TABLE copy (
    workspace INTEGER NOT NULL,
    instant_ms BIGINT NOT NULL,
    first_ms BIGINT NOT NULL,
    scope INTEGER NOT NULL,
    model INTEGER NOT NULL,
    requests BIGINT NOT NULL,
    input BIGINT,
    cache_read BIGINT,
    cache_write_5m BIGINT,
    cache_write_1h BIGINT,
    output BIGINT,
    reasoning BIGINT,
    web_searches BIGINT NOT NULL,
    logged_nano BIGINT,
    window_tokens BIGINT,
    grade SMALLINT NOT NULL,
    final SMALLINT NOT NULL,
    copied SMALLINT NOT NULL,
    offset_bytes BIGINT NOT NULL,
    key BIGINT NOT NULL,
    log INTEGER NOT NULL,
    PRIMARY KEY (key, log)
);
CREATE INDEX ix_copy_log ON copy (log);
CREATE TABLE day (
    events BIGINT NOT NULL,
    requests BIGINT NOT NULL,
    input BIGINT NOT NULL,
    cache_read BIGINT NOT NULL,
    cache_write_5m BIGINT NOT NULL,
    cache_write_1h BIGINT NOT NULL,
    output BIGINT NOT NULL,
    reasoning BIGINT NOT NULL,
    web_searches BIGINT NOT NULL,
    logged_nano BIGINT NOT NULL,
    computed_nano BIGINT NOT NULL,
    auto_nano BIGINT NOT NULL,
    unpriced_tokens BIGINT NOT NULL,
    uncosted_tokens BIGINT NOT NULL,
    lower_bound BIGINT NOT NULL,
    blind_prompt BIGINT NOT NULL,
    workspace INTEGER NOT NULL,
    day INTEGER NOT NULL,
    place INTEGER NOT NULL,
    model INTEGER NOT NULL,
    derived BIGINT DEFAULT '0' NOT NULL,
    PRIMARY KEY (workspace, day, place, model)
);
CREATE INDEX ix_day_cost ON day (workspace, day, model, auto_nano, events);
CREATE TABLE delegation (
    strand INTEGER NOT NULL,
    call BIGINT NOT NULL,
    workspace INTEGER NOT NULL,
    instant_ms BIGINT NOT NULL,
    child TEXT DEFAULT '' NOT NULL,
    kind TEXT DEFAULT '' NOT NULL,
    tokens BIGINT NOT NULL,
    offset_bytes BIGINT NOT NULL,
    PRIMARY KEY (strand, call)
);
CREATE TABLE detail_log (
    log INTEGER NOT NULL,
    workspace INTEGER NOT NULL,
    version INTEGER NOT NULL,
    size BIGINT DEFAULT '0' NOT NULL,
    mtime_ns BIGINT DEFAULT '0' NOT NULL,
    inode TEXT DEFAULT '0' NOT NULL,
    offset_bytes BIGINT DEFAULT '0' NOT NULL,
    head BYTEA NOT NULL,
    tail BYTEA NOT NULL,
    state BYTEA NOT NULL,
    PRIMARY KEY (log)
);
CREATE TABLE endpoint (
    workspace INTEGER NOT NULL,
    name TEXT DEFAULT '' NOT NULL,
    part TEXT DEFAULT '' NOT NULL,
    kind TEXT DEFAULT '' NOT NULL,
    state TEXT DEFAULT '' NOT NULL,
    failures INTEGER NOT NULL,
    error TEXT DEFAULT '' NOT NULL,
    note TEXT DEFAULT '' NOT NULL,
    tried_ms BIGINT,
    succeeded_ms BIGINT,
    next_ms BIGINT NOT NULL,
    newest_ms BIGINT,
    requests BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    unchanged BIGINT NOT NULL,
    bad BIGINT NOT NULL,
    paused SMALLINT NOT NULL,
    cursor TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (workspace, name, part)
);
CREATE TABLE event (
    workspace INTEGER NOT NULL,
    instant_ms BIGINT NOT NULL,
    first_ms BIGINT NOT NULL,
    scope INTEGER NOT NULL,
    model INTEGER NOT NULL,
    requests BIGINT NOT NULL,
    input BIGINT,
    cache_read BIGINT,
    cache_write_5m BIGINT,
    cache_write_1h BIGINT,
    output BIGINT,
    reasoning BIGINT,
    web_searches BIGINT NOT NULL,
    logged_nano BIGINT,
    window_tokens BIGINT,
    grade SMALLINT NOT NULL,
    final SMALLINT NOT NULL,
    copied SMALLINT NOT NULL,
    offset_bytes BIGINT NOT NULL,
    key BIGINT NOT NULL,
    log INTEGER NOT NULL,
    copies SMALLINT NOT NULL,
    computed_nano BIGINT,
    PRIMARY KEY (key)
);
CREATE INDEX ix_event_large ON event (scope) WHERE coalesce(input,0)+coalesce(cache_read,0)+coalesce(cache_write_5m,0)+coalesce(cache_write_1h,0) > 200000;
CREATE INDEX ix_event_scope ON event (scope, instant_ms);
CREATE TABLE flight (
    strand INTEGER NOT NULL,
    identity BIGINT NOT NULL,
    workspace INTEGER NOT NULL,
    instant_ms BIGINT NOT NULL,
    model TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (strand, identity)
);
CREATE INDEX ix_flight_instant ON flight (workspace, instant_ms);
CREATE TABLE incident (
    strand INTEGER NOT NULL,
    offset_bytes BIGINT NOT NULL,
    kind TEXT DEFAULT '' NOT NULL,
    workspace INTEGER NOT NULL,
    instant_ms BIGINT NOT NULL,
    status INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    PRIMARY KEY (strand, offset_bytes, kind)
);
CREATE INDEX ix_incident_instant ON incident (workspace, instant_ms);
CREATE TABLE ledger (
    log INTEGER NOT NULL,
    model TEXT DEFAULT '' NOT NULL,
    workspace INTEGER NOT NULL,
    session TEXT DEFAULT '' NOT NULL,
    instant_ms BIGINT NOT NULL,
    input BIGINT NOT NULL,
    cache_read BIGINT NOT NULL,
    cache_write_5m BIGINT NOT NULL,
    cache_write_1h BIGINT NOT NULL,
    output BIGINT NOT NULL,
    reasoning BIGINT NOT NULL,
    web_searches BIGINT NOT NULL,
    cost_nano BIGINT NOT NULL,
    PRIMARY KEY (log, model)
);
CREATE INDEX ix_ledger_session ON ledger (workspace, session);
CREATE TABLE log (
    id SERIAL NOT NULL,
    workspace INTEGER NOT NULL,
    machine TEXT DEFAULT '' NOT NULL,
    path TEXT DEFAULT '' NOT NULL,
    source TEXT DEFAULT '' NOT NULL,
    device TEXT DEFAULT '0' NOT NULL,
    inode TEXT DEFAULT '0' NOT NULL,
    size BIGINT DEFAULT '0' NOT NULL,
    mtime_ns BIGINT DEFAULT '0' NOT NULL,
    offset_bytes BIGINT DEFAULT '0' NOT NULL,
    head BYTEA NOT NULL,
    tail BYTEA NOT NULL,
    state BYTEA NOT NULL,
    version INTEGER NOT NULL,
    session TEXT DEFAULT '' NOT NULL,
    parent TEXT DEFAULT '' NOT NULL,
    begin_ms BIGINT,
    first_key BIGINT,
    second_key BIGINT,
    own_start_ms BIGINT,
    lines BIGINT DEFAULT '0' NOT NULL,
    glued_lines BIGINT DEFAULT '0' NOT NULL,
    bad_lines BIGINT DEFAULT '0' NOT NULL,
    oversized_lines BIGINT DEFAULT '0' NOT NULL,
    undated BIGINT DEFAULT '0' NOT NULL,
    synthetic BIGINT DEFAULT '0' NOT NULL,
    unknown BIGINT DEFAULT '0' NOT NULL,
    repeated BIGINT DEFAULT '0' NOT NULL,
    sample TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX ix_log_counts ON log (workspace, source, bad_lines, oversized_lines, undated, unknown, repeated);
CREATE INDEX ix_log_parent ON log (workspace, parent);
CREATE INDEX ix_log_sample ON log (workspace, source) WHERE sample <> '';
CREATE INDEX ix_log_session ON log (workspace, session);
CREATE UNIQUE INDEX ux_log_path ON log (workspace, machine, path);
CREATE TABLE measure (
    id BIGINT NOT NULL,
    workspace INTEGER NOT NULL,
    log INTEGER NOT NULL,
    name TEXT DEFAULT '' NOT NULL,
    instant_ms BIGINT NOT NULL,
    value DOUBLE PRECISION NOT NULL,
    unit TEXT DEFAULT '' NOT NULL,
    tags TEXT DEFAULT '' NOT NULL,
    origin TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX ix_measure_log ON measure (log);
CREATE INDEX ix_measure_name ON measure (workspace, name, instant_ms);
CREATE TABLE model (
    id SERIAL NOT NULL,
    workspace INTEGER NOT NULL,
    provider TEXT DEFAULT '' NOT NULL,
    name TEXT DEFAULT '' NOT NULL,
    tier TEXT DEFAULT '' NOT NULL,
    priced_as TEXT DEFAULT '' NOT NULL,
    note TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ux_model ON model (workspace, provider, name, tier);
CREATE TABLE place (
    id SERIAL NOT NULL,
    workspace INTEGER NOT NULL,
    source TEXT DEFAULT '' NOT NULL,
    project TEXT DEFAULT '' NOT NULL,
    branch TEXT DEFAULT '' NOT NULL,
    user_name TEXT DEFAULT '' NOT NULL,
    tag TEXT DEFAULT '' NOT NULL,
    machine TEXT DEFAULT '' NOT NULL,
    key_name TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ux_place ON place (workspace, source, project, branch, user_name, tag, machine, key_name);
CREATE TABLE pruned (
    key BIGINT NOT NULL,
    workspace INTEGER NOT NULL,
    PRIMARY KEY (key)
);
CREATE TABLE quarter (
    events BIGINT NOT NULL,
    requests BIGINT NOT NULL,
    input BIGINT NOT NULL,
    cache_read BIGINT NOT NULL,
    cache_write_5m BIGINT NOT NULL,
    cache_write_1h BIGINT NOT NULL,
    output BIGINT NOT NULL,
    reasoning BIGINT NOT NULL,
    web_searches BIGINT NOT NULL,
    logged_nano BIGINT NOT NULL,
    computed_nano BIGINT NOT NULL,
    auto_nano BIGINT NOT NULL,
    unpriced_tokens BIGINT NOT NULL,
    uncosted_tokens BIGINT NOT NULL,
    lower_bound BIGINT NOT NULL,
    blind_prompt BIGINT NOT NULL,
    workspace INTEGER NOT NULL,
    quarter_ms BIGINT NOT NULL,
    scope INTEGER NOT NULL,
    model INTEGER NOT NULL,
    derived BIGINT DEFAULT '0' NOT NULL,
    PRIMARY KEY (workspace, quarter_ms, scope, model)
);
CREATE INDEX ix_quarter_scope ON quarter (scope, quarter_ms);
CREATE TABLE request_fact (
    key BIGINT NOT NULL,
    log INTEGER NOT NULL,
    name TEXT DEFAULT '' NOT NULL,
    workspace INTEGER NOT NULL,
    value BIGINT NOT NULL,
    PRIMARY KEY (key, log, name)
);
CREATE INDEX ix_request_fact_log ON request_fact (log);
CREATE TABLE scope (
    id SERIAL NOT NULL,
    workspace INTEGER NOT NULL,
    place INTEGER NOT NULL,
    session TEXT DEFAULT '' NOT NULL,
    agent TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX ix_scope_place ON scope (place);
CREATE UNIQUE INDEX ux_scope ON scope (workspace, session, agent, place);
CREATE TABLE setting (
    workspace INTEGER NOT NULL,
    name TEXT DEFAULT '' NOT NULL,
    value TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (workspace, name)
);
CREATE TABLE strand (
    id SERIAL NOT NULL,
    workspace INTEGER NOT NULL,
    log INTEGER NOT NULL,
    session TEXT DEFAULT '' NOT NULL,
    agent TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX ix_strand_session ON strand (workspace, session);
CREATE UNIQUE INDEX ux_strand ON strand (log, session, agent);
CREATE TABLE stretch (
    key BIGINT NOT NULL,
    log INTEGER NOT NULL,
    workspace INTEGER NOT NULL,
    counter BIGINT NOT NULL,
    begins TEXT DEFAULT '' NOT NULL,
    ends TEXT DEFAULT '' NOT NULL,
    since_ms BIGINT,
    PRIMARY KEY (key, log)
);
CREATE INDEX ix_stretch_counter ON stretch (counter);
CREATE INDEX ix_stretch_log ON stretch (log);
CREATE TABLE suggestion (
    id SERIAL NOT NULL,
    workspace INTEGER NOT NULL,
    user_name TEXT DEFAULT '' NOT NULL,
    name TEXT DEFAULT '' NOT NULL,
    kind TEXT DEFAULT '' NOT NULL,
    subject TEXT DEFAULT '' NOT NULL,
    state TEXT DEFAULT '' NOT NULL,
    severity TEXT DEFAULT '' NOT NULL,
    title TEXT DEFAULT '' NOT NULL,
    saving_nano BIGINT NOT NULL,
    counted_nano BIGINT NOT NULL,
    saving_share DOUBLE PRECISION NOT NULL,
    requests BIGINT NOT NULL,
    discount DOUBLE PRECISION NOT NULL,
    rank INTEGER NOT NULL,
    found_ms BIGINT NOT NULL,
    seen_ms BIGINT NOT NULL,
    accepted_ms BIGINT,
    promised_nano BIGINT NOT NULL,
    rate_before DOUBLE PRECISION NOT NULL,
    rate_after DOUBLE PRECISION,
    after_requests BIGINT NOT NULL,
    realised_nano BIGINT,
    verdict TEXT DEFAULT '' NOT NULL,
    body TEXT DEFAULT '' NOT NULL,
    promised_counted_nano BIGINT DEFAULT '0' NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ux_suggestion ON suggestion (workspace, user_name, name);
CREATE TABLE suggestion_event (
    suggestion INTEGER NOT NULL,
    place INTEGER NOT NULL,
    workspace INTEGER NOT NULL,
    key BIGINT NOT NULL,
    PRIMARY KEY (suggestion, place)
);
CREATE TABLE suggestion_trigger (
    workspace INTEGER NOT NULL,
    user_name TEXT DEFAULT '' NOT NULL,
    name TEXT DEFAULT '' NOT NULL,
    times BIGINT NOT NULL,
    last_ms BIGINT NOT NULL,
    value DOUBLE PRECISION NOT NULL,
    threshold DOUBLE PRECISION NOT NULL,
    is_on SMALLINT NOT NULL,
    PRIMARY KEY (workspace, user_name, name)
);
CREATE TABLE template (
    workspace INTEGER NOT NULL,
    user_name TEXT DEFAULT '' NOT NULL,
    name TEXT DEFAULT '' NOT NULL,
    tags TEXT DEFAULT '' NOT NULL,
    uses BIGINT NOT NULL,
    used_ms BIGINT,
    PRIMARY KEY (workspace, user_name, name)
);
CREATE TABLE template_version (
    workspace INTEGER NOT NULL,
    user_name TEXT DEFAULT '' NOT NULL,
    name TEXT DEFAULT '' NOT NULL,
    number INTEGER NOT NULL,
    saved_ms BIGINT NOT NULL,
    model TEXT DEFAULT '' NOT NULL,
    detailed TEXT NOT NULL,
    terse TEXT DEFAULT '' NOT NULL,
    detailed_tokens BIGINT NOT NULL,
    terse_tokens BIGINT NOT NULL,
    terse_from BIGINT NOT NULL,
    stages TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (workspace, user_name, name, number)
);
CREATE TABLE total (
    events BIGINT NOT NULL,
    requests BIGINT NOT NULL,
    input BIGINT NOT NULL,
    cache_read BIGINT NOT NULL,
    cache_write_5m BIGINT NOT NULL,
    cache_write_1h BIGINT NOT NULL,
    output BIGINT NOT NULL,
    reasoning BIGINT NOT NULL,
    web_searches BIGINT NOT NULL,
    logged_nano BIGINT NOT NULL,
    computed_nano BIGINT NOT NULL,
    auto_nano BIGINT NOT NULL,
    unpriced_tokens BIGINT NOT NULL,
    uncosted_tokens BIGINT NOT NULL,
    lower_bound BIGINT NOT NULL,
    blind_prompt BIGINT NOT NULL,
    workspace INTEGER NOT NULL,
    scope INTEGER NOT NULL,
    model INTEGER NOT NULL,
    derived BIGINT DEFAULT '0' NOT NULL,
    PRIMARY KEY (workspace, scope, model)
);
CREATE TABLE turn (
    strand INTEGER NOT NULL,
    number BIGINT NOT NULL,
    workspace INTEGER NOT NULL,
    begin_ms BIGINT NOT NULL,
    end_ms BIGINT NOT NULL,
    requests BIGINT NOT NULL,
    tool_calls BIGINT NOT NULL,
    interrupted SMALLINT NOT NULL,
    finished SMALLINT NOT NULL,
    PRIMARY KEY (strand, number)
);
CREATE INDEX ix_turn_begin ON turn (workspace, begin_ms);
CREATE TABLE usage_bucket (
    workspace INTEGER NOT NULL,
    endpoint TEXT DEFAULT '' NOT NULL,
    report TEXT DEFAULT '' NOT NULL,
    begin_ms BIGINT NOT NULL,
    width_ms BIGINT NOT NULL,
    model TEXT DEFAULT '' NOT NULL,
    provider TEXT DEFAULT '' NOT NULL,
    project TEXT DEFAULT '' NOT NULL,
    user_name TEXT DEFAULT '' NOT NULL,
    key_name TEXT DEFAULT '' NOT NULL,
    tier TEXT DEFAULT '' NOT NULL,
    item TEXT DEFAULT '' NOT NULL,
    requests BIGINT,
    input BIGINT,
    cache_read BIGINT,
    cache_write_5m BIGINT,
    cache_write_1h BIGINT,
    output BIGINT,
    web_searches BIGINT,
    cost_nano BIGINT,
    PRIMARY KEY (workspace, endpoint, report, begin_ms, width_ms, model, provider, project, user_name, key_name, tier, item)
);
CREATE INDEX ix_usage_bucket_begin ON usage_bucket (workspace, begin_ms);
CREATE TABLE window_size (
    workspace INTEGER NOT NULL,
    source TEXT DEFAULT '' NOT NULL,
    session TEXT DEFAULT '' NOT NULL,
    model TEXT DEFAULT '' NOT NULL,
    user_name TEXT DEFAULT '' NOT NULL,
    tokens BIGINT NOT NULL,
    seen_ms BIGINT NOT NULL,
    PRIMARY KEY (workspace, source, session, model)
);
CREATE TABLE workspace (
    id SERIAL NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (name)
);
