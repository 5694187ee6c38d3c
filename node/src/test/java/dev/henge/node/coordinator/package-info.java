@NullMarked
package dev.henge.node.coordinator;

import org.jspecify.annotations.NullMarked;
