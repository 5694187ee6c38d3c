@NullMarked
package dev.henge.node.liveness;

import org.jspecify.annotations.NullMarked;
