/**
 * A whole cluster of production classes in one thread and in virtual time, reproduced by a seed.
 *
 * <h2>What is real</h2>
 *
 * {@link dev.henge.node.partition.Replica} with its Raft core and state machine, the write-ahead log with its file
 * format, commands, snapshots. What surrounds them is simulated: time and chance
 * ({@link dev.henge.chaos.simulation.Scheduler}), the network, disks that lose what was not synced, the event loops'
 * threads, the checkpointer's pauses, and clients that retry as the router does.
 *
 * <h2>What goes wrong</h2>
 *
 * The seed decides which kinds of fault a run has (so that some runs have few and go deep) and when: nodes crash one
 * by one or all at once and lose what was not synced, stop for a while as a process does in a long collection, are
 * partitioned in one direction or both; messages are lost, doubled, reordered, late; disks are slow; clocks drift
 * as far as the lease allows.
 *
 * <h2>What is checked</h2>
 *
 * While it runs: one leader per term, one lease at a time, all replicas commit the same entries, a new leader holds
 * all that was committed. At the end, after everything was healed: the cluster serves again; the history is
 * linearizable per key; no acknowledged write is lost; replicas hold the same bytes.
 *
 * <h2>Does it bite?</h2>
 *
 * {@link dev.henge.chaos.simulation.Sabotage} breaks the cluster in known ways; a test demands that each is found.
 */
@NullMarked
package dev.henge.chaos.simulation;

import org.jspecify.annotations.NullMarked;
