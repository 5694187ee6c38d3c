@NullMarked
package dev.henge.node;

import org.jspecify.annotations.NullMarked;
