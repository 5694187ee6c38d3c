/**
 * A replica of a partition: the state machine behind the log, and the runtime that drives Raft and answers clients.
 *
 * <h2>How a write is evaluated</h2>
 *
 * The leader evaluates condition and update when the write comes in, in log order: against the image that the last write
 * in flight leaves, else against the applied item. Only the resulting mutation goes into the log, so followers just apply.
 *
 * <p>A write that succeeds is answered when its entry is applied. One that fails (condition not met, update not possible)
 * leaves no entry, and its answer tells what the item was: it is given only once that is certain, that is when the image in
 * flight it was judged by is committed, or, judged by the applied item, when this replica has confirmed that it is still
 * the leader (lease, else ReadIndex).
 *
 * <h2>Exactly once</h2>
 *
 * Each entry carries its request's id, and the state machine remembers the ids it applied with their outcomes
 * ({@link dev.henge.node.partition.RequestMemory}). A leader answers nothing before it has applied the entry that opened its
 * term, hence everything that leaders before it committed: a request that is repeated after a failover finds its outcome.
 *
 * <h2>Parts</h2>
 *
 * {@link dev.henge.node.partition.Replica} drives the Raft core and hands to its parts what is theirs: {@code Writes} carries
 * out what changes something ({@code WriteJudge} evaluates it), {@code Proposals} gathers what is to be appended,
 * {@code Confirmations} holds back what needs a sure leader, {@code RangeChanges} splits and merges ({@code WaitingTake} waits
 * for the other partition's replica, {@code ServedRange} refuses what is not the partition's), {@code GroupMembers} changes
 * the group's members ({@code MembershipRepair} says how), {@code Handover} hands leadership over, {@code IndexKeeper} keeps
 * indexes up, {@code SnapshotTransfers} sends and receives state, {@code ReplicaScrubs} compares it, {@code LogKeeper} is what
 * a replica without items has in the place of most of that.
 *
 * <h2>Threads</h2>
 *
 * All of it belongs to one event loop, but for reads: they go straight to the storage from any thread, and look at the
 * lease (or at whether the replica is usable) <em>after</em> the state was read. So do they at the range that is served,
 * which is published behind the lease.
 */
@NullMarked
package dev.henge.node.partition;

import org.jspecify.annotations.NullMarked;
