/**
 * What the coordinator decides of nodes, replicas and leaderships, and how it has that carried out.
 *
 * <p>{@link dev.henge.node.coordinator.PlanStep} runs every few seconds on the node that leads the system partition. It asks
 * all nodes how they stand, makes a {@link dev.henge.membership.plan.ClusterView} of the answers and the catalog, has
 * {@link dev.henge.membership.plan.Planner} say what may begin now, and begins it: a change of a partition's replicas as a
 * target in the catalog, with the task that says why; then a leadership by asking the partition's leader. That may be its own of
 * the system partition, without which it could begin nothing more.
 *
 * <p>What runs is never remembered here: a partition with a target in the catalog is on the move. So the next coordinator goes
 * on where this one ended, and one that has been replaced without knowing it can begin nothing: its commands go through its own
 * replica of the system partition, which does not lead any more, and each names the placement that it was decided by.
 *
 * <p>Nothing here has a thread or a clock; {@code dev.henge.node.runtime} runs it in a thread, the simulation in virtual time.
 */
@NullMarked
package dev.henge.node.coordinator;

import org.jspecify.annotations.NullMarked;
