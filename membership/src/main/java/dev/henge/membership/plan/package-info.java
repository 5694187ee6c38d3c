/**
 * What the coordinator decides from a snapshot of the cluster, as pure functions.
 *
 * <p>{@link dev.henge.membership.plan.Planner} takes a {@link dev.henge.membership.plan.ClusterView} and gives the
 * {@link dev.henge.membership.plan.Step}s that may begin now, each with its reason for people, and notes of what it would do and
 * can't. It keeps nothing between calls: what it began before it sees as running steps in the view. Whoever carries
 * the steps out calls it again whenever something has changed, and every few seconds.
 *
 * <p>What it promises, whatever the view shows:
 *
 * <ul>
 *   <li>A partition changes one thing at a time: no step touches a partition that another running or new step touches (but a
 *       draining node's leadership is handed over while a replica of the partition moves, and a move that can't end is given up
 *       or takes the place of a replica that is lost).
 *   <li>Redundancy is never lowered: a replica is replaced by one that is caught up first ({@code ReplaceReplica}), and one is
 *       removed only when there are more than asked for without it.
 *   <li>Nothing new goes to a node that is down, draining, being decommissioned or nearly full.
 *   <li>A partition without a leader or a majority is left alone: nothing could be replicated to change it.
 *   <li>While more than half of the nodes look down nothing moves: then it is more likely this one that is cut off.
 *   <li>At most a set number of moves run in the cluster and at any node, the most urgent first: lost replicas, then those on
 *       nodes being decommissioned, then zones, then balance.
 *   <li>It ends: when every step succeeds, a number of rounds later there is none left and all bounds of
 *       {@link dev.henge.membership.Placement} hold. Steps may fail or be abandoned at any point; the next plan begins from
 *       what there is.
 * </ul>
 *
 * <p>The property tests carry plans out on a model of a cluster, with failures, and check each of these.
 */
@NullMarked
package dev.henge.membership.plan;

import org.jspecify.annotations.NullMarked;
