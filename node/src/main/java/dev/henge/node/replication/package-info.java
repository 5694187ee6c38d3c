/**
 * Raft as a pure function: {@link dev.henge.node.replication.RaftCore#step} takes an event and gives effects. No
 * thread, clock, disk, network or random number of its own, so a seed reproduces a run.
 *
 * <h2>What it does</h2>
 *
 * Keeps one partition's log the same on its replicas and says which prefix of it is committed: durable on a majority
 * and never to change. Ongaro and Ousterhout, "In Search of an Understandable Consensus Algorithm" (the paper), and
 * Ongaro's dissertation (the thesis) with pre-vote (9.6), loyalty to a live leader (4.2.3), check-quorum (6.2), leader
 * lease (6.4.1) and ReadIndex (6.4). The messages and their fields are in
 * {@link dev.henge.node.replication.RaftMessage}.
 *
 * <h2>What it guarantees</h2>
 *
 * The properties of figure 3 of the paper: at most one leader in a term; logs that agree at an index and term agree
 * before it; what is committed is in the log of every later leader; no two replicas ever apply different entries at one
 * index. And: a committed entry is durable on a majority; an index given for a read is not below what was committed when
 * it was asked for; while a lease holds, no other leader commits anything.
 *
 * <p>They hold under lost, doubled, late and reordered messages, under broken links in one or both directions, under
 * crashes at any moment that lose all that was not synced, under pauses of any length, and with a state machine lost on
 * a minority. The lease alone needs clocks: between two nodes they may drift apart by less than
 * {@link dev.henge.node.replication.RaftConfig#clockDriftNanosMax()} in
 * {@link dev.henge.node.replication.RaftConfig#electionTimeoutNanosMin()}; they may stand at different times. Not
 * survived: a disk that loses what it had synced, and a node that answers under another's name.
 *
 * <p>Progress needs a majority that hears each other. A node cut off comes back without disturbing the leader (pre-vote),
 * a leader cut off stops being one within two election timeouts (check-quorum).
 *
 * <h2>Choices worth knowing</h2>
 *
 * <ul>
 *   <li>The core counts its writes and is told up to which number they are durable. Index and term would not do: an entry
 *       can be truncated and come back equal while the sync of its first write is under way (figure 8).
 *   <li>Whatever speaks for a term is kept back until the term is durable here, answers to heartbeats too. So a replica
 *       with an empty log and hard state has promised nothing; any other is loyal for one election timeout after a
 *       restart, for it may be part of a lease.
 *   <li>A follower acknowledges once per sync, for all appends that the sync covered.
 *   <li>Commit indexes are not sent on their own: they travel with the next append or heartbeat.
 *   <li>Reads share rounds of heartbeats: one round is under way at a time, the reads that come meanwhile share the next.
 * </ul>
 *
 * <h2>The runtime's duties</h2>
 *
 * One event loop owns a core and its {@link dev.henge.node.replication.RaftLog}. It gives one event at a time and
 * carries out the {@link dev.henge.node.replication.Effects} before it gives the next:
 *
 * <ol>
 *   <li>{@code send}: hand over all messages, in their order per receiver. They may be lost, not invented. All of them
 *       may go at once: what must wait for this replica's disk is kept back by the core itself and comes out of the step
 *       of the {@link dev.henge.node.replication.RaftEvent.Durable} that it waited for. (A leader's appends go before
 *       its own disk has them, thesis 10.2.1; acknowledgements, votes and requests for votes never do.)
 *   <li>{@code mustSync}: the step has already changed the log object. Have everything written so far made durable, in
 *       the order of writing, and then give {@code Durable(writeSequence)} as an event of its own. Several steps may
 *       share one sync; give the last one's number. <b>Never give it early</b>: that number is all that stands between
 *       an acknowledgement and the disk. A sync that fails must stop the node; it is not tried again.
 *   <li>{@code proposal}: remember who waits for which index and term.
 *   <li>{@code commitAdvanced}: apply the entries after the applied one up to {@code commitIndex}, in order, each once,
 *       skipping those with an empty payload; store applied index <i>and its term</i> in the same batch. An entry whose
 *       term is not that of the waiting proposal is another one: the proposal failed. A damaged state machine applies
 *       nothing.
 *   <li>{@code readsReady}: answer when the applied index has reached the read's index; {@code readsFailed}: try
 *       elsewhere.
 *   <li>{@code roleChanged}: a leader that became a follower stops all snapshot transfers it was sending and answers
 *       what waits with "not leader" (the fate of a proposal is open until its index is applied here). A new leader
 *       evaluates writes and answers reads only from the moment its state machine has applied
 *       {@link dev.henge.node.replication.RaftCore#termStartIndex()}.
 *   <li>{@code snapshotsToSend}: take a snapshot at the applied index and send it, several steps long; then give
 *       {@code SnapshotSent} or {@code SnapshotFailed}. Refuse on the receiving side what
 *       {@link dev.henge.node.replication.RaftCore#acceptsSnapshot} refuses, asked again in the very turn in which the
 *       old state is replaced; make the new state durable; then give {@code SnapshotInstalled} (and
 *       {@code StateMachineRepaired}, if it was damaged), and tell the sender once the {@code Durable} of that step is
 *       in. Applying goes on after the snapshot's index.
 * </ol>
 *
 * What must never be reordered: the changes of the log among themselves; a {@code Durable} before its sync; effects of
 * one step after those of a later one. What may: everything else, in particular sending before syncing, and applying
 * before this replica's own sync.
 *
 * <p>{@code RaftLog.compactTo} may be called between steps, up to the applied index that the state machine holds
 * durably; a follower that is still behind then gets a snapshot. No other change of the log but by the core.
 *
 * <p>A strong read under the lease: read the state machine, then the clock; if the time is below
 * {@link dev.henge.node.replication.RaftCore#leaseUntilNanos()}, asked after the state was read, answer; else
 * {@link dev.henge.node.replication.RaftEvent.ReadIndex}.
 *
 * <p>An idle follower applies at most about one heartbeat interval late.
 *
 * <h2>How it is tested</h2>
 *
 * {@code RaftElectionTest}, {@code RaftReplicationTest} and {@code RaftReadTest} check one sentence of the paper or thesis
 * each, event by event. {@code RaftSimulation} runs whole groups under a seeded scheduler with all the faults above, a
 * checker beside every step, and has to find planted bugs (acknowledging before the sync, forgetting votes or loyalty,
 * a lease too long, a wrong truncation, accepting what should be refused); a failure names its seed. More of it:
 * {@code -Dhenge.raft.seeds=20000}.
 */
@NullMarked
package dev.henge.node.replication;

import org.jspecify.annotations.NullMarked;
