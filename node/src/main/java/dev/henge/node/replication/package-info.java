/**
 * Raft as a pure function: {@link dev.henge.node.replication.RaftCore#step} takes an event and gives effects. No
 * thread, clock, disk, network or random number of its own, so a seed reproduces a run.
 *
 * <h2>What it does</h2>
 *
 * Keeps one partition's log the same on its replicas and says which prefix of it is committed: durable on a majority
 * and never to change. Ongaro and Ousterhout, "In Search of an Understandable Consensus Algorithm" (the paper), and
 * Ongaro's dissertation (the thesis) with pre-vote (9.6), loyalty to a live leader (4.2.3), check-quorum (6.2), leader
 * lease (6.4.1), ReadIndex (6.4), changes of membership one at a time with learners (chapter 4), and transfer of leadership
 * (3.10). The messages and their fields are in
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
 * crashes at any moment that lose all that was not synced, under pauses of any length, and with a state machine lost on a
 * minority. The lease alone needs clocks: between two nodes they may drift apart by less than {@link
 * dev.henge.node.liveness.LivenessConfig#clockDriftNanosMax()} in {@link
 * dev.henge.node.liveness.LivenessConfig#supportNanos()}; they may stand at different times. Not survived: a disk that
 * loses what it had synced, and a node that answers under another's name.
 *
 * <p>Progress needs a majority that hears each other. A node cut off comes back without disturbing the leader (pre-vote),
 * a leader cut off loses the support of the other nodes, and stops being one
 * {@link dev.henge.node.replication.RaftConfig#unsupportedNanosMax()} later (check-quorum).
 *
 * <h2>Loyalty, leases and rest</h2>
 *
 * Whether nodes are alive is found out once per pair of nodes ({@link dev.henge.node.liveness}), not once per partition.
 *
 * <ul>
 *   <li>A follower that takes a leader promises it, in its answers, loyalty in the session that its node gives the leader's
 *       node at that moment, if that session is with the life of the node that the leader's message names: one that comes
 *       late, when the node is up again, binds nobody to a leader that is gone. While its node gives that session, it
 *       neither campaigns nor votes for another; what other terms it hears of makes no difference. The promise ends with
 *       the session, with a leader of a later term (whose election proves that the older lease was over), when its newest
 *       configuration does not hold that leader, or when the leader releases it.
 *   <li>The leader's {@link dev.henge.node.replication.Lease} holds while a majority of voters, itself included, is loyal:
 *       those that promised in the session that their nodes give still, as far as this node is sure of it. Any thread may
 *       ask, and the exchange between the nodes extends the leases of all partitions. A lease is of one configuration; it
 *       is revoked before the leader acts by another one, tells a successor to campaign, or becomes a follower. So it
 *       need not be waited for: who reads under it looks for the revocation last.
 *   <li>A leader that steps down releases its followers at once, and again until it has a leader itself. Else they would be
 *       loyal for as long as its node is well. So does a core that begins on the log of another, as long as it has no
 *       leader: that one may have led, and a follower that gets a late message of its is loyal once more, to the node as it
 *       is now. A core that takes the place of another in a running node as a new member has the node release them in the
 *       name of the member that is gone.
 *   <li>A leader sends what followers lack (entries, the last commit index, the question for a promise in a new session)
 *       until they have acknowledged it, and then nothing; a follower whose promise stands has no timer. A partition at
 *       rest costs nothing.
 *   <li>When support is withdrawn, replicas ask the others (pre-vote) after a short random time: many partitions lose their
 *       leader with a node. A voter that is loyal says no, so a follower that alone can't hear its leader disturbs nobody;
 *       it is led again when its node hears the leader's again, which the leader is told of as a new session.
 *   <li>A replica that starts is loyal for as long as its life before can have promised. A process makes one core per
 *       partition: a second one in the same life would know nothing of promises whose sessions go on.
 *   <li>A replica whose node's disk does not prove to write does not campaign.
 * </ul>
 *
 * <h2>Members</h2>
 *
 * <ul>
 *   <li>A {@link dev.henge.node.replication.Configuration} is an entry of the log and in force from its append, everywhere:
 *       commit, votes, lease, reads, check-quorum. Two that follow each other differ by one member, so their majorities
 *       meet; the next waits for the commit of the last, and for the leader's first commit of its own term.
 *   <li>Requests are answered whoever sends them, for a replica may not know yet who has become a member. Answers count when
 *       they are a member's. A replica campaigns while it is a voter, or may be one again if its removal is truncated.
 *   <li>A member that lost its log comes back under another generation ({@link dev.henge.node.replication.Member}): to the
 *       core that is another member. What is for another generation never reaches the core.
 *   <li>A leader that hands over revokes its lease before it tells the target, and has none in that term from then on
 *       ({@link dev.henge.node.replication.Transfer}).
 *   <li>A member whose name ends in {@code +log} keeps the log and has no state machine to speak of; it votes and counts as
 *       any other. In every majority there is a voter with a state machine that holds all up to where such a member's log
 *       begins: the leader lets it begin, and forget, no further ({@link dev.henge.node.replication.RaftCore#logBase},
 *       {@link dev.henge.node.replication.RaftCore#forgettableIndex}), and changes of members that would end it are refused
 *       ({@code docs/decisions/0016-log-replicas.md}). It campaigns last and, as a leader, takes no proposals and hands over.
 * </ul>
 *
 * <h2>Choices worth knowing</h2>
 *
 * <ul>
 *   <li>The core counts its writes and is told up to which number they are durable. Index and term would not do: an entry
 *       can be truncated and come back equal while the sync of its first write is under way (figure 8).
 *   <li>Whatever speaks for a term is kept back until the term is durable here, answers to heartbeats too. So a replica
 *       with an empty log and hard state has promised nothing.
 *   <li>A follower acknowledges once per sync, for all appends that the sync covered.
 *   <li>A commit index travels with the next append; the last one of a time of writing with a heartbeat that is repeated
 *       until it is answered.
 *   <li>Where votes take long, time-outs grow: a thousand partitions that elect at once must not undo each other's work.
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
 * <p>A strong read under the lease: read the state machine, then the clock; if the
 * {@link dev.henge.node.replication.RaftCore#lease()}, as it stood at the end of some turn, holds at that time, answer; else
 * {@link dev.henge.node.replication.RaftEvent.ReadIndex}.
 *
 * <p>{@code Tick} is given at {@link dev.henge.node.replication.RaftCore#nextTickNanos()}, asked again after every step,
 * and {@code SupportChanged} after support with a node began or ended.
 *
 * <p>An idle follower applies at most about one heartbeat interval late.
 *
 * <h2>How it is tested</h2>
 *
 * {@code RaftElectionTest}, {@code RaftReplicationTest}, {@code RaftReadTest}, {@code RaftMembershipTest}, {@code
 * RaftLogMemberTest} and {@code RaftTransferTest} check one sentence of the paper or thesis each, event by event. The files
 * of {@code src/test/resources/raft} are whole stories, with their transcripts. {@code RaftSimulation} runs whole groups
 * under a seeded scheduler with all the faults above, a checker beside every step, and has to find planted bugs
 * (acknowledging before the sync, forgetting votes or loyalty, a lease too long, a wrong truncation, accepting what should
 * be refused, a promise or a session that is not kept, support counted for too long or given without a disk, majorities of
 * the wrong members); a failure names its seed. More of it: {@code -Dhenge.raft.seeds=20000}.
 */
@NullMarked
package dev.henge.node.replication;

import org.jspecify.annotations.NullMarked;
