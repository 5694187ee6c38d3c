/**
 * Real processes under real faults, while clients write, read back and have every call recorded and judged.
 *
 * <p>{@link dev.henge.chaos.process.ProcessChaos} runs mixed faults from a seed;
 * {@link dev.henge.chaos.process.AvailabilityBenchmark} measures for how long writes fail after each kind of fault. Both
 * start {@code henge node} and {@code henge router} as processes ({@link dev.henge.chaos.process.FaultyCluster}), each
 * with a network interface of its own that can be cut in either direction ({@link dev.henge.chaos.process.FaultyNetwork})
 * and each node with a disk that can be slow, stall, fail or fill up ({@link dev.henge.chaos.process.FaultyDisk}).
 *
 * <p>All of it runs inside Linux namespaces made for the one run ({@link dev.henge.chaos.process.Sandbox}): its processes,
 * interfaces and mounts end with it whatever way it ends, and runs beside each other don't meet. That takes root.
 */
@NullMarked
package dev.henge.chaos.process;

import org.jspecify.annotations.NullMarked;
