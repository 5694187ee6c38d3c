/**
 * Microbenchmarks of hot paths, with JMH. To run those whose names match a pattern:
 *
 * <pre>{@code
 * ./mvnw -q -pl bench -am process-test-classes exec:exec -Dbench.main=org.openjdk.jmh.Main -Dbench.arguments="ItemCodec"
 * }</pre>
 */
@NullMarked
package dev.henge.bench.micro;

import org.jspecify.annotations.NullMarked;
