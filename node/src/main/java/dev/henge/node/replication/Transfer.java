package dev.henge.node.replication;

/**
 * A leader's way of making another member leader (thesis, 3.10), in three parts:
 *
 * <ol>
 *   <li>The lease is extended no more, and runs out. Proposals are taken, reads are confirmed by rounds of heartbeats.
 *   <li>No proposals are taken; the target gets what it lacks, and all of it is committed.
 *   <li>The target is told to campaign at once. Its request for votes overrides the voters' loyalty.
 * </ol>
 *
 * <p>Loyalty is what a lease stands on, and threads that read may count on a lease that was published before. So the third
 * part comes only when every lease that this leader ever published is over on its own clock, the one that those threads
 * look at. From then on it has no lease in this term, even when it gives the transfer up: the target may get the message
 * late and campaign at any time.
 */
final class Transfer {

    final String target;

    /** When the last lease is over. */
    final long leaseOverNanos;

    /** When the leader gives it up. */
    final long deadlineNanos;

    /** The third part has begun. */
    boolean told;

    long tellAgainNanos;

    Transfer(String target, long leaseOverNanos, long deadlineNanos) {
        this.target = target;
        this.leaseOverNanos = leaseOverNanos;
        this.deadlineNanos = deadlineNanos;
    }

    boolean takesProposals(long nowNanos) {
        return !told && nowNanos < leaseOverNanos;
    }
}
