/**
 * The {@code henge} command line: one class per command, the embedded cluster ({@link
 * dev.henge.deploy.EmbeddedCluster}), the supervisor that {@code henge cluster} starts processes with, and the
 * settings they take from flags, environment and file.
 */
@NullMarked
package dev.henge.deploy;

import org.jspecify.annotations.NullMarked;
