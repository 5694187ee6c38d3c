/** What makes a node of its parts: event loops, streams to the other nodes, endpoints, the coordinator, checkpoints. */
@NullMarked
package dev.henge.node.runtime;

import org.jspecify.annotations.NullMarked;
