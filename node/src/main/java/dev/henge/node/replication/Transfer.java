package dev.henge.node.replication;

/**
 * A leader's way of making another member leader (thesis, 3.10): it takes no proposals, waits until the target has all of
 * its log and all of that is committed, and tells the target to campaign at once. The target's request for votes overrides
 * the voters' loyalty.
 *
 * <p>Loyalty is what a lease stands on, so the leader revokes its lease before it tells the target. A thread that reads
 * looks for that last, after it has read the state: either it found the lease unrevoked, and at that time the target had
 * not been told, or it does not answer by itself. From then on the leader has no lease in this term, even when it gives
 * the transfer up: the target may get the message late, and campaign at any time. Its reads are confirmed by rounds of
 * heartbeats, as are those of any leader without a lease.
 */
final class Transfer {

    final String target;

    /** When the leader gives it up. */
    final long deadlineNanos;

    /** When the target is told once more, in case the message was lost; {@code Long.MAX_VALUE} until it was told once. */
    long tellAgainNanos = Long.MAX_VALUE;

    Transfer(String target, long deadlineNanos) {
        this.target = target;
        this.deadlineNanos = deadlineNanos;
    }

    boolean told() {
        return tellAgainNanos != Long.MAX_VALUE;
    }
}
