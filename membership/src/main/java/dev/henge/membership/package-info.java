/**
 * The token ring and the placement of partitions on nodes: pure functions.
 *
 * <p>The ring is the space of unsigned 64-bit tokens. It is cut into partitions, equal contiguous token ranges, many more
 * than nodes (strategy 3 of "Dynamo: Amazon's Highly Available Key-value Store", SOSP 2007, section 6.2). Nodes put
 * virtual tokens on the ring, and a walk from a partition's start gives its preference list.
 */
@NullMarked
package dev.henge.membership;

import org.jspecify.annotations.NullMarked;
