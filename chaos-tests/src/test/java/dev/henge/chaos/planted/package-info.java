/**
 * Does the simulation find what it is there to find? Each {@link dev.henge.chaos.planted.PlantedBug} is a small change of
 * the production sources; the changed classes are compiled in memory and loaded in the place of the real ones, together
 * with the simulation, by a class loader of their own. So production code holds no switch, and a bug reads as what it is: a
 * diff. {@link dev.henge.chaos.planted.Hunt} runs seeds until one fails, shows that the same seed passes without the bug,
 * and that the changed place was reached.
 *
 * <p>Nothing here can quietly do nothing: a text that the source does not hold exactly once, a change that does not compile,
 * and a place that no seed reached are errors, not bugs missed.
 *
 * <p>To add one: a line in one of the lists that {@link dev.henge.chaos.planted.PlantedBugs} joins. The text to replace is
 * compared without regard to white space; the replacement says {@code PLANTED}, an expression that is true, where the bug
 * makes its difference.
 */
@NullMarked
package dev.henge.chaos.planted;

import org.jspecify.annotations.NullMarked;
