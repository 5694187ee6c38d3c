/**
 * Judges of recorded histories: is what the clients saw explainable by a database that does one thing at a time?
 *
 * <p>A {@link dev.henge.chaos.checker.History} holds what each client called and what it got back, with times of one
 * clock. {@link dev.henge.chaos.checker.LinearizabilityChecker} judges one key after the other (linearizability is
 * local: Herlihy and Wing, 1990, theorem 1). {@link dev.henge.chaos.checker.AcknowledgedWritesChecker} asks less, in
 * linear time: is every acknowledged write in a final read? {@link dev.henge.chaos.checker.ReplicaEquality} compares
 * what replicas hold. {@link dev.henge.chaos.checker.RangePage} makes a page of a range read into reads of its keys, and
 * {@link dev.henge.chaos.checker.EventualReadsChecker} judges reads that may be stale.
 *
 * <p>Knows nothing of Henge, so that it can't share its mistakes.
 */
@NullMarked
package dev.henge.chaos.checker;

import org.jspecify.annotations.NullMarked;
