/** Real processes that are killed while clients write. */
@NullMarked
package dev.henge.chaos.process;

import org.jspecify.annotations.NullMarked;
