/**
 * The token ring and the placement of partitions on nodes: pure functions.
 *
 * <p>The ring is the space of unsigned 64-bit tokens. It is cut into partitions, equal contiguous token ranges, many more
 * than nodes (strategy 3 of "Dynamo: Amazon's Highly Available Key-value Store", SOSP 2007, section 6.2). Nodes put
 * virtual tokens on the ring, as many as their weight asks for, and a walk from a partition's start gives the order in which
 * it would rather be on them. {@link dev.henge.membership.Placement} makes of that, of where the replicas are now, and of the
 * nodes' fair shares the target that the cluster moves to. For 3 to 50 equal nodes and 16 to 1,024 ranges a join moved the
 * newcomer's share of the replicas, a leave what the leaver held, a split none to three (PlacementFigures among the tests).
 */
@NullMarked
package dev.henge.membership;

import org.jspecify.annotations.NullMarked;
