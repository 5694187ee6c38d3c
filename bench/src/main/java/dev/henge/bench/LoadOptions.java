package dev.henge.bench;

/**
 * What all runs of a bench have in common.
 *
 * @param credentials whom requests are signed for
 * @param connections how many connections, each with one request at a time
 * @param warmUpSeconds how long each run goes on before it is recorded
 * @param seconds how long each run is recorded
 * @param items how many items there are to choose from
 * @param ratePerSecond requests per second of an open loop, or 0 for a closed loop
 * @param answerTimeoutMillis how long the server may be silent within a request
 */
record LoadOptions(
        Credentials credentials,
        int connections,
        double warmUpSeconds,
        double seconds,
        int items,
        double ratePerSecond,
        int answerTimeoutMillis) {}
