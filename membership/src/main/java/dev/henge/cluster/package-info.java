/**
 * The cluster as its clients see it: a cached catalog, one batched stream to each node, and requests that find the leader
 * of their partition whatever happens to it. Routers use it for everything, nodes to reach other partitions' leaders.
 *
 * <p>A write carries a request id of its own through all its attempts, and partitions remember the ids they applied, so an
 * attempt whose outcome is unknown may be repeated without applying twice.
 */
@NullMarked
package dev.henge.cluster;

import org.jspecify.annotations.NullMarked;
