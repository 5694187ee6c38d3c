@NullMarked
package dev.henge.node.partition;

import org.jspecify.annotations.NullMarked;
