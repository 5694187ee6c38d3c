@NullMarked
package dev.henge.node.snapshot;

import org.jspecify.annotations.NullMarked;
