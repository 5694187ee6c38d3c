/** The storage node: a process that keeps replicas of partitions. */
@NullMarked
package dev.henge.node;

import org.jspecify.annotations.NullMarked;
