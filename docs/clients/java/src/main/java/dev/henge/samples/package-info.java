/** Programs that use a database by the AWS SDK for Java, and check what it answers. */
@NullMarked
package dev.henge.samples;

import org.jspecify.annotations.NullMarked;
