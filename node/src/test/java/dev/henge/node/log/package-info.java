@NullMarked
package dev.henge.node.log;

import org.jspecify.annotations.NullMarked;
