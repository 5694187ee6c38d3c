/** The walls between modules and packages, held by tests. */
@NullMarked
package dev.henge.chaos.architecture;

import org.jspecify.annotations.NullMarked;
