@NullMarked
package dev.henge.node.replication;

import org.jspecify.annotations.NullMarked;
