package dev.henge.deploy;

/** What a router is given when nothing else is said. */
final class RouterDefaults {

    static final String REGION = "us-east-1";
    static final String ACCOUNT_ID = "000000000000";
    static final int TIMEOUT_SECONDS = 10;
    static final String SIGNATURES = "verify";

    private RouterDefaults() {}
}
