/**
 * Load on any endpoint that speaks the DynamoDB API, and what it measures.
 *
 * <p>A run is a list of operations on a list of endpoints: {@link dev.henge.bench.BenchCommand} reads the options,
 * {@code Workbench} makes the table and walks through rounds, {@code LoadRun} drives one operation over a number of
 * {@code HttpConnection}s, one platform thread each, and hands back a {@code Measurement}. The client is made to cost
 * little, since it usually shares the machine with what it measures: requests are built and signed in one reused
 * buffer, and answers are looked at only as far as needed to tell a right one from a wrong one.
 *
 * <p>A closed loop (no rate) says how much a server can do; its latencies are those of a saturated server. For a
 * claim about latency use an open loop (a rate): there the latency of a request counts from the moment when it was
 * due, so a stall of the server is seen by all requests that it held up (no coordinated omission).
 */
@NullMarked
package dev.henge.bench;

import org.jspecify.annotations.NullMarked;
