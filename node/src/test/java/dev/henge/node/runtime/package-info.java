@NullMarked
package dev.henge.node.runtime;

import org.jspecify.annotations.NullMarked;
