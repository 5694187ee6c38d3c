@NullMarked
package dev.henge.chaos.simulation;

import org.jspecify.annotations.NullMarked;
