/**
 * A whole cluster of production classes in one thread and in virtual time, reproduced by a seed.
 *
 * <h2>What is real</h2>
 *
 * {@link dev.henge.node.partition.Replica} with its Raft core and state machine, the write-ahead log with its file
 * format, commands, snapshots; the turns of the event loops and the support between nodes; the system partition with
 * the catalog and the coordinator's steps ({@link dev.henge.node.runtime.CoordinatorStep}): a run begins with the
 * bootstrap, and nodes open their replicas from the catalog they applied; the routers' and nodes' way to other nodes
 * ({@link dev.henge.cluster.RoutedClusterClient}), whose request ids are why a write happens once. What surrounds them
 * is simulated: time and chance ({@link dev.henge.chaos.simulation.Scheduler}), the network, disks that lose what was
 * not synced, threads, the checkpointer's pauses, catalog watches, gRPC streams.
 *
 * <p>In a fifth of the runs the coordinator plans ({@link dev.henge.node.coordinator.PlanStep}), while operators drain nodes, decommission
 * them and pause it; in half of these it merges partitions within seconds. At the end nothing is left that it would begin;
 * in some runs a node then goes and stays away while a replica moves beside one of its own, until all that it had is replaced.
 *
 * <p>Not simulated: HTTP and the API's operations, RocksDB's own files, who may join (peer gate and data directory), near reads,
 * log replicas of the system partition. No replication code reads the wall clock, so it can't jump.
 *
 * <h2>What goes wrong</h2>
 *
 * The seed decides which kinds of fault a run has (so that some runs have few and go deep) and when;
 * {@link dev.henge.chaos.simulation.Fault} names them. One node of a run, always the same one, may lose what it had
 * synced: the cluster promises nothing when a majority of a partition does.
 *
 * <h2>What clients do</h2>
 *
 * Puts, deletes, conditional puts, counters, list appends, strong and eventual reads, ranges read page by page while
 * others write, in a table that stays and in one that is deleted and created again under its name.
 *
 * <h2>What is checked</h2>
 *
 * While it runs: one leader per term, one lease at a time, all replicas commit the same entries, a new leader holds
 * all that was committed; members vote once in a term, leaders commit by counting in their own term alone, what they
 * commit is durable on a majority, and what a log counts on survives a loss of power; there is one catalog of each epoch and one cluster, and nobody goes back to an older
 * catalog; table ids grow. At the end, after everything was healed: the cluster serves again; the history, pages
 * included, is linearizable per key; no acknowledged write is lost; eventual reads showed nothing that was not written;
 * replicas hold the same bytes, and nothing of deleted tables.
 *
 * <h2>Does it bite?</h2>
 *
 * {@link dev.henge.chaos.simulation.Sabotage} breaks the cluster in known ways; a test demands that each is found.
 */
@NullMarked
package dev.henge.chaos.simulation;

import org.jspecify.annotations.NullMarked;
