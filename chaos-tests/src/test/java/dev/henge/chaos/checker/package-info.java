@NullMarked
package dev.henge.chaos.checker;

import org.jspecify.annotations.NullMarked;
