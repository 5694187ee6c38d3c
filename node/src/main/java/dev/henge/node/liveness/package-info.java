/**
 * Which nodes vouch for which, as a pure function: {@link dev.henge.node.liveness.NodeLiveness} is told of messages, of
 * the disk and of the time, and says what to send. One per node, for all its partitions, so that a partition at rest has
 * no heartbeats of its own. The idea is CockroachDB's "store liveness" (its package page of that name).
 *
 * <h2>What it does</h2>
 *
 * Each node asks each other node for support, a few times a second. A node that is asked answers with a <i>session</i>: "I
 * support you in session S for {@link dev.henge.node.liveness.LivenessConfig#supportNanos()} from when your question
 * reached me". Support is extended in its session by every further question. When it runs out the session is
 * <i>withdrawn</i>, for ever: what follows is a new session with another number. A session belongs to one life
 * (incarnation) of the one and one life of the other. Answers travel with the questions, at once where a question comes late.
 *
 * <p>A replica that follows a leader promises it loyalty in the session that its node gives the leader's node at that
 * moment, if that is with the life of the leader's node that its message names: while the node gives that session, the replica
 * neither campaigns nor votes for another. The leader's lease
 * hangs on those sessions ({@code dev.henge.node.replication}).
 *
 * <h2>What it guarantees</h2>
 *
 * While {@link dev.henge.node.liveness.PeerSupport#receivedUntilNanos} is ahead of the asking node's clock, the other node
 * gives that session or, if it crashed, has been up again for less than {@code supportNanos}. The times of two clocks are
 * never compared: the asking node counts from the moment at which it <i>sent</i> the question, the other from the moment
 * at which it <i>received</i> it, which is later; and the asking node counts
 * {@link dev.henge.node.liveness.LivenessConfig#clockDriftNanosMax()} less. So all that is asked of the clocks is that
 * they run at nearly the same speed. It holds with messages lost, doubled, late and out of order, links broken in one
 * direction or both, and nodes that crash or stop for any time.
 *
 * <h2>The disk</h2>
 *
 * A node asks and answers only while its disk proves to write: a sync has been completed within
 * {@link dev.henge.node.liveness.LivenessConfig#diskStallNanosMax()}. When the log has nothing to sync, a small probe of
 * its directory is asked for. A node whose disk hangs so loses its support, and with it its leaders, although its
 * process and its network are well (a gray failure; Huang et al., HotOS 2017).
 *
 * <h2>The runtime's duties</h2>
 *
 * One thread at a time calls it, in the order of what happened; {@link dev.henge.node.liveness.NodeSupport} may be read by
 * any. Messages of a step are sent after it; replicas are told of {@code changed} nodes after it, by an event of their
 * own. Both may come late, not early. A session once withdrawn must be withdrawn for all replicas: they read it here and
 * keep no copy.
 *
 * <h2>How it is tested</h2>
 *
 * {@code NodeLivenessTest} checks the rules one by one; {@code RaftSimulation} and the simulated cluster in
 * {@code chaos-tests} drive it under Raft with drifting clocks, and have to find planted bugs: a session used again after
 * its withdrawal, support counted from the answer's arrival, support given without a disk.
 */
@NullMarked
package dev.henge.node.liveness;

import org.jspecify.annotations.NullMarked;
